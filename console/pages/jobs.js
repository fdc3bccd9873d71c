// Jobs: work on what was sent as a whole, how far it is, and what became of each part.
import { add, h, icon, put } from "../lib/dom.js";
import { number, t, tOr } from "../lib/messages.js";
import { dayAndHour, span, timeTag, whole } from "../lib/time.js";
import { get, patch, remove } from "../lib/api.js";
import { may } from "../lib/session.js";
import { prettyKey } from "../lib/schema.js";
import { confirm } from "../parts/fields.js";
import { emptyState } from "../parts/states.js";
import { attempt } from "../parts/shell.js";
import { results } from "../parts/before-after.js";
import { coverDesk } from "../parts/cover-desk.js";
import { pictureDesk, videoDesk } from "../parts/look.js";
import { sentFor } from "../lib/uploads.js";
import { rowButton, table } from "../parts/table.js";

const OVER = ["done", "failed", "cancelled"];
const LEVELS = { failed: 2, running: 0 };
const kindWord = (kind) => tOr(`job.kind.${kind}`, prettyKey(kind));
const statePill = (state) => h("span", { class: "pill", "data-level": LEVELS[state] ?? -1 }, tOr(`job.state.${state}`, prettyKey(state)));

export const show = (view, page) => (page.address.id ? showJob(view, page) : showJobs(view, page));

function progress({ all, done, failed, percent, rate, seconds_left: left }) {
  const words = [t("jobs.items", { done: done + failed, all }), failed ? t("jobs.failed-items", { n: failed }) : "", rate ? t("jobs.rate", { rate: number(rate) }) : "", left ? t("jobs.left", { time: span(left) }) : ""].filter(Boolean).join(" · ");
  return [h("progress", { max: 100, value: percent, "aria-label": t("jobs.progress") }), h("p", { class: "small quiet" }, `${percent} % · ${words}`)];
}

async function showJobs(view, page) {
  const holder = h("div");
  const read = async () => {
    const { jobs } = await get("/6/jobs?page_size=100", { signal: page.signal });
    const form = JSON.stringify(jobs);
    if (form === holder.form) return;
    holder.form = form;
    const focused = document.activeElement?.dataset?.key;
    put(holder, jobs.length === 0 ? emptyState(t("jobs.none"), t(may("task", "creation") ? "jobs.none-yet" : "jobs.none-words")) : table(t("jobs.title"), [
      [t("jobs.kind"), (job) => h("a", { href: `#/jobs/${job.job_id}`, "data-key": job.job_id }, kindWord(job.kind))],
      [t("jobs.state"), (job) => [statePill(job.state), job.error ? h("p", { class: "small" }, job.error) : null]],
      [t("jobs.progress"), (job) => progress(job.progress)],
      [t("jobs.begun"), (job) => timeTag(job.create_time, dayAndHour)],
      ["", (job) => h("div", { class: "actions" }, buttons(job, read))],
    ], jobs));
    if (focused) holder.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  };
  await read();
  const refresh = page.every(3000, read);
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("jobs.title")), h("p", { class: "summary" }, t("jobs.words")))),
    may("task", "creation") ? coverDesk(page, refresh) : null, h("section", { class: "jobs-list" }, holder),
    may("resources", "sdk") ? h("div", { class: "two" }, pictureDesk(page), videoDesk(page, refresh)) : null);
}

const buttons = (job, after) => [
  !OVER.includes(job.state) && may("task", "modification") ? rowButton(t("jobs.cancel"), kindWord(job.kind), async () => { await patch(`/6/jobs/${job.job_id}?action=cancel`); await after(); }) : null,
  may("task", "deletion") ? rowButton(t("action.delete"), kindWord(job.kind), () => confirm(t("jobs.delete"), t("jobs.delete-words"), t("action.delete"), (button) => attempt(button, async () => { await remove(`/6/jobs/${job.job_id}`); await after(true); }))) : null,
];

async function showJob(view, page) {
  const { id } = page.address;
  const options = { signal: page.signal };
  let job = await get(`/6/jobs/${id}`, options);
  const title = h("h1", {}, kindWord(job.kind)), pill = h("span"), bar = h("div", { class: "stack tight" }), facts = h("dl", { class: "facts" }), tools = h("div", { class: "tools" });
  const shown = h("ul", { class: "results" }), items = h("ul", { class: "job-items" }), foot = h("div", { class: "list-foot" });
  let last = -1;
  const after = (isGone) => { if (isGone === true) location.hash = "#/jobs"; };
  const update = () => {
    put(pill, statePill(job.state));
    put(bar, progress(job.progress));
    put(tools, buttons(job, after));
    put(facts, [["jobs.begun", timeTag(job.create_time, whole)], ["event.end", job.end_time ? timeTag(job.end_time, whole) : null], ["jobs.kept", job.expiry_time ? timeTag(job.expiry_time, whole) : null], ["jobs.error", job.error], ["event.id", h("span", { class: "mono" }, job.job_id)]].filter(([, value]) => value).map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)]));
  };
  const more = async () => {
    const found = (await get(`/6/jobs/${id}/items?after=${last}&page_size=100`, options)).items;
    if (last < 0) results(shown, id, found, sentFor(id));
    last = found.at(-1)?.number ?? last;
    add(items, found.map((item) => h("li", {}, h("details", {}, h("summary", {}, h("span", {}, item.name || t("jobs.item", { number: item.number + 1 })), " ", h("span", { class: "pill", "data-level": item.state === "failed" ? 2 : item.state === "done" ? 0 : -1 }, t(`job.item.${item.state}`))),
      item.error ? h("p", {}, item.error) : null, item.result ? h("pre", { tabindex: "0" }, JSON.stringify(item.result, null, 2)) : null))));
    put(foot, found.length === 100 ? h("button", { onclick: more }, t("action.more")) : null);
  };
  page.socket(`/6/jobs/${id}/ws`, { message: (data) => { const told = JSON.parse(data); if (told.job_id) { job = told; update(); } }, closed: ({ code }) => {
    if (OVER.includes(job.state) || code === 1000 || code === 1001) { last = -1; put(items); more().catch(() => null); return "stay"; }
  } });
  update();
  await more();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("a", { class: "back", href: "#/jobs" }, icon("left"), t("nav.jobs")), h("div", { class: "title-line" }, title, pill)), tools),
    h("div", { class: "stack" }, h("section", { class: "card stack" }, bar, shown, facts), h("section", { class: "card" }, h("h2", {}, t("jobs.parts")), items, foot),
      h("details", { class: "card" }, h("summary", {}, t("jobs.parameters")), h("pre", { tabindex: "0" }, JSON.stringify(job.parameters, null, 2)))));
}
