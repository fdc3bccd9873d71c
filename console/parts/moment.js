// What was at a time of a stream at which there was no event: what each analytic says of it.
import { h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { clock, inZone, whole } from "../lib/time.js";
import { get, query } from "../lib/api.js";
import { dialog } from "./fields.js";
import { loadingState } from "./states.js";

/** Asks why there was an event at a time, or none, and tells it over the page. */
export function showMoment(stream, time) {
  const told = h("div", { class: "stack" }, loadingState());
  dialog(t("why.moment", { time: whole(time) }), () => told);
  get(query(`/6/streams/${stream.stream_id}/why`, { time: new Date(time).toISOString(), within: 5 }), { quiet: true }).then((answer) => {
    put(told,
      h("ul", { class: "sentences" }, answer.answer.map((sentence) => h("li", {}, inZone(sentence)))),
      answer.analytics.map(({ analytic, index, frames }) => frames.length ? h("details", {}, h("summary", {}, `${analytic} ${index + 1}`),
        h("ol", { class: "frames" }, frames.map((frame) => h("li", {}, h("span", { class: "mono" }, clock(frame.time)), h("span", {}, frame.text))))) : null),
      answer.missing.length ? h("p", { class: "quiet small" }, t("why.missing"), " ", answer.missing.map(({ text }) => text).join(" ")) : null);
  }, (error) => put(told, h("p", {}, error.message || t("connection.none"))));
}
