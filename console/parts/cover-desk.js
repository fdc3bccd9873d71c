// Where pictures and videos are dropped that nobody is to be recognised in, and how far they are.
import { h, put, say } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { get } from "../lib/api.js";
import { span } from "../lib/time.js";
import { begin, forget, uploads } from "../lib/uploads.js";
import { dropPlace } from "./drop-place.js";
import { check } from "./fields.js";
import { results } from "./before-after.js";

const TAKEN = ".jpg,.jpeg,.png,.bmp,.mp4,.mkv,.webm,.ts,.mov,.avi,.mts,.zip,.rar,.7z";

/** The place to drop files on, and below it each that was, with what became of it. `changed` is told when there is a job that was not there. */
export function coverDesk(page, changed) {
  const wishes = { blur_face: 1, blur_body: 0 };
  const list = h("div", { class: "covered stack", "aria-live": "polite" });
  const rows = new Map();
  const update = () => {
    for (const [sent, row] of rows) if (!uploads.list.includes(sent)) { row.node.remove(); rows.delete(sent); }
    for (const [index, sent] of uploads.list.entries()) {
      if (!rows.has(sent)) { const row = new Row(sent, page, changed); rows.set(sent, row); list.insertBefore(row.node, list.children[index] ?? null); }
      rows.get(sent).update();
    }
  };
  page.on(uploads, "changed", update);
  update();
  return h("section", { class: "card stack cover-desk" }, h("h2", {}, t("cover.title")), h("p", { class: "quiet" }, t("cover.words")),
    dropPlace({ id: "cover-files", accept: TAKEN, choose: t("cover.choose"), words: t("cover.drop") }, (files) => begin(files, { ...wishes })),
    check(t("cover.bodies"), false, (event) => { wishes.blur_body = event.target.checked ? 1 : 0; }), list);
}

/** One file: how much of it is sent, how far its job is, and then both side by side. */
class Row {
  constructor(sent, page, changed) {
    Object.assign(this, { sent, page, changed });
    this.bar = h("progress", { max: 100, "aria-label": t("cover.progress", { name: sent.file.name }) });
    this.words = h("p", { class: "small quiet" });
    this.results = h("ul", { class: "results" });
    this.link = h("a", { class: "small" }, t("cover.job"));
    this.node = h("article", { class: "sent" },
      h("div", { class: "sent-head" }, h("h3", {}, sent.file.name), h("span", { class: "quiet small" }, size(sent.file.size)), this.link,
        this.take = h("button", { class: "plain", onclick: () => forget(sent) }, t("cover.forget"), h("span", { class: "unseen" }, ` ${sent.file.name}`))), this.bar, this.words, this.results);
  }

  update() {
    const { state, job, gone, error, isUnreachable } = this.sent;
    if (job && !this.isTold) { this.isTold = true; this.changed(); }
    this.link.hidden = !job;
    if (job) this.link.href = `#/jobs/${job.job_id}`;
    const isUnderWay = ["waiting", "sending", "working"].includes(state);
    this.bar.hidden = !isUnderWay;
    if (state === "sending") this.bar.value = gone * 100;
    else if (state === "working" && job?.state === "running") this.bar.value = job.progress.percent;
    else this.bar.removeAttribute("value");
    const left = job?.progress.seconds_left;
    say(this.words, state === "waiting" ? t("cover.waiting") : state === "sending" ? (gone < 1 ? t("cover.sending", { percent: Math.floor(gone * 100) }) : t("cover.arriving"))
      : state === "working" ? [job?.state === "running" ? t("cover.working", { percent: job.progress.percent }) : t("cover.queued"), left ? t("jobs.left", { time: span(left) }) : ""].filter(Boolean).join(" · ")
        : state === "refused" ? t("cover.refused", { why: isUnreachable ? t("connection.none") : error }) : state === "failed" ? t("cover.failed", { why: job.error ?? "" }) : state === "cancelled" ? t("job.state.cancelled") : "");
    this.words.classList.toggle("form-error", state === "refused" || state === "failed");
    say(this.take.firstChild, t(state === "waiting" || state === "sending" ? "action.cancel" : "cover.forget"));
    if (state === "done" && !this.isShown) {
      this.isShown = true;
      get(`/6/jobs/${job.job_id}/items?page_size=20`, { signal: this.page.signal }).then(({ items }) => results(this.results, job.job_id, items, this.sent), (failure) => { if (failure.name !== "AbortError") say(this.words, failure.message || t("connection.none")); });
    }
  }
}

const size = (bytes) => (bytes < 1e6 ? `${number(bytes / 1e3, 0)} kB` : bytes < 1e9 ? `${number(bytes / 1e6)} MB` : `${number(bytes / 1e9)} GB`);
