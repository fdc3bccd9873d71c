// Events: filtered as the API filters them, with their pictures, and to be taken along.
import { add, h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { Unreachable, at, connection, get, query } from "../lib/api.js";
import { crowd, person } from "../lib/events.js";
import { nameOf } from "../lib/condition.js";
import { boundsOf, filterRow, keepInAddress, rangeFilter, readableStreams, streamFilter } from "../parts/filters.js";
import { eventItem } from "../parts/event-item.js";
import { field, segments } from "../parts/fields.js";
import { emptyState, failedState, loadingState } from "../parts/states.js";

const PAGE = 48, LOOK = 10000, NEW = 50;
/** Filters of persons alone, by the names that the API gives them. */
const TEXTS = ["tags", "user_data", "sources", "external_ids", "track_ids", "top_matching_candidates_label", "top_similar_object_similarity__gte", "face_ids", "age__gte", "age__lt"];

export async function show(view, page) {
  const streams = await readableStreams(page.signal);
  new EventsPage(view, page, streams);
}

class EventsPage {
  constructor(view, page, streams) {
    const asked = page.address.query;
    this.page = page;
    this.names = new Map(streams.map((stream) => [stream.stream_id, nameOf(stream)]));
    this.state = { stream: asked.get("stream_ids") ?? "", range: asked.get("range") ?? (asked.has("from") ? "custom" : "week"), from: asked.get("from"), to: asked.get("to"), kind: asked.get("kind") ?? "all", people: asked.get("people") ?? "" };
    for (const name of TEXTS) this.state[name] = asked.get(name) ?? "";
    const changed = () => { this.keep(); this.search(); };
    const text = (name, label, props = {}) => field(label, h("input", { type: "text", value: this.state[name], onchange: (event) => { this.state[name] = event.target.value.trim(); changed(); }, ...props }));
    this.list = h("ul", { class: "event-list event-cards" });
    this.foot = h("div", { class: "list-foot" });
    this.news = h("div", { class: "news", "aria-live": "polite" });
    this.exports = h("div", { class: "tools" });
    put(view,
      h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("events.title"))), this.exports),
      filterRow(streamFilter(streams, this.state, changed), rangeFilter(this.state, changed),
        h("div", { class: "field" }, h("span", { class: "legend" }, t("events.kind")), segments(t("events.kind"), [["all", t("events.all")], ["crowd", t("events.crowds")], ["person", t("events.persons")]], this.state.kind, (kind) => { this.state.kind = kind; changed(); })),
        text("people", t("events.people"), { type: "number", min: 1, step: 1 })),
      h("details", { class: "more-filters", open: TEXTS.some((name) => this.state[name]) }, h("summary", {}, t("events.more-filters")), h("p", { class: "help" }, t("events.more-help")), h("div", { class: "filters" }, TEXTS.map((name) => text(name, t(`events.filter.${name}`))))),
      this.news, this.list, this.foot);
    this.search();
    page.every(LOOK, () => this.look());
  }

  keep() {
    const { stream, range, from, to, kind, people } = this.state;
    keepInAddress("/events", { stream_ids: stream, range: range === "week" || range === "custom" ? "" : range, from: range === "custom" ? from : "", to: range === "custom" ? to : "", kind: kind === "all" ? "" : kind, people, ...Object.fromEntries(TEXTS.map((name) => [name, this.state[name]])) });
  }

  /** Filters as both operations take them. What only one of them knows leaves the other out. */
  filters() {
    const { from, to } = boundsOf(this.state);
    const shared = { stream_ids: this.state.stream, create_time__gte: from, create_time__lt: to };
    const texts = Object.fromEntries(TEXTS.map((name) => [name, this.state[name].split(",").map((part) => part.trim()).filter(Boolean)]));
    for (const name of ["user_data", "top_matching_candidates_label"]) texts[name] = this.state[name];
    const isOfPersons = TEXTS.some((name) => name !== "track_ids" && this.state[name]);
    const isOfCrowds = Boolean(this.state.people);
    return {
      crowd: this.state.kind === "person" || isOfPersons ? null : { ...shared, track_ids: texts.track_ids, ...(isOfCrowds ? { "event.people_count__gte:integer": this.state.people } : {}) },
      person: this.state.kind === "crowd" || isOfCrowds ? null : { ...shared, ...texts },
    };
  }

  search() {
    this.asked = this.filters();
    this.bound = null;
    this.known = new Set();
    this.newest = null;
    put(this.list);
    put(this.news);
    const link = (name, path, filters) => (filters ? ["csv", "jsonl"].map((format) => h("a", { download: `${name}.${format}`, href: at(query(path, { ...filters, format })) }, t(`events.export-${name}`, { format: format.toUpperCase() }))) : null);
    put(this.exports, h("details", { class: "menu" }, h("summary", { class: "button" }, icon("export"), t("events.export")),
      h("div", { class: "menu-body" }, link("crowds", "/6/general/events/export", this.asked.crowd), link("persons", "/6/events/export", this.asked.person))));
    this.more();
  }

  /** Events of both kinds, a list of each, as the filters have them and `more` narrows them. */
  read(more) {
    const read = async (path, filters, form) => (filters ? (await get(query(path, { ...filters, ...more }), { signal: this.page.signal })).events.map(form) : []);
    return Promise.all([read("/6/general/events", this.asked.crowd, crowd), read("/6/events", this.asked.person, person)]);
  }

  /** Says how many there are that came since the list was read. It is not changed under the reader's eyes. */
  async look() {
    const { asked, newest } = this;
    if (!newest || asked.crowd?.create_time__lt || asked.person?.create_time__lt) return;
    const found = (await this.read({ create_time__gte: newest, page_size: NEW })).flat().filter(({ id }) => !this.known.has(id));
    if (asked !== this.asked || this.page.isOver) return;
    if (found.length && !this.list.children.length) return this.search();
    const words = found.length ? t("events.new", { n: found.length }) : "";
    if (this.news.textContent !== words) put(this.news, words ? h("button", { onclick: () => this.search() }, words) : null);
  }

  /**
   * The next events of both kinds, the newest first. A list that is full may lack events of its last moment, and all before it: so only what is
   * later is shown, and the next time begins with that moment.
   */
  async more() {
    const turn = this.turn = {};
    put(this.foot, loadingState());
    try {
      const found = await this.read({ ...(this.bound ? { create_time__lt: this.bound } : {}), page_size: PAGE, order: "desc" });
      if (turn !== this.turn) return;
      const full = found.filter((list) => list.length === PAGE), isMore = full.length > 0;
      const last = full.map((list) => list.at(-1).begin).sort().at(-1) ?? "";
      const all = found.flat().sort((a, b) => b.begin.localeCompare(a.begin)), later = all.filter(({ begin }) => begin > last);
      const shown = later.length ? later : all;
      for (const { id } of shown) this.known.add(id);
      this.newest ??= shown[0]?.begin ?? new Date().toISOString();
      add(this.list, shown.map((event) => eventItem(event, this.names.get(event.stream) ?? event.source)));
      if (isMore) this.bound = new Date(Date.parse(last) + (later.length ? 1 : 0)).toISOString();
      put(this.foot, isMore ? h("button", { onclick: () => this.more() }, t("action.more")) : this.list.children.length === 0 ? emptyState(t("events.none"), t("events.none-words")) : h("p", { class: "quiet small" }, t("events.end", { n: this.list.children.length })));
    } catch (error) {
      if (turn !== this.turn || error.name === "AbortError") return;
      if (error instanceof Unreachable) connection.addEventListener("back", () => { if (turn === this.turn) this.more(); }, { once: true, signal: this.page.signal });
      put(this.foot, failedState(error.message || t("connection.none"), () => this.more()));
    }
  }
}
