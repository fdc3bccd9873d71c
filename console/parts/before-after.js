// What was sent beside what became of it.
import { h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { at } from "../lib/api.js";

const ENDINGS = { image: /\.(jpe?g|png|bmp)$/i, video: /\.(mp4|mov|mkv|ts|webm|avi|mts)$/i };
const kindOf = (name) => Object.keys(ENDINGS).find((kind) => ENDINGS[kind].test(name));

/** A picture or a video, or words where the browser cannot show it. */
function shown(kind, address, words) {
  const other = () => h("p", { class: "cannot-show quiet" }, t("cover.cannot-show"));
  const node = kind === "image" ? h("img", { src: address, alt: words, onerror: () => node.replaceWith(other()) })
    : kind === "video" ? h("video", { src: address, controls: true, muted: true, playsinline: true, preload: "auto", "aria-label": words, onerror: () => node.replaceWith(other()) }) : other();
  return node;
}

/** An item of a job that is done: what was sent, where this tab still has it, the result, and a link to take that along. */
export function beforeAfter(jobID, item, sent) {
  const name = item.result.output_file, address = at(`/6/jobs/${jobID}/result?item=${item.number}`);
  const after = shown(kindOf(name), address, t("cover.after-alt", { name: item.name }));
  const before = sent ? shown(kindOf(sent.file.name) ?? kindOf(name), sent.address, t("cover.before-alt", { name: item.name })) : h("p", { class: "cannot-show quiet" }, t("cover.not-kept"));
  if (before.tagName === "VIDEO" && after.tagName === "VIDEO") keepInStep(before, after);
  return h("div", { class: "before-after" },
    h("figure", {}, before, h("figcaption", { class: "quiet small" }, t("cover.before"))),
    h("figure", {}, after, h("figcaption", { class: "quiet small" }, t("cover.after"), " · ", h("a", { href: address, download: name }, t("cover.take", { name })))));
}

/** Two videos are played, stopped and moved as one. */
function keepInStep(one, other) {
  for (const [from, to] of [[one, other], [other, one]]) {
    from.addEventListener("play", () => { to.play().catch(() => null); });
    from.addEventListener("pause", () => { if (!from.ended) to.pause(); });
    from.addEventListener("seeking", () => { if (Math.abs(to.currentTime - from.currentTime) > 0.2) to.currentTime = from.currentTime; });
  }
}

/** The results of the items of a job in a list. */
export const results = (node, jobID, items, sent) => put(node, items.filter(({ state, result }) => state === "done" && result?.output_file).map((item) => h("li", {}, items.length > 1 ? h("h3", {}, item.name) : null, beforeAfter(jobID, item, items.length === 1 ? sent : null))));
