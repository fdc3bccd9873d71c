// The machine and the daemon: load, memory, streams, room on the disk, settings in force, and the end of the log.
import { add, h, put, say } from "../lib/dom.js";
import { number, t, tOr } from "../lib/messages.js";
import { span } from "../lib/time.js";
import { get } from "../lib/api.js";
import { prettyKey } from "../lib/schema.js";
import { field } from "../parts/fields.js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes in the largest unit that leaves a number of at least 1. */
function bytes(count) {
  let unit = 0, value = count;
  while (value >= 1024 && unit < UNITS.length - 1) { value /= 1024; unit++; }
  return `${number(value)} ${UNITS[unit]}`;
}

const BYTES = /bytes$/;
const word = (key) => tOr(`system.fact.${key}`, prettyKey(key.replace(BYTES, "").replace(/_s$/, "").replaceAll("_", " ").trim()));
const shown = (key, value) => (value === null || value === undefined ? "–" : typeof value === "number" ? (BYTES.test(key) ? bytes(value) : /_s$|seconds$/.test(key) ? span(value) : number(value)) : typeof value === "object" ? JSON.stringify(value) : String(value));

export async function show(view, page) {
  const figures = h("div", { class: "figures" }), facts = h("dl", { class: "facts" }), log = h("pre", { tabindex: "0", class: "log-tail", role: "log", "aria-label": t("system.log") }), settings = h("div", { class: "stack" });
  const options = { signal: page.signal };
  const readStatus = async () => {
    const told = await get("/6/system/status", options);
    const { version, uptime_s: uptime, cpu_cores: cores, load, cpu_percent: cpu, memory_bytes: memory, streams, disk, ...rest } = told;
    const first = [
      cpu !== undefined && cpu !== null ? [`${number(cpu, 0)} %`, t("system.cpu", { n: cores ?? 1 })] : null,
      load !== undefined && load !== null ? [number([load].flat()[0], 2), t("system.load")] : null,
      memory ? [bytes(memory), t("system.memory")] : null,
      streams ? [`${number(streams.in_progress)} / ${number(streams.maximum)}`, t("system.streams", { n: Math.max(0, streams.maximum - streams.in_progress) })] : null,
      disk ? [bytes(disk.free_bytes ?? disk.room_bytes ?? Object.values(disk).find((value) => typeof value === "number") ?? 0), t("system.room")] : null,
      uptime ? [span(uptime), t("system.uptime")] : null,
    ].filter(Boolean);
    put(figures, first.map(([value, words]) => h("div", {}, h("span", { class: "count" }, value), h("span", { class: "quiet" }, words))));
    const flat = Object.entries({ version, ...Object.fromEntries(Object.entries(disk ?? {}).map(([key, value]) => [`disk_${key}`, value])), ...rest });
    put(facts, flat.map(([key, value]) => [h("dt", {}, word(key)), h("dd", {}, shown(key, value))]));
  };
  const readLog = async () => {
    const { lines } = await get("/6/system/log?lines=200", options);
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 20;
    say(log, lines.join("\n"));
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
  const readSettings = async () => {
    const told = await get("/6/system/settings", options);
    const rows = Object.entries(told.settings ?? told).flatMap(([section, value]) => (value && typeof value === "object" && !Array.isArray(value) ? Object.entries(value).map(([key, one]) => [`${section}.${key}`.toLowerCase(), one]) : [[section, value]]));
    const body = h("tbody", {}, rows.map(([key, value]) => h("tr", {}, h("td", { class: "mono" }, key), h("td", { class: "mono" }, value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value)))));
    const find = field(t("system.find"), h("input", { type: "search", oninput: (event) => { for (const row of body.children) row.hidden = !row.textContent.includes(event.target.value.toLowerCase()); } }));
    put(settings, find, h("div", { class: "table-holder scrolls", tabindex: "0", role: "region", "aria-label": t("system.settings") }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("system.key")), h("th", { scope: "col" }, t("system.value")))), body)));
  };
  await Promise.all([readStatus(), readLog(), readSettings()]);
  page.every(5000, readStatus);
  page.every(5000, readLog);
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("system.title")), h("p", { class: "summary" }, t("system.words")))), figures,
    h("div", { class: "two" }, h("section", { class: "card" }, h("h2", {}, t("stream.about")), facts), add(h("section", { class: "card" }), [h("h2", {}, t("system.settings")), settings])),
    h("section", { class: "card log-card" }, h("h2", {}, t("system.log")), log));
  requestAnimationFrame(() => { log.scrollTop = log.scrollHeight; });
}
