// An event in a list, and the whole of it with its picture and why it was.
import { add, h, icon, put, svg } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { clock, dayAndHour, inZone, span, timeTag, whole } from "../lib/time.js";
import { at, get } from "../lib/api.js";
import { pictureOf, titleOf } from "../lib/events.js";
import { drawBoxes } from "./event-boxes.js";
import { bestMatch, estimates, eventFaces, matchWords } from "./event-faces.js";
import { dialog } from "./fields.js";
import { loadingState } from "./states.js";

/** A picture of an event, or a sign that there is none. */
function picture(event, props) {
  const path = pictureOf(event);
  const none = () => h("span", { class: "no-picture" }, icon(event.kind === "crowd" ? "people" : "person"));
  if (!path) return none();
  const image = h("img", { src: at(path), alt: "", loading: "lazy", decoding: "async", ...props, onerror: () => image.replaceWith(none()) });
  return image;
}

/** An event as a line or a card: its picture, what it says, where and when. `streamName` is left out where all are of one stream. */
export function eventItem(event, streamName, isFresh = false) {
  const match = bestMatch(event);
  return h("li", { class: isFresh ? "event fresh" : "event" },
    h("a", { href: `#/events/${event.id}`, onclick: (click) => {
      if (click.ctrlKey || click.metaKey || click.shiftKey) return;
      click.preventDefault();
      showEvent(event, streamName);
    } },
    h("span", { class: "event-picture" }, picture(event)),
    h("span", { class: "event-text" }, h("strong", {}, titleOf(event)), match ? h("span", { class: "match" }, matchWords(match)) : null, streamName ? h("span", {}, streamName) : null,
      h("span", { class: "quiet small" }, h("time", { datetime: event.begin, title: whole(event.begin) }, dayAndHour(event.begin)), " · ", span((new Date(event.end) - new Date(event.begin)) / 1000)))));
}

/** Opens an event over the page. */
export function showEvent(event, streamName) {
  dialog(titleOf(event), () => eventDetail(event, streamName), { wide: true });
}

/** The whole of an event. What is known of why is fetched when it is shown. */
export function eventDetail(event, streamName) {
  const why = h("section", { class: "why" }, h("h3", {}, t("why.title")), loadingState());
  const facts = h("dl", { class: "facts" });
  const image = picture(event, { loading: "eager", alt: t("event.picture-alt", { what: titleOf(event) }) });
  const large = h("div", { class: "event-large" }, image);
  const fact = (name, value) => { if (value !== null && value !== undefined && value !== "") add(facts, [h("dt", {}, t(name)), h("dd", {}, value)]); };
  if (event.stream) fact("event.stream", h("a", { href: `#/streams/${event.stream}` }, streamName || event.source || event.stream.slice(0, 8)));
  else fact("event.source", event.source);
  fact("event.begin", timeTag(event.begin, whole));
  fact("event.end", h("span", {}, timeTag(event.end, whole), ` (${span((new Date(event.end) - new Date(event.begin)) / 1000)})`));
  fact("event.tags", event.raw.tags?.join(", "));
  for (const [name, value] of estimates(event)) fact(name, value);
  fact("event.user-data", event.raw.user_data);
  fact("event.id", h("span", { class: "mono" }, event.id));
  get(`/6/events/${event.id}/why`, { quiet: true }).then((told) => { showWhy(why, told); if (image.tagName === "IMG") drawBoxes(large, image, event, told); }, (error) => put(why, h("h3", {}, t("why.title")), h("p", { class: "quiet" }, error.message || t("connection.none"))));
  return h("div", { class: "event-detail" }, large, h("div", { class: "stack" }, facts, event.kind === "person" ? eventFaces(event) : null, why));
}

function showWhy(node, told) {
  put(node, h("h3", {}, t("why.title"), told.is_open ? [" ", h("span", { class: "pill", "data-level": 0 }, t("why.open"))] : null), h("ul", { class: "sentences" }, told.answer.map((sentence) => h("li", {}, inZone(sentence)))));
  if (told.frames.length > 1) {
    const turns = told.frames.filter((frame, index) => index === 0 || verdicts(frame) !== verdicts(told.frames[index - 1]));
    add(node, [countsOver(told.frames), h("details", {}, h("summary", {}, t("why.frames", { n: turns.length })),
      h("ol", { class: "frames" }, turns.map((frame) => h("li", {}, h("span", { class: "mono" }, clock(frame.time)), h("span", {}, frame.text)))))]);
  }
  if (told.missing.length) add(node, [h("p", { class: "quiet small" }, t("why.missing"), " ", told.missing.map(({ text }) => text).join(" "))]);
}

const verdicts = (frame) => frame.decisions.map(({ verdict }) => verdict).join();

/** People over the frames that are told, as steps, with the number that decided as a line. */
function countsOver(frames) {
  const [first, last] = [frames[0].time_offset, frames.at(-1).time_offset];
  const bound = frames.flatMap(({ decisions }) => decisions.flatMap(({ conditions }) => conditions)).find(({ condition }) => condition.includes("people_count_threshold"))?.bound;
  const most = Math.max(2, bound ?? 0, ...frames.map((frame) => frame.people_count)) * 1.15;
  const x = (offset) => (600 * (offset - first)) / Math.max(0.001, last - first);
  const y = (count) => 90 - (84 * count) / most;
  let path = `M0 ${y(frames[0].people_count)}`;
  for (const frame of frames) path += `H${x(frame.time_offset).toFixed(1)}V${y(frame.people_count).toFixed(1)}`;
  return h("figure", { class: "why-chart" },
    svg("svg", { viewBox: "0 0 600 92", preserveAspectRatio: "none", role: "img", "aria-label": t("why.chart", { most: Math.max(...frames.map((frame) => frame.people_count)) }) },
      svg("path", { class: "area", d: `${path}H600V90H0Z` }), svg("path", { class: "line", d: path, "vector-effect": "non-scaling-stroke" }),
      bound > 0 ? svg("path", { class: "bound", d: `M0 ${y(bound)}H600`, "vector-effect": "non-scaling-stroke" }) : null),
    h("figcaption", { class: "quiet small" }, t("why.caption", { from: clock(frames[0].time), to: clock(frames.at(-1).time) }), bound > 0 ? ` ${t("why.bound", { bound: number(bound) })}` : ""));
}
