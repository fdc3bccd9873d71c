// What stands where there is nothing to show: yet, at all, or because something went wrong.
import { h, icon } from "../lib/dom.js";
import { t } from "../lib/messages.js";

export const loadingState = () => h("div", { class: "state loading", role: "status" }, h("span", { class: "pulse", "aria-hidden": "true" }), t("state.loading"));

/** Something is not there: a title, a sentence, and what to do about it. */
export const emptyState = (title, words, action) =>
  h("div", { class: "state empty" }, h("p", { class: "state-title" }, title), words ? h("p", {}, words) : null, action ?? null);

/** Something failed, in the API's words. `again` tries once more. */
export const failedState = (words, again) =>
  h("div", { class: "state failed", role: "alert" }, icon("problem"), h("p", { class: "state-title" }, t("state.failed")), h("p", {}, words),
    again ? h("button", { onclick: again }, t("state.again")) : null);
