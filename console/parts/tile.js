// One stream on the page of all: its picture, how it fares, and how many people it shows now.
import { h, icon, say } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { ago, whole } from "../lib/time.js";
import { RUNNING, condition, conditionSentence, hidesPictures, nameOf } from "../lib/condition.js";

export class Tile {
  constructor(stream) {
    this.id = stream.stream_id;
    this.image = h("img", { alt: "", class: "tile-picture", decoding: "async" });
    this.blank = h("span", { class: "tile-blank" });
    this.count = h("span", { class: "count" });
    this.name = h("a", { href: `#/streams/${this.id}`, class: "tile-name" });
    this.words = h("p", { class: "tile-words" });
    this.pace = h("span");
    this.last = h("span");
    this.counted = null;
    this.node = h("article", { class: "tile" },
      h("div", { class: "tile-stage" }, this.blank, this.image,
        this.figure = h("p", { class: "tile-count" }, this.count, h("span", { class: "unseen" }, t("tile.people")), icon("person"))),
      h("div", { class: "tile-text" }, h("h3", {}, this.name), this.words, h("p", { class: "tile-facts" }, this.pace, this.last)));
    this.show(null);
    this.update(stream);
  }

  /** Pixels of the picture's width that are worth asking for. */
  get width() { return Math.min(960, Math.max(160, Math.round((this.node.clientWidth || 320) * devicePixelRatio / 80) * 80)); }
  get wants() { return this.stream.status === RUNNING && !hidesPictures(this.stream) && !this.stream.health?.reasons.some(({ reason }) => reason === "reconnecting"); }

  update(stream) {
    this.stream = stream;
    const state = condition(stream);
    say(this.name, nameOf(stream));
    say(this.words, state.level === 0 && stream.status === RUNNING ? "" : conditionSentence(state));
    if (this.node.dataset.level !== String(state.level)) this.node.dataset.level = state.level;
    if (!this.wants) this.picture(null);
    say(this.blank, hidesPictures(stream) ? t("tile.counts-only") : stream.status === RUNNING ? t("tile.no-picture") : state.words === this.words.textContent ? t("tile.not-running") : state.words);
    if (stream.status !== RUNNING) { this.counted = null; this.pacing(null); }
  }

  /** Frames a second and people, as the counters tell them; a picture that tells its own count goes before. */
  pacing(rate) {
    say(this.pace, rate ? t("tile.fps", { fps: number(rate.fps, rate.fps < 10 ? 1 : 0) }) : "");
    this.show(this.counted ?? rate?.people ?? null);
  }

  show(people) {
    this.people = people;
    say(this.count, people === null ? "" : number(people));
    this.figure.hidden = people === null;
  }

  told(event) {
    say(this.last, t(event.people === null ? "tile.last-person" : "tile.last-crowd", { n: event.people ?? 1, ago: ago(event.time) }));
    if (this.last.title !== event.time) this.last.title = whole(event.time);
  }

  picture(blob, headers) {
    if (!blob) return this.forget();
    const old = this.address;
    this.address = URL.createObjectURL(blob);
    this.image.src = this.address;
    this.node.classList.add("has-picture");
    if (old) this.image.addEventListener("load", () => URL.revokeObjectURL(old), { once: true });
    const told = headers.get("X-Sightline-People-Count");
    if (told !== null) this.show(this.counted = Number(told));
  }

  forget() {
    if (!this.address) return;
    URL.revokeObjectURL(this.address);
    this.address = null;
    this.image.removeAttribute("src");
    this.node.classList.remove("has-picture");
  }
}
