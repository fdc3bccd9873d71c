// Regions of a stream's analytics, in pixels of the picture as a player shows it.

/** `{analytic, kind, polygons, label}` of each region of a stream, for a picture of that size. A `roi` is one rectangle, a `droi` one or more polygons. */
export function zonesOf(stream, width, height) {
  return stream.analytics.flatMap(({ analytic_name: name, parameters }, index) => {
    const { roi, droi } = parameters.parameters ?? {};
    const zones = [];
    if (roi) zones.push({ analytic: index, name, kind: "roi", polygons: [corners(scaled(roi, roi.mode, width, height))] });
    if (droi) zones.push({ analytic: index, name, kind: "droi", polygons: droi.area.map((area) => area.map((point) => scaled(point, droi.mode, width, height))) });
    return zones;
  });
}

function scaled(shape, mode, width, height) {
  if (mode !== "percent") return shape;
  const across = width / 100, down = height / 100;
  return { x: shape.x * across, y: shape.y * down, width: (shape.width ?? 0) * across, height: (shape.height ?? 0) * down };
}

const corners = ({ x, y, width, height }) => [{ x, y }, { x: x + width, y }, { x: x + width, y: y + height }, { x, y: y + height }];

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
  tracks.filter(({ bbox }) => zone.polygons.some((polygon) => isInside({ x: bbox.x + bbox.width / 2, y: bbox.y + bbox.height / 2 }, polygon))).length;
