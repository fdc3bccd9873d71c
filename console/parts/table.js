// Tables, and dialogs that ask for what a row is made of.
import { h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { dialog } from "./fields.js";
import { attempt } from "./shell.js";

/** A table. `columns` are pairs of head and what makes a cell of a row; a head may be empty for buttons. */
export const table = (label, columns, rows) =>
  h("div", { class: "table-holder", tabindex: "0", role: "region", "aria-label": label }, h("table", { class: "stacks" },
    h("thead", {}, h("tr", {}, columns.map(([head]) => h("th", { scope: "col" }, head || h("span", { class: "unseen" }, t("table.actions")))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(([head, cell]) => h("td", { "data-head": head }, cell(row))))))));

/** Opens a form over the page. `work` is done when it is sent; what the API refuses is said in it, and it stays open. */
export function formDialog(title, fields, verb, work, options) {
  return dialog(title, (close) => {
    const problem = h("p", { class: "form-error", role: "alert" });
    const button = h("button", { class: "primary", type: "submit" }, verb);
    return h("form", { class: "stack", novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      put(problem);
      button.disabled = true;
      try { if ((await work()) !== false) close(); } catch (error) { put(problem, error.message || t("connection.none")); }
      button.disabled = false;
    } }, fields, problem, h("div", { class: "actions" }, button, h("button", { type: "button", class: "plain", onclick: close }, t("action.cancel"))));
  }, options);
}

/** A button in a row. */
export const rowButton = (words, what, work, kind = "plain") =>
  h("button", { class: kind, onclick: (event) => attempt(event.currentTarget, async () => { await work(event.currentTarget); }) }, words, h("span", { class: "unseen" }, ` ${what}`));
