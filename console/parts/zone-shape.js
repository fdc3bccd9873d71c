// Regions while they are drawn: polygons in per cent of the picture, with a way back.

const round = (value) => Math.round(value * 1000) / 1000;
export const inside = (value) => Math.min(100, Math.max(0, value));

/** Polygons that are being drawn, each a list of `{x, y}` in per cent. Every change can be undone. */
export class ZoneShape {
  constructor(polygons) {
    this.polygons = structuredClone(polygons);
    this.past = [];
    this.future = [];
  }

  /** Changes the polygons; the state before can be come back to. Changes with the same `name` in a row are one. */
  change(work, name = null) {
    if (name === null || name !== this.lastName) {
      this.past.push(structuredClone(this.polygons));
      if (this.past.length > 200) this.past.shift();
    }
    this.lastName = name;
    this.future = [];
    work(this.polygons);
  }

  undo() { this.swap(this.past, this.future); }
  redo() { this.swap(this.future, this.past); }

  swap(from, to) {
    if (!from.length) return;
    to.push(structuredClone(this.polygons));
    this.polygons = from.pop();
    this.lastName = null;
  }

  get isEmpty() { return !this.polygons.some((polygon) => polygon.length >= 3); }
}

/** A `droi` of polygons in per cent: in per cent, or in pixels of a picture of that size. */
export function droiOf(polygons, mode, size) {
  const scaled = ({ x, y }) => (mode === "percent" ? { x: round(x), y: round(y) } : { x: Math.round((x * size.width) / 100), y: Math.round((y * size.height) / 100) });
  return { area: polygons.filter((polygon) => polygon.length >= 3).map((polygon) => polygon.map(scaled)), mode, form: "common" };
}

/** A `roi` of the box around a polygon. */
export function roiOf(polygon, mode, size) {
  const xs = polygon.map(({ x }) => x), ys = polygon.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)], [right, bottom] = [Math.max(...xs), Math.max(...ys)];
  if (mode === "percent") return { x: round(left), y: round(top), width: round(round(right) - round(left)), height: round(round(bottom) - round(top)), mode };
  const [x, y] = [Math.round((left * size.width) / 100), Math.round((top * size.height) / 100)];
  return { x, y, width: Math.max(1, Math.round((right * size.width) / 100) - x), height: Math.max(1, Math.round((bottom * size.height) / 100) - y), mode };
}

/** Polygons in per cent of a stored region, or null where its pixels are of a picture whose size is not known. */
export function polygonsOf(region, kind, size) {
  if (!region) return [];
  if (region.mode === "abs" && !size) return null;
  const [across, down] = region.mode === "abs" ? [100 / size.width, 100 / size.height] : [1, 1];
  if (kind === "droi") return region.area.map((polygon) => polygon.map(({ x, y }) => ({ x: x * across, y: y * down })));
  const [left, top, right, bottom] = [region.x * across, region.y * down, (region.x + region.width) * across, (region.y + region.height) * down];
  return [[{ x: left, y: top }, { x: right, y: top }, { x: right, y: bottom }, { x: left, y: bottom }]];
}
