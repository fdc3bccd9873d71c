// Whom an event is about, as boxes over its picture.
import { add, h, svg } from "../lib/dom.js";
import { t } from "../lib/messages.js";

/** Times of one frame differ by no more, in seconds: they are written to the millisecond. */
const SAME = 0.002;

/** Boxes in pixels of the frame that the picture shows, those whom the event is about marked: from the event itself, or from the frames that `why` tells. */
function boxesOf(event, frames) {
  const shot = [...(event.raw.body_detections ?? []), ...(event.raw.face_detections ?? [])].filter(({ image_origin: image, detection }) => image === event.picture && detection?.rect);
  if (shot.length) return shot.map(({ detection }) => ({ ...detection.rect, isMeant: true }));
  const offset = event.raw.overview?.image === event.picture ? event.raw.overview.time_offset : undefined;
  const frame = offset === undefined ? null : frames.find(({ time_offset: time }) => Math.abs(time - offset) < SAME);
  return (frame?.boxes ?? []).filter(({ score }) => score !== null).map(({ rect, standing }) => ({ ...rect, isMeant: standing === "counted" }));
}

/** Draws them over a picture, once it is there: of a crop, of another frame, or where nothing is known, none. */
export function drawBoxes(holder, image, event, { frame_size: size, frames }) {
  const boxes = size ? boxesOf(event, frames) : [];
  if (!boxes.length || !event.picture?.startsWith("/6/images/")) return;
  image.decode().then(() => {
    if (Math.abs(image.naturalWidth / image.naturalHeight - size.width / size.height) > 0.02) return;
    const drawing = svg("svg", { class: "event-boxes", viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": t("event.boxes", { n: boxes.filter(({ isMeant }) => isMeant).length }) },
      boxes.map(({ x, y, width, height, isMeant }) => svg("rect", { x, y, width, height, class: isMeant ? "meant" : "aside", "vector-effect": "non-scaling-stroke" })));
    const button = h("button", { class: "boxes-switch", "aria-pressed": "true", onclick: () => { button.setAttribute("aria-pressed", String(drawing.classList.toggle("hidden") === false)); } }, t("event.boxes-shown"));
    add(holder, [drawing, button]);
  }, () => null);
}
