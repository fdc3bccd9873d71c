// A chart of people over time: one line for each series, the most as a shade, and gaps left open and hatched.
import { h, say } from "../lib/dom.js";
import { language, number, t } from "../lib/messages.js";
import { day, dayAndHour, hour } from "../lib/time.js";
import { color } from "./theme.js";

/** How far apart, in minutes, the times below a chart may stand. */
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080];
const DASHES = [[], [7, 4], [2, 4], [10, 3, 2, 3], [4, 8]];

export class Chart {
  constructor(page) {
    Object.assign(this, { series: [], at: null });
    this.canvas = h("canvas", { class: "chart-canvas", "aria-hidden": "true" });
    this.tip = h("p", { class: "chart-words", "aria-live": "polite" });
    this.node = h("div", { class: "chart", role: "slider", tabindex: "0", "aria-label": t("people.chart"), "aria-valuemin": 0, "aria-valuenow": 0,
      onpointermove: (event) => this.point(Math.floor(((event.clientX - this.node.getBoundingClientRect().left - this.left) / this.across) * this.length)), onpointerleave: () => this.point(null),
      onkeydown: (event) => this.key(event) }, this.canvas);
    const resized = new ResizeObserver(() => this.draw());
    resized.observe(this.node);
    page.after(() => resized.disconnect());
    page.on(document, "themechange", () => this.draw());
  }

  get length() { return this.series[0]?.counts.length ?? 0; }
  left = 44;
  get across() { return Math.max(1, this.node.clientWidth - this.left - 8); }

  /** - `series` are `{name, counts}`, all with the same times; `step` is how long each of these is, in milliseconds. */
  show(series, step) {
    this.series = series.slice(0, DASHES.length);
    this.step = step;
    this.at = null;
    this.node.setAttribute("aria-valuemax", Math.max(0, this.length - 1));
    this.draw();
    say(this.tip, "");
  }

  point(index) {
    this.at = index === null || !this.length ? null : Math.min(this.length - 1, Math.max(0, index));
    if (this.at !== null) {
      const time = this.series[0].counts[this.at].time;
      const write = this.step >= 86400000 ? day : dayAndHour;
      const words = `${write(time)}: ${this.series.map(({ name, counts }) => {
        const count = counts[this.at];
        return `${this.series.length > 1 ? `${name}: ` : ""}${count?.seconds > 0 ? t("band.seen", { mean: number(count.mean, 2), most: number(count.maximum) }) : t("band.gap")}`;
      }).join("; ")}`;
      say(this.tip, words);
      this.node.setAttribute("aria-valuenow", this.at);
      this.node.setAttribute("aria-valuetext", words);
    }
    this.draw();
  }

  key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.point(Math.min(this.length - 1, Math.max(0, (this.at ?? 0) + steps[event.key])));
  }

  draw() {
    const ratio = devicePixelRatio, { clientWidth, clientHeight } = this.node;
    if (!clientWidth || !clientHeight) return;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const left = this.left, top = 10, floor = clientHeight - 24, across = this.across;
    const most = Math.max(2, ...this.series.flatMap(({ counts }) => counts.map(({ maximum }) => maximum ?? 0)));
    const x = (index) => left + (index / Math.max(1, this.length)) * across;
    const y = (count) => floor - (count / most) * (floor - top);
    pen.font = `12px ${getComputedStyle(this.node).fontFamily}`;
    pen.fillStyle = color("ink-3");
    pen.strokeStyle = color("line");
    const rise = Math.max(1, Math.ceil(most / 5));
    for (let count = 0; count <= most; count += rise) {
      pen.beginPath();
      pen.moveTo(left, y(count));
      pen.lineTo(left + across, y(count));
      pen.stroke();
      pen.textAlign = "right";
      pen.fillText(number(count), left - 8, y(count) + 4);
    }
    pen.textAlign = "center";
    const apart = this.length * this.step * 90 / across / 60000;
    const every = MINUTES.find((minutes) => minutes >= apart) ?? MINUTES.at(-1) * Math.ceil(apart / MINUTES.at(-1));
    for (let i = 0; i < this.length; i++) {
      const time = new Date(this.series[0].counts[i].time);
      const minutes = (time - time.getTimezoneOffset() * 60000) / 60000;
      if (minutes % every) continue;
      pen.fillText(minutes % 1440 ? hour(time) : new Intl.DateTimeFormat(language, { day: "numeric", month: "short" }).format(time), x(i), clientHeight - 6);
    }
    this.hatch(pen, x, floor);
    for (const [index, { counts }] of this.series.entries()) this.line(pen, counts, index, x, y, floor);
    if (this.at !== null) { pen.fillStyle = color("ink"); pen.fillRect(x(this.at + 0.5) - 0.5, top, 1, floor - top); }
  }

  /** What none of the lines covers. */
  hatch(pen, x, floor) {
    pen.strokeStyle = color("hatch");
    for (let i = 0; i < this.length; i++) {
      if (this.series.some(({ counts }) => counts[i]?.seconds > 0)) continue;
      pen.save();
      pen.beginPath();
      pen.rect(x(i), 10, x(i + 1) - x(i), floor - 10);
      pen.clip();
      pen.beginPath();
      for (let at = Math.floor((x(i) - floor) / 8) * 8; at < x(i + 1); at += 8) { pen.moveTo(at, floor); pen.lineTo(at + floor, 0); }
      pen.stroke();
      pen.restore();
    }
  }

  line(pen, counts, index, x, y, floor) {
    if (this.series.length === 1) {
      pen.fillStyle = color("accent-soft");
      for (const [i, { seconds, maximum }] of counts.entries()) if (seconds > 0) pen.fillRect(x(i), y(maximum), x(i + 1) - x(i), floor - y(maximum));
    }
    pen.strokeStyle = index === 0 ? color("accent") : color("ink");
    pen.lineWidth = 2;
    pen.setLineDash(DASHES[index]);
    pen.beginPath();
    let isDown = false;
    for (const [i, { seconds, mean }] of counts.entries()) {
      if (!(seconds > 0)) { isDown = false; continue; }
      pen[isDown ? "lineTo" : "moveTo"](x(i), y(mean));
      pen.lineTo(x(i + 1), y(mean));
      isDown = true;
    }
    pen.stroke();
    pen.setLineDash([]);
    pen.lineWidth = 1;
  }
}
