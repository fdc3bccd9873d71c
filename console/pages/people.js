// People over time: by minute, hour or day, for each stream and zone, with what nobody looked at left open.
import { h, icon, put } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { dayAndHour, day, span, zone, zoneName } from "../lib/time.js";
import { get, query } from "../lib/api.js";
import { RUNNING, nameOf } from "../lib/condition.js";
import { boundsOf, filterRow, handOut, keepInAddress, rangeFilter, readableStreams, streamFilter } from "../parts/filters.js";
import { Chart } from "../parts/chart.js";
import { field, segments, select } from "../parts/fields.js";
import { emptyState, failedState, loadingState } from "../parts/states.js";

const STEPS = { "1m": 60000, "1h": 3600000, "1d": 86400000 };
const MOST = 3000, FEW = 30;

/** How many times at the beginning are left out of the chart, where nobody looked yet and would take most of it. */
function leading(series) {
  const all = series[0].counts.length, first = Math.min(...series.map(({ counts }) => counts.findIndex(({ seconds }) => seconds > 0)).filter((index) => index >= 0));
  return first > all / 2 ? Math.max(0, Math.min(first - 2, all - FEW)) : 0;
}

export async function show(view, page) {
  const streams = await readableStreams(page.signal);
  new PeoplePage(view, page, streams);
}

class PeoplePage {
  constructor(view, page, streams) {
    const asked = page.address.query;
    this.page = page;
    this.names = new Map(streams.map((stream) => [stream.stream_id, nameOf(stream)]));
    this.state = { stream: asked.get("stream_ids") ?? (streams.find(({ status }) => status === RUNNING) ?? streams[0])?.stream_id ?? "", range: asked.get("range") ?? (asked.has("from") ? "custom" : "today"), from: asked.get("from"), to: asked.get("to"), step: asked.get("step") ?? "1m", series: "all" };
    const changed = () => { this.keep(); this.read(); };
    this.chart = new Chart(page);
    this.figures = h("div", { class: "figures" });
    this.cut = h("p", { class: "quiet small" });
    this.legend = h("ul", { class: "legend-list" });
    this.choice = select({ onchange: () => { this.state.series = this.choice.value; this.show(); } }, [["all", t("people.all-zones")]]);
    this.holder = h("div");
    this.table = h("details", { class: "card" }, h("summary", {}, t("people.table")), this.rows = h("div", { class: "details-body" }));
    this.table.addEventListener("toggle", () => this.showTable());
    put(view,
      h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("people.title")), h("p", { class: "summary" }, t("shell.zone", { zone: zoneName() }))),
        h("div", { class: "tools" }, this.csv = h("button", { onclick: () => this.export() }, icon("export"), t("people.csv")))),
      filterRow(streamFilter(streams, this.state, () => { this.state.series = "all"; changed(); }), rangeFilter(this.state, changed),
        h("div", { class: "field" }, h("span", { class: "legend" }, t("people.step")), segments(t("people.step"), Object.keys(STEPS).map((step) => [step, t(`people.step.${step}`)]), this.state.step, (step) => { this.state.step = step; changed(); })),
        field(t("people.zone"), this.choice)),
      this.figures, this.holder, this.table);
    put(this.holder, loadingState());
    page.every(60000, () => this.read(true));
  }

  keep() {
    const { stream, range, from, to, step } = this.state;
    keepInAddress("/people", { stream_ids: stream, range: range === "custom" ? "" : range, from: range === "custom" ? from : "", to: range === "custom" ? to : "", step });
  }

  async read(isQuiet = false) {
    const turn = this.turn = {};
    if (!isQuiet) put(this.holder, loadingState());
    const { from, to } = boundsOf(this.state);
    const end = to ?? new Date().toISOString();
    const count = (new Date(end) - new Date(from)) / STEPS[this.state.step];
    if (count > MOST) return put(this.holder, emptyState(t("people.too-fine"), t("people.too-fine-words", { n: Math.round(count), most: MOST })));
    try {
      const { series } = await get(query("/6/counts", { stream_ids: this.state.stream, time__gte: from, time__lt: end, interval: this.state.step, time_zone: zone }), { signal: this.page.signal });
      if (turn !== this.turn) return;
      this.series = series.map(({ stream_id, analytic, droi, counts }) => ({ key: `${stream_id} ${analytic}`, stream: this.names.get(stream_id) ?? stream_id.slice(0, 8), name: `${this.state.stream ? "" : `${this.names.get(stream_id) ?? stream_id.slice(0, 8)}, `}${droi ? t("live.zone", { number: analytic + 1 }) : t("stream.whole", { number: analytic + 1 })}`, counts }));
      put(this.choice, h("option", { value: "all" }, t("people.all-zones")), this.series.map(({ key, name }) => h("option", { value: key }, name)));
      if (!this.series.some(({ key }) => key === this.state.series)) this.state.series = "all";
      this.choice.value = this.state.series;
      this.show();
    } catch (error) {
      if (turn === this.turn && error.name !== "AbortError") put(this.holder, failedState(error.message || t("connection.none"), () => this.read()));
    }
  }

  get chosen() { return this.state.series === "all" ? this.series : this.series.filter(({ key }) => key === this.state.series); }

  show() {
    const chosen = this.chosen;
    this.csv.disabled = !chosen.length;
    if (!chosen.some(({ counts }) => counts.some(({ seconds }) => seconds > 0))) {
      put(this.figures);
      put(this.rows);
      return put(this.holder, emptyState(t("people.none"), t("people.none-words")));
    }
    put(this.holder, h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, t("people.over-time")), this.legend), this.chart.node, this.chart.tip, this.cut));
    const unseen = leading(chosen), shown = unseen ? chosen.map((series) => ({ ...series, counts: series.counts.slice(unseen) })) : chosen;
    put(this.cut, unseen ? t("people.nobody-looked", { time: dayAndHour(shown[0].counts[0].time) }) : "");
    put(this.legend, chosen.slice(0, 5).map(({ name }, index) => h("li", { "data-line": index }, name)), chosen.length > 5 ? h("li", {}, t("people.more-lines", { n: chosen.length - 5 })) : null);
    this.legend.hidden = chosen.length < 2;
    this.chart.show(shown, STEPS[this.state.step]);
    const counts = chosen[0].counts.filter(({ seconds }) => seconds > 0);
    const seconds = counts.reduce((sum, count) => sum + count.seconds, 0);
    const most = counts.reduce((best, count) => (count.maximum > best.maximum ? count : best), counts[0] ?? { maximum: 0, time: 0 });
    const mean = counts.reduce((sum, count) => sum + count.mean * count.seconds, 0) / Math.max(1, seconds);
    const figure = (value, words) => h("div", {}, h("span", { class: "count" }, value), h("span", { class: "quiet" }, words));
    put(this.figures, counts.length ? [figure(number(mean, 1), t("people.mean")), figure(number(most.maximum), t("people.most", { time: dayAndHour(most.time) })), figure(span(seconds), t("people.watched"))] : null);
    this.showTable();
  }

  /** The same as a table, for those who do not see the chart; made when it is asked for. */
  showTable() {
    if (!this.table.open) return put(this.rows);
    const write = this.state.step === "1d" ? day : dayAndHour;
    const head = [t("people.time"), t("people.zone"), t("people.mean"), t("people.minimum"), t("people.maximum"), t("people.seconds")];
    put(this.rows, h("div", { class: "table-holder", tabindex: "0", role: "region", "aria-label": t("people.table") }, h("table", {}, h("thead", {}, h("tr", {}, head.map((words, index) => h("th", { scope: "col", class: index > 1 ? "number" : null }, words)))),
      h("tbody", {}, this.chosen.flatMap(({ name, counts }) => counts.filter(({ seconds }) => seconds > 0).map((count) => h("tr", {}, h("td", {}, write(count.time)), h("td", {}, name), [count.mean, count.minimum, count.maximum, count.seconds].map((value) => h("td", { class: "number" }, value === null ? "–" : number(value, 2))))))))));
  }

  export() {
    const cell = (value) => { const text = String(value ?? ""); return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : /^[=+\-@]/.test(text) && isNaN(text) ? `'${text}` : text; };
    const lines = this.chosen.flatMap(({ stream, name, counts }) => counts.map(({ time, mean, minimum, maximum, seconds }) => [stream, name, time, mean, minimum, maximum, seconds].map(cell).join(",")));
    handOut(["stream,zone,time,mean,minimum,maximum,seconds", ...lines, ""].join("\r\n"), `people-${this.state.step}.csv`, "text/csv");
  }
}
