// All streams: what needs somebody first and in words, then every stream as a tile.
import { h, icon, put, say, soon } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { replace } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { FAILED, RUNNING, byUrgency, condition, conditionSentence, level, nameOf } from "../lib/condition.js";
import { StreamWatch } from "../lib/watch.js";
import { Previews } from "../lib/previews.js";
import { bodyOf } from "../lib/stream-body.js";
import { Tile } from "../parts/tile.js";
import { emptyState } from "../parts/states.js";
import { select } from "../parts/fields.js";
import { attempt } from "../parts/shell.js";

const TOLD = 6;

export async function show(view, page) {
  const watch = new StreamWatch(page);
  await new Promise((known) => {
    watch.addEventListener("streams", known, { once: true });
    page.after(known);
  });
  if (page.isOver) return;
  if (watch.error && !watch.isKnown) throw watch.error;
  if (watch.streams.size === 0) return showNone(view, page);
  new StreamsPage(view, page, watch);
}

async function showNone(view, page) {
  if (!may("video_stream", "creation")) return put(view, h("h1", {}, t("streams.title")), emptyState(t("streams.none"), t("streams.none-here")));
  const { show } = await import("./stream-edit.js");
  page.address.isFirst = true;
  await show(view, page);
}

class StreamsPage {
  constructor(view, page, watch) {
    Object.assign(this, { page, watch, tiles: new Map(), order: "", group: page.address.query.get("group") ?? "", words: "" });
    this.previews = new Previews(page);
    this.summary = h("p", { class: "summary" });
    this.figure = h("p", { class: "big-figure" });
    this.problems = h("section", { class: "problems", "aria-label": t("streams.problems") });
    this.grid = h("div", { class: "tiles" });
    this.nothing = h("div");
    this.search = h("input", { type: "search", placeholder: t("streams.search"), "aria-label": t("streams.search"), oninput: () => { this.words = this.search.value.toLowerCase(); this.arrange(); } });
    this.groups = select({ "aria-label": t("streams.group"), onchange: () => { this.group = this.groups.value; this.arrange(); } }, [["", t("streams.all-groups")]]);
    const isWall = page.address.query.has("wall");
    const wall = h("a", { class: "button to-wall", href: isWall ? "#/streams" : "#/streams?wall" }, icon("wall"), t(isWall ? "streams.leave-wall" : "streams.wall"));
    put(view,
      h("header", { class: "page-head" },
        h("div", {}, h("h1", {}, t("streams.title")), this.summary),
        this.figure,
        h("div", { class: "tools" }, this.search, this.groups, wall, may("video_stream", "creation") && !isWall ? h("a", { class: "button primary", href: "#/streams/new" }, icon("add"), t("streams.add")) : null)),
      this.problems, this.grid, this.nothing);
    page.on(watch, "streams", () => this.update());
    page.on(watch, "rates", () => this.paced());
    page.on(watch, "events", () => this.told());
    this.update();
  }

  update() {
    const { streams } = this.watch;
    for (const [id, tile] of this.tiles) {
      if (streams.has(id)) continue;
      this.previews.unwatch(tile.node);
      tile.node.remove();
      this.tiles.delete(id);
    }
    const groups = [...new Set([...streams.values()].flatMap((stream) => stream.groups))].sort();
    const known = groups.join("\n");
    if (this.knownGroups !== known) {
      this.knownGroups = known;
      put(this.groups, h("option", { value: "" }, t("streams.all-groups")), groups.map((name) => h("option", { value: name }, name)));
      this.groups.value = groups.includes(this.group) ? this.group : "";
      this.groups.hidden = groups.length === 0;
    }
    this.arrange();
    soon(() => this.summarise());
  }

  /** Puts the tiles that fit the filters in their order; each is made or changed in its own turn, so that hundreds hold up nothing. */
  arrange() {
    const fitting = byUrgency([...this.watch.streams.values()]
      .filter((stream) => (!this.group || stream.groups.includes(this.group)) && nameOf(stream).toLowerCase().includes(this.words)));
    const order = fitting.map((stream) => stream.stream_id).join(" ");
    const isMoved = order !== this.order;
    this.order = order;
    const wanted = new Set(fitting.map((stream) => stream.stream_id));
    if (isMoved) for (const [id, tile] of this.tiles) if (!wanted.has(id)) { this.previews.rest(tile.node); tile.node.remove(); }
    for (const [place, stream] of fitting.entries()) {
      soon(() => {
        if (this.page.isOver || this.order !== order) return;
        let tile = this.tiles.get(stream.stream_id);
        if (!tile) {
          tile = new Tile(stream);
          this.tiles.set(stream.stream_id, tile);
          this.previews.watch(tile.node, tile);
          const event = this.watch.lastEvents.get(stream.stream_id);
          if (event) tile.told(event);
        } else tile.update(stream);
        const there = this.grid.children[place];
        if (there !== tile.node) {
          // Moving a node takes the focus from what is in it.
          const focused = tile.node.contains(document.activeElement) ? document.activeElement : null;
          this.grid.insertBefore(tile.node, there ?? null);
          this.previews.eye.observe(tile.node);
          focused?.focus({ preventScroll: true });
        }
      });
    }
    put(this.nothing, fitting.length === 0 ? emptyState(t("streams.no-match"), t("streams.no-match-words")) : null);
  }

  paced() {
    for (const [id, tile] of this.tiles) soon(() => tile.pacing(this.watch.rates.get(id) ?? null));
    soon(() => this.summarise());
  }

  told() {
    for (const [id, event] of this.watch.lastEvents) soon(() => this.tiles.get(id)?.told(event));
  }

  summarise() {
    const streams = [...this.watch.streams.values()];
    const running = streams.filter((stream) => stream.status === RUNNING);
    const bad = byUrgency(streams.filter((stream) => level(stream) > 0));
    say(this.summary, [t("streams.running", { n: streams.length, running: running.length }), bad.length ? t("streams.need", { n: bad.length }) : t("streams.all-well")].join(" "));
    const counted = [...this.tiles.values()].filter((tile) => tile.people !== null && tile.people !== undefined);
    put(this.figure, counted.length ? [h("span", { class: "count" }, number(counted.reduce((sum, tile) => sum + tile.people, 0))), h("span", { class: "quiet" }, t("streams.in-sight"))] : null);
    const told = bad.slice(0, TOLD).map((stream) => [stream, condition(stream)]);
    const words = told.map(([stream, state]) => nameOf(stream) + conditionSentence(state)).join() + bad.length;
    if (words === this.toldWords) return;
    this.toldWords = words;
    put(this.problems, told.length ? [h("h2", {}, icon("problem"), t("streams.need", { n: bad.length })), h("ul", {}, told.map(([stream, state]) => this.problem(stream, state))),
      bad.length > TOLD ? h("p", { class: "quiet" }, t("streams.more-problems", { n: bad.length - TOLD })) : null] : null);
  }

  problem(stream, state) {
    const again = stream.status === FAILED && may("video_stream", "modification") && owns(stream)
      ? h("button", { onclick: (event) => attempt(event.currentTarget, async () => { await replace(`/6/streams/${stream.stream_id}`, bodyOf(stream)); this.watch.refresh(); }) }, t("stream.try-again"), h("span", { class: "unseen" }, nameOf(stream))) : null;
    return h("li", { "data-level": state.level }, h("a", { href: `#/streams/${stream.stream_id}` }, nameOf(stream)), h("p", {}, conditionSentence(state)), again);
  }
}
