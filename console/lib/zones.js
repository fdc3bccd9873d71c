// Regions of a stream's analytics, in pixels of the picture as a player shows it.

/** `{analytic, kind, polygons}` of each region that a live feed tells of, one polygon a member, so that those of one region stand together. */
export function zonesOf(told) {
  const zones = new Map();
  for (const { index, kind, points } of told ?? []) {
    const key = `${index} ${kind}`;
    if (!zones.has(key)) zones.set(key, { analytic: index, kind, polygons: [] });
    zones.get(key).polygons.push(points.map(([x, y]) => ({ x, y })));
  }
  return [...zones.values()];
}

/** Whether a point lies in a polygon, by the even-odd rule. */
export function isInside({ x, y }, polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const a = polygon[i], b = polygon[j];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** How many boxes are centred in a zone, which is what counts for a `droi`. */
export const countIn = (zone, tracks) =>
  tracks.filter(({ bbox, state }) => state !== "uncounted" && zone.polygons.some((polygon) => isInside({ x: bbox.x + bbox.width / 2, y: bbox.y + bbox.height / 2 }, polygon))).length;
