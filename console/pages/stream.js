// One stream: what it shows now, its day, what it tells, and how it fares.
import { h, icon, put, say } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { dayStart, timeTag, whole } from "../lib/time.js";
import { all, get, patch, query, remove, replace } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { DONE, FAILED, PENDING, RUNNING, STOPPED, condition, conditionSentence, nameOf, statusWord } from "../lib/condition.js";
import { crowd, findEvent, person } from "../lib/events.js";
import { bodyOf } from "../lib/stream-body.js";
import { LiveView, liveCounts } from "../parts/live-view.js";
import { DayBand, dayChooser } from "../parts/day-band.js";
import { eventItem, showEvent } from "../parts/event-item.js";
import { showMoment } from "../parts/moment.js";
import { confirm, select } from "../parts/fields.js";
import { emptyState } from "../parts/states.js";
import { attempt, note } from "../parts/shell.js";

const SHOWN = 30;

export async function show(view, page) {
  const stream = await get(`/6/streams/${page.address.id}`, { signal: page.signal });
  new StreamPage(view, page, stream);
}

class StreamPage {
  constructor(view, page, stream) {
    Object.assign(this, { page, stream, id: stream.stream_id, day: dayStart(), series: [], chosen: 0, known: new Set(), dayEvents: new Map() });
    this.title = h("h1", {}, nameOf(stream));
    this.pill = h("span", { class: "pill" });
    this.words = h("p", { class: "summary" });
    this.actions = h("div", { class: "tools" });
    this.counts = liveCounts();
    this.live = new LiveView(stream, page, (look, zones) => this.counts.show(look.people_count, zones));
    this.band = new DayBand(page, (time, event) => (event ? showEvent(event) : showMoment(this.stream, time)));
    this.choice = select({ "aria-label": t("stream.series"), onchange: () => { this.chosen = Number(this.choice.value); this.showBand(); } }, []);
    this.events = h("ul", { class: "event-list" });
    this.none = h("div");
    this.log = h("ul", { class: "log" });
    this.facts = h("dl", { class: "facts" });
    const readsEvents = may("event");
    put(view,
      h("header", { class: "page-head" }, h("div", {}, h("a", { class: "back", href: "#/streams" }, icon("left"), t("nav.streams")), h("div", { class: "title-line" }, this.title, this.pill), this.words), this.actions),
      h("div", { class: "stream-grid" },
        h("div", { class: "stack" }, this.live.node,
          readsEvents ? h("section", { class: "card band-card" }, h("div", { class: "card-head" }, h("h2", {}, t("band.title")), this.choice, dayChooser((day) => { this.day = day; this.readDay(); })), this.band.node,
            h("p", { class: "quiet small" }, t("band.legend"))) : null),
        h("aside", { class: "stack" }, this.counts.node,
          readsEvents ? h("section", { class: "card events-card" }, h("div", { class: "card-head" }, h("h2", {}, t("stream.events")), h("a", { href: `#/events?stream_ids=${this.id}`, class: "small" }, t("stream.all-events"))), this.events, this.none) : null)),
      h("div", { class: "two" },
        h("section", { class: "card" }, h("h2", {}, t("stream.about")), this.facts),
        h("section", { class: "card" }, h("h2", {}, t("stream.log")), this.log)));
    this.refresh = page.every(3000, () => this.read(), (error) => { if (error.status === 404) location.hash = "#/streams"; });
    this.readLog = page.every(15000, () => this.readRecords());
    if (readsEvents) {
      this.readDay = page.every(60000, () => this.fetchDay());
      page.every(600000, () => this.readLatest());
    }
    this.openFeeds();
    this.update();
  }

  /** What is told live of a stream that goes on. Both feeds end with it, and begin anew when it does. */
  openFeeds() {
    if (!this.isGoingOn) return;
    this.live.open();
    if (!may("event")) return;
    if (this.feed) { this.handled?.again(); return this.feed.again(); }
    // Whom a handler is given, it makes events of after the stream has.
    if (this.stream.analytics.some(({ parameters }) => parameters?.parameters?.handler_id)) this.handled = this.page.socket(`/6/ws?stream_ids=${this.id}`, { message: (data) => this.place(JSON.parse(data).event.event_id, "person") });
    this.feed = this.page.socket(`/6/streams/${this.id}/ws?after=now`, { message: (data) => this.heard(JSON.parse(data)), closed: () => (this.isGoingOn ? null : "stay") });
  }

  get isGoingOn() { return [PENDING, RUNNING].includes(this.stream.status); }

  async read() {
    const before = this.stream.status;
    this.stream = await get(`/6/streams/${this.id}`, { signal: this.page.signal });
    if (before !== this.stream.status) {
      this.openFeeds();
      this.readLog();
    }
    this.update();
  }

  update() {
    const { stream } = this;
    const state = condition(stream);
    say(this.title, nameOf(stream));
    say(this.pill, statusWord(stream.status));
    this.pill.dataset.level = state.level;
    say(this.words, state.level > 0 || stream.status === DONE ? conditionSentence(state) : stream.description);
    this.counts.node.hidden = !this.isGoingOn;
    if (!this.isGoingOn) { this.counts.show(null); this.live.tell(conditionSentence(state)); }
    const form = `${stream.status} ${stream.version}`;
    if (form === this.form) return;
    this.form = form;
    this.showActions();
    this.showFacts();
  }

  showActions() {
    const { stream } = this;
    const isMine = owns(stream), can = (action) => isMine && may("video_stream", action);
    const act = (words, work) => h("button", { onclick: (event) => attempt(event.currentTarget, async () => { await work(); await this.read(); }) }, words);
    put(this.actions,
      can("modification") && [PENDING, RUNNING].includes(stream.status) ? act(t("stream.stop"), () => patch(`/6/streams/${this.id}?action=stop`)) : null,
      can("modification") && stream.status === STOPPED ? act(t("stream.resume"), () => patch(`/6/streams/${this.id}?action=resume`)) : null,
      can("modification") && [DONE, FAILED].includes(stream.status) ? act(t(stream.status === DONE ? "stream.again" : "stream.try-again"), () => replace(`/6/streams/${this.id}`, bodyOf(stream))) : null,
      can("modification") ? h("a", { class: "button", href: `#/streams/${this.id}/edit` }, t("action.edit")) : null,
      can("deletion") ? h("button", { class: "plain", onclick: () => confirm(t("stream.delete-title", { name: nameOf(stream) }), t("stream.delete-words"), t("action.delete"),
        (button) => attempt(button, async () => { await remove(`/6/streams/${this.id}`); location.hash = "#/streams"; note(t("stream.deleted")); })) }, t("action.delete")) : null);
  }

  showFacts() {
    const { stream } = this;
    const facts = [
      ["stream.address", h("span", { class: "mono" }, stream.data.reference)],
      ["stream.type", t(`stream.type.${stream.data.type}`)],
      ["stream.analytics", stream.analytics.map(({ analytic_name: name }) => name).join(", ")],
      ["stream.privacy", stream.privacy ? t(`privacy.${stream.privacy.mode}`) : t("privacy.none")],
      ["stream.groups", stream.groups.join(", ")],
      ["stream.location", Object.values(stream.location).filter((part) => typeof part === "string").join(", ")],
      ["stream.autorestart", stream.autorestart.restart ? t("stream.autorestart-on", { n: stream.autorestart.attempt_count, delay: stream.autorestart.delay }) : t("stream.autorestart-off")],
      ["stream.created", timeTag(stream.create_time, whole)],
      ["stream.version", number(stream.version)],
      ["stream.id", h("span", { class: "mono" }, stream.stream_id)],
    ];
    put(this.facts, facts.filter(([, value]) => value !== "").map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)]));
  }

  async readRecords() {
    const { logs } = await get(query("/6/streams/logs", { stream_ids: this.id, page_size: 20 }), { signal: this.page.signal });
    put(this.log, logs.map(({ status, error, log_time }) => h("li", {}, timeTag(log_time), h("strong", {}, statusWord(status)), error ? h("span", {}, error) : null)));
  }

  // ---- the day

  async fetchDay() {
    const start = this.day, end = new Date(start);
    end.setDate(end.getDate() + 1);
    const options = { signal: this.page.signal };
    if (this.shownDay !== start) this.dayEvents = new Map();
    this.shownDay = start;
    // Events of a day are read once, later only those that may have changed since.
    const known = Math.max(start, ...[...this.dayEvents.values()].map(({ begin }) => Date.parse(begin) - 900000));
    const bounds = { create_time__gte: new Date(known).toISOString(), create_time__lt: end.toISOString(), stream_ids: this.id };
    const [{ series }, crowds, persons] = await Promise.all([
      get(query("/6/counts", { stream_ids: this.id, time__gte: start.toISOString(), time__lt: new Date(Math.min(end, Date.now() + 60000)).toISOString(), interval: "1m" }), options),
      all(query("/6/general/events", bounds), "events", options),
      all(query("/6/events", bounds), "events", options),
    ]);
    if (start !== this.day) return this.readDay();
    this.series = series;
    for (const event of [...crowds.map(crowd), ...persons.map(person)]) this.dayEvents.set(event.id, event);
    put(this.choice, series.map(({ analytic, droi }, index) => h("option", { value: index }, droi ? t("live.zone", { number: analytic + 1 }) : t("stream.whole", { number: analytic + 1 }))));
    this.choice.value = this.chosen;
    this.choice.hidden = series.length < 2;
    this.showBand();
  }

  showBand() { this.band.show(this.day, this.series[this.chosen]?.counts ?? [], [...this.dayEvents.values()]); }

  // ---- events as they come

  async readLatest() {
    const options = { signal: this.page.signal };
    const [crowds, persons] = await Promise.all([
      get(query("/6/general/events", { stream_ids: this.id, page_size: SHOWN }), options), get(query("/6/events", { stream_ids: this.id, page_size: SHOWN }), options)]);
    const latest = [...crowds.events.map(crowd), ...persons.events.map(person)].sort((a, b) => b.begin.localeCompare(a.begin)).slice(0, SHOWN);
    for (const event of latest) this.known.add(event.id);
    put(this.events, latest.map((event) => eventItem(event)));
    put(this.none, latest.length ? null : emptyState(t("events.none"), t("stream.no-events")));
  }

  /** Each beginning brings an event to the top of the list; each end shows it as it came to be. */
  async heard({ phase, analytics_results: results }) {
    if (!phase || !results) return;
    for (const [result, { event_id: id }] of Object.entries(results)) if (id) await this.place(id, result === "crowd" ? "crowd" : "person");
  }

  async place(id, kind) {
    const event = await findEvent(id, { signal: this.page.signal }, kind).catch(() => null);
    if (!event || this.page.isOver) return;
    const item = eventItem(event, null, !this.known.has(id));
    item.dataset.id = id;
    const there = [...this.events.children].find((child) => child.dataset.id === id);
    if (there) { if (!there.contains(document.activeElement)) there.replaceWith(item); } else this.events.prepend(item);
    this.known.add(id);
    put(this.none);
    while (this.events.children.length > SHOWN) this.events.lastChild.remove();
  }
}
