// Drawing regions on a still, by pointer or by keys alone.
import { add, h, put, say, svg } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { dialog, segments } from "./fields.js";
import { ZoneShape, droiOf, inside, polygonsOf, roiOf } from "./zone-shape.js";

/**
 * Opens the editor. `still` is `{address, size}`, the address of a picture (or null) and the size of the source's picture (or null, then only per cent
 * can be chosen); `kind` is `roi`, one rectangle, or `droi`, polygons. `done` is given the region, or null for none.
 */
export function editZone({ title, kind, region, still, done }) {
  dialog(title, (close) => new ZoneEditor({ kind, region, still, done: (made) => { done(made); close(); }, cancel: close }).node, { wide: true });
}

class ZoneEditor {
  constructor({ kind, region, still, done, cancel }) {
    Object.assign(this, { kind, still, mode: region?.mode ?? "percent", at: null, isOpen: false });
    if (!still.size && this.mode === "abs") this.mode = "percent";
    this.shape = new ZoneShape(polygonsOf(region, kind, still.size) ?? []);
    this.drawing = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", class: "zone-drawing", onpointerdown: (event) => this.press(event), onpointermove: (event) => this.drag(event), onpointerup: () => { this.held = null; } });
    this.stage = h("div", { class: "zone-stage" }, still.address ? h("img", { src: still.address, alt: t("zone.still") }) : h("p", { class: "zone-blank" }, t("zone.no-still")), this.drawing);
    this.stage.style.setProperty("--aspect", still.size ? still.size.width / still.size.height : 16 / 9);
    this.place = h("p", { class: "quiet small", "aria-live": "polite" });
    const act = (words, work, props = {}) => h("button", { type: "button", onclick: () => { work(); this.draw(); }, ...props }, words);
    this.undo = act(t("zone.undo"), () => this.shape.undo());
    this.redo = act(t("zone.redo"), () => this.shape.redo());
    this.save = h("button", { type: "button", class: "primary", onclick: () => done(this.region()) }, t("zone.use"));
    this.node = h("div", { class: "stack zone-editor", onkeydown: (event) => this.key(event) },
      h("p", {}, t(kind === "roi" ? "zone.how-roi" : "zone.how-droi")), this.stage, this.place,
      h("div", { class: "actions" },
        act(t(kind === "roi" ? "zone.add-rectangle" : "zone.add-polygon"), () => this.addDefault()),
        this.undo, this.redo, act(t("zone.clear"), () => { this.shape.change((polygons) => { polygons.length = 0; }); this.isOpen = false; }),
        segments(t("zone.unit"), still.size ? [["percent", t("zone.percent")], ["abs", t("zone.pixels")]] : [["percent", t("zone.percent")]], this.mode, (mode) => { this.mode = mode; this.tell(); })),
      h("p", { class: "quiet small" }, t("zone.keys")),
      h("div", { class: "actions" }, this.save, h("button", { type: "button", class: "plain", onclick: cancel }, t("action.cancel"))));
    this.draw();
  }

  region() {
    if (this.shape.isEmpty) return null;
    return this.kind === "roi" ? roiOf(this.shape.polygons[0], this.mode, this.still.size) : droiOf(this.shape.polygons, this.mode, this.still.size);
  }

  addDefault() {
    const polygon = [{ x: 30, y: 30 }, { x: 70, y: 30 }, { x: 70, y: 80 }, { x: 30, y: 80 }];
    this.shape.change((polygons) => { if (this.kind === "roi") polygons.length = 0; polygons.push(polygon); });
    this.isOpen = false;
    this.at = [this.shape.polygons.length - 1, 0];
    this.isFocusWanted = true;
  }

  where(event) {
    const { left, top, width, height } = this.drawing.getBoundingClientRect();
    return { x: inside(((event.clientX - left) / width) * 100), y: inside(((event.clientY - top) / height) * 100) };
  }

  /** A press on a point takes hold of it; on the first point of a polygon that is being drawn it closes it; elsewhere it draws. */
  press(event) {
    const point = this.where(event);
    const handle = event.target.dataset?.point?.split(",").map(Number);
    event.preventDefault();
    if (handle) {
      if (this.isOpen && handle[0] === this.shape.polygons.length - 1 && handle[1] === 0 && this.shape.polygons.at(-1).length >= 3) { this.isOpen = false; this.at = handle; this.isFocusWanted = true; return this.draw(); }
      this.held = handle;
      this.at = handle;
      this.drawing.setPointerCapture(event.pointerId);
      this.isFocusWanted = true;
      this.holding = `hold ${Math.random()}`;
    } else if (this.kind === "roi") {
      this.shape.change((polygons) => { polygons.length = 0; polygons.push([point, { ...point }, { ...point }, { ...point }]); }, this.holding = `hold ${Math.random()}`);
      this.held = this.at = [0, 2];
      this.drawing.setPointerCapture(event.pointerId);
    } else {
      this.shape.change((polygons) => { if (this.isOpen) polygons.at(-1).push(point); else polygons.push([point]); });
      this.isOpen = true;
      this.at = [this.shape.polygons.length - 1, this.shape.polygons.at(-1).length - 1];
    }
    this.draw();
  }

  drag(event) {
    if (!this.held) return;
    this.move(this.held, this.where(event), this.holding);
    this.draw();
  }

  /** Moves a point; of a rectangle the corners beside it go along. */
  move([polygon, index], { x, y }, name) {
    this.shape.change((polygons) => {
      const points = polygons[polygon];
      points[index] = { x: inside(x), y: inside(y) };
      if (this.kind !== "roi") return;
      const beside = index % 2 === 0 ? [(index + 3) % 4, (index + 1) % 4] : [(index + 1) % 4, (index + 3) % 4];
      points[beside[0]].x = inside(x);
      points[beside[1]].y = inside(y);
    }, name);
  }

  key(event) {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (isUndo && !event.shiftKey) this.shape.undo();
    else if (isUndo || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y")) this.shape.redo();
    else if (event.target.dataset?.point) { if (!this.pointKey(event)) return; } else return;
    event.preventDefault();
    event.stopPropagation();
    this.isFocusWanted = true;
    this.draw();
  }

  pointKey(event) {
    const at = event.target.dataset.point.split(",").map(Number);
    const [polygon, index] = at;
    const points = this.shape.polygons[polygon], point = points[index];
    const step = event.shiftKey ? 5 : event.altKey ? 0.1 : 1;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in ways) {
      const [dx, dy] = ways[event.key];
      this.move(at, { x: point.x + dx, y: point.y + dy }, `key ${at}`);
      this.at = at;
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.shape.change((polygons) => {
        if (this.kind === "roi" || polygons[polygon].length <= 3) polygons.splice(polygon, 1);
        else polygons[polygon].splice(index, 1);
      });
      this.at = this.shape.polygons[polygon] ? [polygon, Math.max(0, index - 1)] : this.shape.polygons.length ? [0, 0] : null;
    } else if ((event.key === "+" || event.key === "Insert") && this.kind === "droi") {
      const next = points[(index + 1) % points.length];
      this.shape.change((polygons) => polygons[polygon].splice(index + 1, 0, { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 }));
      this.at = [polygon, index + 1];
    } else if (event.key === "Enter") {
      this.isOpen = false;
    } else return false;
    return true;
  }

  draw() {
    const { polygons } = this.shape;
    if (this.isOpen && !polygons.length) this.isOpen = false;
    const isLast = (index) => this.isOpen && index === polygons.length - 1;
    put(this.drawing, polygons.map((polygon, index) => svg(isLast(index) ? "polyline" : "polygon", { class: "zone-line", points: polygon.map(({ x, y }) => `${x},${y}`).join(" "), "vector-effect": "non-scaling-stroke" })));
    for (const handle of this.stage.querySelectorAll(".zone-point")) handle.remove();
    for (const [polygon, points] of polygons.entries()) {
      for (const [index, point] of points.entries()) {
        const handle = h("button", { type: "button", class: "zone-point", "data-point": `${polygon},${index}`, "aria-label": t("zone.point", { point: index + 1, polygon: polygon + 1, x: number(point.x), y: number(point.y) }),
          onpointerdown: (event) => this.press(event), onfocus: () => { this.at = [polygon, index]; this.tell(); } });
        handle.style.left = `${point.x}%`;
        handle.style.top = `${point.y}%`;
        this.stage.append(handle);
        if (this.isFocusWanted && this.at?.[0] === polygon && this.at[1] === index) handle.focus({ preventScroll: true });
      }
    }
    this.isFocusWanted = false;
    this.undo.disabled = !this.shape.past.length;
    this.redo.disabled = !this.shape.future.length;
    this.tell();
  }

  tell() {
    const point = this.at && this.shape.polygons[this.at[0]]?.[this.at[1]];
    const { size } = this.still;
    say(this.place, this.isOpen ? t("zone.drawing") : !point ? "" : this.mode === "abs" && size
      ? t("zone.at-pixels", { x: Math.round((point.x * size.width) / 100), y: Math.round((point.y * size.height) / 100) }) : t("zone.at", { x: number(point.x), y: number(point.y) }));
  }
}

/** A field of a form that holds a region: what it is, and the buttons to draw it and to take it away. `still()` gives what to draw on. */
export function zonePart(kind, { value, label, help }, still) {
  let region = value ?? null;
  const words = h("p", { class: "small" });
  const clear = h("button", { type: "button", class: "plain", onclick: () => { region = null; tell(); } }, t("action.remove"));
  const error = h("p", { class: "field-error" });
  const tell = () => {
    clear.hidden = !region;
    error.textContent = "";
    const points = region?.area?.map((polygon) => polygon.length) ?? [];
    say(words, !region ? t(`zone.none-${kind}`) : kind === "droi" ? t("zone.told-droi", { n: points.length, points: points.reduce((a, b) => a + b, 0) }) : t("zone.told-roi", { x: region.x, y: region.y, width: region.width, height: region.height, unit: region.mode === "abs" ? "px" : "%" }));
  };
  const draw = h("button", { type: "button", class: "draw-zone", "data-kind": kind, onclick: async () => {
    const on = await still();
    // Pixels are of the source's own picture: without its size they cannot be shown, and must not be lost.
    if (region?.mode === "abs" && !on.size) { error.textContent = t("zone.no-size"); return; }
    editZone({ title: label, kind, region, still: on, done: (made) => { region = made; tell(); } });
  } }, t("zone.draw"));
  tell();
  const node = add(h("div", { class: "field zone-field", role: "group", "aria-label": label }), [h("p", { class: "legend" }, label), words, help ? h("p", { class: "help" }, help) : null, h("div", { class: "actions" }, draw, clear), error]);
  return { node, read: () => region ?? undefined, fail: (path, told) => { error.textContent = told; draw.focus(); return true; } };
}
