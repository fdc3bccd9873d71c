// What a camera shows now: its picture with the people of that very picture drawn over it.
import { add, h, say } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { countIn, zonesOf } from "../lib/zones.js";
import { LiveDrawing } from "./live-drawing.js";
import { LiveVideo, playsVideo } from "./live-video.js";

/**
 * Plays a stream's live feed, with a canvas over it for what was found. Where the camera's own video is passed on and the browser can play it,
 * it does, and a look is drawn when its frame is seen. Else a message of JSON tells what a look has found, and the binary one behind it is the
 * picture of that look, so both are shown together; of a stream that shows counts alone there is no picture.
 */
export class LiveView {
  /** - `look` is told what each shown look has found, with the counts of its zones. */
  constructor(stream, page, look) {
    Object.assign(this, { stream, page, look, pending: null, ready: null, number: 0, shown: 0, isDrawing: false });
    this.picture = h("canvas", { class: "live-picture", width: 16, height: 9 });
    this.video = h("video", { class: "live-video", playsinline: true, disablepictureinpicture: true, disableremoteplayback: true, tabindex: -1, "aria-hidden": "true" });
    this.takesVideo = playsVideo();
    this.coded = new LiveVideo(this.video, {
      seen: (look, passed, ahead) => this.seen(look, passed, ahead),
      failed: () => { this.takesVideo = false; this.socket.renew(); },
    });
    this.over = h("canvas", { class: "live-over", width: 16, height: 9, "aria-hidden": "true" });
    this.words = h("p", { class: "live-words" });
    this.node = h("figure", { class: "live", role: "img", "aria-label": t("live.label") }, this.picture, this.video, this.over, this.words);
    this.drawing = new LiveDrawing(this.over);
    this.tell(t("live.connecting"));
    const resized = new ResizeObserver(() => { this.fit(); this.paint(); });
    resized.observe(this.node);
    page.after(() => { resized.disconnect(); this.coded.end(); });
    page.on(document, "themechange", () => this.paint());
  }

  /** Opens the feed, or opens it again where it is closed. Only a stream that goes on has one. */
  open() {
    if (this.socket) return this.socket.again();
    this.socket = this.page.socket(() => `/6/streams/${this.stream.stream_id}/live?fps=12${this.takesVideo ? "&video=1" : ""}`, {
      opened: () => this.show("jpeg"),
      message: (data) => (typeof data === "string" ? this.hear(JSON.parse(data)) : this.hasVideo ? this.coded.add(data) : this.see(data)),
      closed: (event) => this.closed(event),
    });
  }

  /** Says something in place of a picture; with nothing, the picture is seen. */
  tell(words) {
    say(this.words, words ?? "");
    this.node.classList.toggle("speaks", Boolean(words));
  }

  /** A feed that broke is opened again, one that said that the stream is over is not. */
  closed() {
    if (this.isEnded) return "stay";
    this.tell(t("live.lost"));
  }

  hear(message) {
    this.isEnded = message.kind === "ended";
    if (this.isEnded || message.kind === "waiting") this.show("jpeg");
    if (this.isEnded) return this.tell(message.error ?? t("live.ended"));
    if (message.kind === "waiting") return this.tell(t("live.waiting"));
    if (message.kind === "video") return this.beginVideo(message.type);
    if (message.kind) return this.begin(message);
    if (!("tracks" in message)) return;
    if (this.kind === "jpeg") this.pending = message;
    else if (this.kind === "mp4" && "video_time" in message) this.coded.look(message);
    else this.take(message, null);
  }

  /** Binary messages are coded video from here on. The picture before it stays until it is seen. */
  beginVideo(type) {
    this.hasVideo = true;
    this.pending = null;
    this.coded.begin(type);
  }
  /** A frame of the video is seen. */
  seen(look, passed, ahead) {
    this.show("mp4");
    this.tell(null);
    for (const one of passed) this.drawing.follow(one);
    this.ahead = ahead;
    if (look) this.take(look, null);
    else if (ahead && !this.isDrawing) this.paint();
  }
  /** Pictures are shown from here on, or video. */
  show(kind) {
    if (kind !== "mp4" && this.hasVideo) {
      this.hasVideo = false;
      this.coded.end();
    }
    this.node.classList.toggle("plays", kind === "mp4");
  }

  begin({ kind, width, height, zones }) {
    if (kind !== "mp4") this.show(kind);
    this.kind = kind;
    this.size = { width, height };
    this.zones = zonesOf(zones);
    this.ahead = null;
    this.drawing.forget();
    this.node.dataset.kind = kind;
    this.fit();
    if (kind === "mp4") return;
    this.picture.width = width;
    this.picture.height = height;
    this.tell(kind === "boxes" ? null : t("live.connecting"));
  }

  /** Decodes the picture of the look before it. A slow machine shows fewer, and always the latest. */
  async see(data) {
    const look = this.pending;
    this.pending = null;
    if (!look) return;
    const turn = ++this.number;
    const bitmap = await createImageBitmap(new Blob([data], { type: "image/jpeg" })).catch(() => null);
    if (!bitmap) return;
    if (turn < this.shown || this.page.isOver) return bitmap.close();
    this.shown = turn;
    this.take(look, bitmap);
  }

  take(look, bitmap) {
    this.ready?.bitmap?.close();
    this.ready = { look, bitmap };
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      const { look, bitmap } = this.ready;
      this.ready = null;
      if (bitmap) {
        if (this.picture.width !== bitmap.width || this.picture.height !== bitmap.height) { this.picture.width = bitmap.width; this.picture.height = bitmap.height; }
        this.picture.getContext("2d").drawImage(bitmap, 0, 0);
        bitmap.close();
      }
      this.tell(null);
      this.current = look;
      this.counts = this.zones.map((zone) => ({ zone, people: countIn(zone, look.tracks) }));
      this.drawing.follow(look);
      this.paint();
      this.node.setAttribute("aria-label", t("live.shows", { n: look.people_count }));
      this.look(look, this.counts);
    });
  }

  /** The upper canvas has the screen's pixels, so lines and words stay sharp whatever the size of the picture. */
  fit() {
    if (!this.size) return;
    this.node.style.setProperty("--aspect", this.size.width / this.size.height);
    const { width, height } = this.over.getBoundingClientRect();
    const ratio = devicePixelRatio;
    const across = Math.max(1, Math.round(width * ratio)), down = Math.max(1, Math.round(height * ratio));
    if (this.over.width !== across || this.over.height !== down) { this.over.width = across; this.over.height = down; }
  }

  paint() {
    if (!this.size || !this.current) return;
    const look = this.kind === "mp4" && this.ahead ? between(this.current, this.ahead) : this.current;
    this.drawing.paint(look, this.counts.map(({ zone, people }) => ({ ...zone, label: zone.kind === "droi" ? number(people) : "" })), this.size, this.kind === "boxes");
  }
}

/** A look with everybody so far on the way to where the next look finds him. */
function between(look, { look: next, share }) {
  const later = new Map(next.tracks.filter(({ id }) => id !== null).map((track) => [track.id, track.bbox]));
  const on = (from, to) => from + (to - from) * share;
  const tracks = look.tracks.map((track) => {
    const [from, to] = [track.bbox, later.get(track.id)];
    return to ? { ...track, bbox: { x: on(from.x, to.x), y: on(from.y, to.y), width: on(from.width, to.width), height: on(from.height, to.height) } } : track;
  });
  return { ...look, tracks };
}

/** The numbers beside a live view: people now, and those in each zone. */
export function liveCounts() {
  const now = h("span", { class: "count huge" }, "–");
  const zones = h("dl", { class: "zone-counts" });
  const node = add(h("div", { class: "live-counts" }), [h("p", {}, now, h("span", { class: "quiet" }, t("live.people-now"))), zones]);
  let known = "";
  return {
    node,
    show(people, counts = []) {
      say(now, people === null ? "–" : number(people));
      const inner = counts.filter(({ zone }) => zone.kind === "droi");
      const form = inner.map(({ zone }) => zone.analytic).join();
      if (form !== known) {
        known = form;
        zones.replaceChildren();
        add(zones, inner.map(({ zone }) => h("div", {}, h("dt", {}, t("live.zone", { number: zone.analytic + 1 })), h("dd"))));
      }
      for (const [index, { people }] of inner.entries()) say(zones.children[index].lastChild, number(people));
    },
  };
}
