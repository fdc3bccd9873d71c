// Times in the viewer's zone, which is named wherever times stand.
import { h } from "./dom.js";
import { language, t } from "./messages.js";

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const format = (options) => {
  let made;
  return (time) => (made ??= new Intl.DateTimeFormat(language, options.dateStyle ? options : { hourCycle: options.hour ? "h23" : undefined, ...options })).format(new Date(time));
};
export const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const hour = format({ hour: "2-digit", minute: "2-digit" });
export const day = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
export const dayAndHour = format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
export const whole = format({ dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });

/** The zone and how far it is from UTC now: `Europe/Riga (UTC+2)`. */
export function zoneName(time = Date.now()) {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts(new Date(time));
  const offset = parts.find((part) => part.type === "timeZoneName")?.value.replace("GMT", "UTC") ?? "";
  return zone === "UTC" ? zone : `${zone} (${offset || "UTC"})`;
}

/** Seconds in words, in the two largest units that are needed. */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t("span.s", { s });
  if (s < 3600) return t("span.ms", { m: Math.floor(s / 60), s: s % 60 });
  if (s < 86400) return t("span.hm", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return t("span.dh", { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) });
}

let relative;
/** How long ago something was: `2 min ago`. */
export function ago(time) {
  relative ??= new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "narrow" });
  const s = Math.round((new Date(time) - Date.now()) / 1000);
  if (s > -5) return t("time.now");
  if (s > -60) return relative.format(s, "second");
  if (s > -3600) return relative.format(Math.round(s / 60), "minute");
  if (s > -86400) return relative.format(Math.round(s / 3600), "hour");
  return relative.format(Math.round(s / 86400), "day");
}

/** A time for people, with the whole of it and its zone at the pointer. */
export const timeTag = (time, write = dayAndHour) =>
  h("time", { datetime: new Date(time).toISOString(), title: `${whole(time)}, ${zone}` }, write(time));

/** A sentence of the API as it is shown: times of Greenwich that stand in it become those of the viewer's zone. */
export const inZone = (sentence) => sentence.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/).map((part, index) => (index % 2 ? timeTag(part, clock) : part.replace(/^ \(time_offset [\d.]+\)/, "")));

/** The beginning of the viewer's day that holds a time. */
export function dayStart(time = Date.now()) {
  const start = new Date(time);
  start.setHours(0, 0, 0, 0);
  return start;
}

/** A time for `<input type="datetime-local">`, and back. */
export function toLocalInput(time) {
  const date = new Date(time);
  return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
export const fromLocalInput = (text) => (text ? new Date(text).toISOString() : null);
