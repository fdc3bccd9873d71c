// What is drawn over a live picture: zones, where people walked, boxes with their corners marked, and their numbers.
import { color } from "./theme.js";

/** Those whom one tracker follows have numbers that lie so far from those of the next. */
const TRACKER = 1000000;
const TAIL = 40;
const KEPT = 1.5;

export class LiveDrawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.tails = new Map();
  }

  forget() { this.tails.clear(); this.before = undefined; }

  /** Remembers where feet were. Whoever is not seen for a while is forgotten, and so is all when time goes back. */
  follow({ time_offset: now, tracks }) {
    if (this.before > now) this.forget();
    this.before = now;
    for (const { id, bbox } of tracks) {
      if (id === null) continue;
      const tail = this.tails.get(id) ?? { points: [] };
      tail.seen = now;
      tail.points.push({ x: bbox.x + bbox.width / 2, y: bbox.y + bbox.height });
      if (tail.points.length > TAIL) tail.points.shift();
      this.tails.set(id, tail);
    }
    for (const [id, tail] of this.tails) if (now - tail.seen > KEPT) this.tails.delete(id);
  }

  /** Draws a look. `size` is that of the picture in which its boxes are measured. */
  paint({ tracks }, zones, size, isStage) {
    const pen = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    const scale = width / size.width;
    const line = Math.max(1.5, width / 620);
    const box = color("box"), zone = color("zone");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (isStage) this.stage(pen, width, height);
    pen.lineJoin = pen.lineCap = "round";
    const letters = Math.max(12 * devicePixelRatio, width / 64);
    pen.font = `600 ${letters}px ${getComputedStyle(this.canvas).fontFamily}`;
    for (const { polygons, kind, label } of zones) {
      for (const [index, polygon] of polygons.entries()) {
        this.path(pen, polygon, scale, true);
        pen.setLineDash(kind === "roi" ? [line * 4, line * 3] : []);
        pen.strokeStyle = zone;
        pen.lineWidth = line;
        pen.stroke();
        if (kind === "droi") { pen.globalAlpha = 0.1; pen.fillStyle = zone; pen.fill(); pen.globalAlpha = 1; }
        if (index === 0 && label) this.label(pen, label, Math.min(...polygon.map(({ x }) => x)) * scale, Math.min(...polygon.map(({ y }) => y)) * scale + letters * 1.5, zone, letters);
      }
    }
    pen.setLineDash([]);
    pen.strokeStyle = box;
    for (const { points } of this.tails.values()) {
      for (let i = 1; i < points.length; i++) {
        pen.globalAlpha = 0.75 * (i / points.length);
        pen.lineWidth = line * 1.4;
        pen.beginPath();
        pen.moveTo(points[i - 1].x * scale, points[i - 1].y * scale);
        pen.lineTo(points[i].x * scale, points[i].y * scale);
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
    for (const { id, bbox, state } of tracks) {
      const [x, y, w, h] = [bbox.x * scale, bbox.y * scale, bbox.width * scale, bbox.height * scale];
      pen.globalAlpha = state === "missed" || state === "uncounted" ? 0.55 : 1;
      pen.strokeStyle = box;
      pen.lineWidth = line * 0.6;
      pen.strokeRect(x, y, w, h);
      this.corners(pen, x, y, w, h, Math.min(w, h) * 0.28, line * 2);
      if (id !== null) this.label(pen, `${id % TRACKER}`, x - line, y, box, letters);
    }
    pen.globalAlpha = 1;
  }

  /** A floor to stand on, where no picture may be shown. */
  stage(pen, width, height) {
    pen.strokeStyle = "rgb(255 255 255 / 0.09)";
    pen.lineWidth = 1;
    pen.beginPath();
    for (let i = 1; i < 12; i++) { pen.moveTo((width * i) / 12, 0); pen.lineTo((width * i) / 12, height); }
    for (let i = 1; i < 7; i++) { pen.moveTo(0, (height * i) / 7); pen.lineTo(width, (height * i) / 7); }
    pen.stroke();
  }

  path(pen, points, scale, isClosed) {
    pen.beginPath();
    for (const [index, { x, y }] of points.entries()) pen[index ? "lineTo" : "moveTo"](x * scale, y * scale);
    if (isClosed) pen.closePath();
  }

  corners(pen, x, y, w, h, arm, line) {
    pen.lineWidth = line;
    pen.beginPath();
    for (const [cx, cy, dx, dy] of [[x, y, 1, 1], [x + w, y, -1, 1], [x + w, y + h, -1, -1], [x, y + h, 1, -1]]) {
      pen.moveTo(cx, cy + dy * arm);
      pen.lineTo(cx, cy);
      pen.lineTo(cx + dx * arm, cy);
    }
    pen.stroke();
  }

  label(pen, words, x, y, fill, letters) {
    const across = pen.measureText(words).width + letters * 0.7;
    const top = Math.max(0, y - letters * 1.35);
    pen.fillStyle = fill;
    pen.fillRect(x, top, across, letters * 1.35);
    pen.fillStyle = "#06120f";
    pen.fillText(words, x + letters * 0.35, top + letters * 1.03);
  }
}
