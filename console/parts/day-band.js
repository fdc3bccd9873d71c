// A day of a stream as a band: people over time, gaps hatched, events as marks. Click or Enter asks what was at that time.
import { h, put, say } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { day, dayStart, hour } from "../lib/time.js";
import { color } from "./theme.js";

const MINUTE = 60000;

export class DayBand {
  /** - `chosen` is told the time in milliseconds, and the event that is there or null. */
  constructor(page, chosen) {
    Object.assign(this, { chosen, counts: [], events: [], at: null, start: dayStart() });
    this.canvas = h("canvas", { class: "band-canvas", "aria-hidden": "true" });
    this.tip = h("p", { class: "band-tip", "aria-hidden": "true" });
    this.node = h("div", { class: "band", role: "slider", tabindex: "0", "aria-label": t("band.label"), "aria-valuemin": 0, "aria-valuemax": 1439, "aria-valuenow": 0,
      onpointermove: (event) => this.point(this.timeAt(event)), onpointerleave: () => this.point(null),
      onclick: (event) => { this.point(this.timeAt(event)); this.choose(); }, onkeydown: (event) => this.key(event), onblur: () => this.point(null) }, this.canvas, this.tip);
    const resized = new ResizeObserver(() => this.draw());
    resized.observe(this.node);
    page.after(() => resized.disconnect());
    page.on(document, "themechange", () => this.draw());
  }

  get end() { const end = new Date(this.start); end.setDate(end.getDate() + 1); return end; }

  /** Shows a day: its counts minute by minute, as `GET /6/counts` has them, and its events. */
  show(start, counts, events) {
    this.start = start;
    this.counts = counts.map(({ time, ...rest }) => ({ at: Date.parse(time), ...rest }));
    this.events = events.map((event) => ({ ...event, at: Date.parse(event.begin), until: Date.parse(event.end) })).sort((a, b) => a.at - b.at);
    this.draw();
  }

  timeAt(event) {
    const { left, width } = this.node.getBoundingClientRect();
    return Number(this.start) + (Math.min(1, Math.max(0, (event.clientX - left) / width))) * (this.end - this.start);
  }

  point(time) {
    this.at = time;
    if (time !== null) {
      const minute = Math.floor((time - this.start) / MINUTE);
      const words = this.wordsAt(time);
      this.node.setAttribute("aria-valuenow", minute);
      this.node.setAttribute("aria-valuetext", words);
      say(this.tip, words);
      const share = (time - this.start) / (this.end - this.start);
      this.tip.style.left = `${Math.min(88, Math.max(12, share * 100))}%`;
    }
    this.node.classList.toggle("points", time !== null);
    this.draw();
  }

  wordsAt(time) {
    const count = this.counts.find(({ at }) => time >= at && time < at + MINUTE);
    const event = this.eventAt(time);
    const seen = count?.seconds > 0 ? t("band.seen", { mean: number(count.mean), most: number(count.maximum) }) : time > Date.now() ? t("band.future") : t("band.gap");
    return `${hour(time)} · ${seen}${event ? ` · ${t("band.event")}` : ""}`;
  }

  /** The event at a time, or the nearest within what a finger covers. */
  eventAt(time) {
    const reach = (this.end - this.start) / Math.max(200, this.node.clientWidth) * 5;
    let best = null, away = reach;
    for (const event of this.events) {
      const distance = time < event.at ? event.at - time : time > event.until ? time - event.until : 0;
      if (distance <= away) { best = event; away = distance; }
    }
    return best;
  }

  choose() { if (this.at !== null && this.at <= Date.now()) this.chosen(this.at, this.eventAt(this.at)); }

  key(event) {
    const steps = { ArrowLeft: -5, ArrowRight: 5, PageDown: -60, PageUp: 60 };
    const now = this.at ?? Math.min(Date.now(), Number(this.end) - 1);
    if (event.key in steps) this.point(Math.min(Number(this.end) - 1, Math.max(Number(this.start), now + steps[event.key] * MINUTE)));
    else if (event.key === "Home") this.point(Number(this.start));
    else if (event.key === "End") this.point(Math.min(Date.now(), Number(this.end) - 1));
    else if (event.key === "Enter" || event.key === " ") { this.point(now); this.choose(); } else return;
    event.preventDefault();
  }

  draw() {
    const ratio = devicePixelRatio, { clientWidth, clientHeight } = this.node;
    const width = Math.round(clientWidth * ratio), height = Math.round(clientHeight * ratio);
    if (!width || !height) return;
    if (this.canvas.width !== width || this.canvas.height !== height) { this.canvas.width = width; this.canvas.height = height; }
    const pen = this.canvas.getContext("2d");
    const marks = 12 * ratio, labels = 17 * ratio, floor = height - labels - marks;
    const x = (time) => ((time - this.start) / (this.end - this.start)) * width;
    const most = Math.max(3, ...this.counts.map(({ maximum }) => maximum ?? 0));
    const y = (count) => floor - (count / most) * (floor - 14 * ratio);
    pen.clearRect(0, 0, width, height);
    this.hatch(pen, x(this.start), x(Math.min(Date.now(), this.end)), floor, ratio);
    const [accent, soft, ink, line] = ["accent", "accent-soft", "ink-3", "line"].map(color);
    for (const { at, seconds, mean, maximum } of this.counts) {
      if (!(seconds > 0)) continue;
      const left = x(at), wide = Math.max(1, x(at + MINUTE) - left + 0.6);
      pen.fillStyle = color("surface");
      pen.fillRect(left, 0, wide, floor);
      pen.fillStyle = soft;
      pen.fillRect(left, y(maximum), wide, floor - y(maximum));
      pen.fillStyle = accent;
      pen.fillRect(left, y(mean), wide, floor - y(mean));
    }
    pen.fillStyle = line;
    pen.fillRect(0, floor, width, ratio);
    pen.font = `${11 * ratio}px ${getComputedStyle(this.node).fontFamily}`;
    const every = clientWidth > 640 ? 2 : clientWidth > 360 ? 4 : 6;
    for (let i = 0; i < 24; i += every) {
      const time = new Date(this.start);
      time.setHours(i);
      pen.fillStyle = line;
      pen.fillRect(x(time), floor, ratio, marks + 4 * ratio);
      pen.fillStyle = ink;
      pen.fillText(String(i).padStart(2, "0"), x(time) + 3 * ratio, height - 4 * ratio);
    }
    pen.fillText(number(most), 3 * ratio, 11 * ratio);
    pen.fillStyle = color("ink");
    for (const { at, until } of this.events) {
      const from = Math.max(0, x(at));
      pen.fillRect(from, floor + 3 * ratio, Math.max(2 * ratio, x(until) - from), marks - 5 * ratio);
    }
    if (this.at !== null) { pen.fillStyle = color("ink"); pen.fillRect(x(this.at), 0, ratio, height - labels); }
  }

  /** What nobody looked at: oblique lines, drawn first and covered where there are counts. */
  hatch(pen, from, to, floor, ratio) {
    if (to <= from) return;
    pen.save();
    pen.beginPath();
    pen.rect(from, 0, to - from, floor);
    pen.clip();
    pen.strokeStyle = color("hatch");
    pen.lineWidth = ratio;
    pen.beginPath();
    for (let i = from - floor; i < to; i += 7 * ratio) { pen.moveTo(i, floor); pen.lineTo(i + floor, 0); }
    pen.stroke();
    pen.restore();
  }
}

/** The head of a band: which day it shows, and the days beside it. */
export function dayChooser(go) {
  const words = h("span", { class: "day-words", "aria-live": "polite" });
  const later = h("button", { class: "plain square", "aria-label": t("band.next") }, "›");
  const node = h("div", { class: "day-chooser" }, h("button", { class: "plain square", "aria-label": t("band.previous"), onclick: () => step(-1) }, "‹"), words, later);
  later.onclick = () => step(1);
  let start = dayStart();
  const step = (days) => {
    const next = new Date(start);
    next.setDate(next.getDate() + days);
    start = next;
    tell();
    go(start);
  };
  const tell = () => {
    const isToday = Number(start) === Number(dayStart());
    put(words, isToday ? t("band.today", { day: day(start) }) : day(start));
    later.disabled = isToday;
  };
  tell();
  return node;
}
