// Filters that several pages share: which streams, and which time.
import { h, put } from "../lib/dom.js";
import { inOrder, t } from "../lib/messages.js";
import { dayStart, fromLocalInput, toLocalInput } from "../lib/time.js";
import { all } from "../lib/api.js";
import { may } from "../lib/session.js";
import { nameOf } from "../lib/condition.js";
import { field, select } from "./fields.js";

const HOUR = 3600000, DAY = 24 * HOUR;
/** Times to choose from: from how long ago until now; `today` is from midnight on. */
export const RANGES = { hour: HOUR, day: DAY, today: 0, week: 7 * DAY, month: 30 * DAY };

/** Begin and end of a range as ISO texts; the end of one that reaches until now is null. */
export function boundsOf({ range, from, to }) {
  if (range === "custom") return { from: from ?? new Date(Date.now() - DAY).toISOString(), to: to ?? null };
  const begin = range === "today" ? dayStart() : new Date(Date.now() - (RANGES[range] ?? DAY));
  return { from: begin.toISOString(), to: null };
}

/** Which time: one of a few, or from and to by hand. `changed` is told when another one is chosen. */
export function rangeFilter(state, changed) {
  const pick = (name) => h("input", { type: "datetime-local", value: state[name] ? toLocalInput(state[name]) : "", onchange: (event) => { state[name] = fromLocalInput(event.target.value); changed(); } });
  const own = h("div", { class: "filter-own" }, field(t("filter.from"), pick("from")), field(t("filter.to"), pick("to")));
  const choice = select({ onchange: () => { state.range = choice.value; own.hidden = state.range !== "custom"; changed(); } }, [...Object.keys(RANGES), "custom"].map((name) => [name, t(`range.${name}`)]), state.range);
  own.hidden = state.range !== "custom";
  return [field(t("filter.time"), choice), own];
}

/** All streams that the caller may see, for their names; none where he may see none. */
export async function readableStreams(signal) {
  if (!may("video_stream")) return [];
  return all("/6/streams", "streams", { signal });
}

/** Which streams: one, or all. */
export function streamFilter(streams, state, changed) {
  const options = [...streams].sort((a, b) => inOrder(nameOf(a), nameOf(b))).map((stream) => [stream.stream_id, nameOf(stream)]);
  if (state.stream && !options.some(([id]) => id === state.stream)) options.push([state.stream, state.stream.slice(0, 8)]);
  const choice = select({ onchange: () => { state.stream = choice.value; changed(); } }, [["", t("filter.all-streams")], ...options], state.stream ?? "");
  return field(t("event.stream"), choice);
}

/** Writes what is chosen into the address, so that a page can be kept and sent on. */
export function keepInAddress(path, members) {
  const query = new URLSearchParams(Object.entries(members).filter(([, value]) => value !== "" && value !== null && value !== undefined)).toString();
  history.replaceState(null, "", query ? `#${path}?${query}` : `#${path}`);
}

/** Gives a file to the viewer that was made here. */
export function handOut(text, name, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** A row of filters. */
export const filterRow = (...fields) => put(h("div", { class: "filters" }), ...fields);
