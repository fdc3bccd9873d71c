// What stands on pages about faces where the daemon knows nobody again.
import { h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { recognition } from "../lib/faces.js";
import { emptyState } from "./states.js";

/** Whether people are known again, as `recognition` tells it. Where they are not, the page says so, and null is given. */
export async function needsRecognition(view, page, title) {
  const told = await recognition({ signal: page.signal });
  if (told.isOn) return told;
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, title))), emptyState(t("recognition.off"), t("recognition.off-words")));
  return null;
}
