// Fields of forms, each with its label and what is said about it.
import { add, freshID, h, icon } from "../lib/dom.js";
import { t } from "../lib/messages.js";

/** A choice: `options` are pairs of value and words. */
export function select(props, options, value) {
  const node = h("select", props, options.map(([key, words]) => h("option", { value: key }, words)));
  if (value !== undefined && value !== null) node.value = value;
  return node;
}

/** A labelled field. `help` is said with it, `error` is said by `fail(words)`. */
export function field(label, control, help) {
  const id = control.id || (control.id = freshID("field"));
  const helpID = `${id}-help`, errorID = `${id}-error`;
  const error = h("p", { class: "field-error", id: errorID });
  control.setAttribute("aria-describedby", help ? `${helpID} ${errorID}` : errorID);
  const node = h("div", { class: "field" }, h("label", { for: id }, label), control, help ? h("p", { class: "help", id: helpID }, help) : null, error);
  node.control = control;
  node.fail = (words) => {
    error.textContent = words ?? "";
    if (words) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
  };
  return node;
}

/** A box to tick, with its words behind it. */
export function check(label, isOn, onchange, help) {
  const id = freshID("check");
  return h("div", { class: "check" }, h("input", { type: "checkbox", id, checked: isOn, onchange }), h("label", { for: id }, label, help ? h("span", { class: "help" }, help) : null));
}

/** A few choices of which one is in force, as buttons beside each other. */
export function segments(label, options, value, choose) {
  const buttons = options.map(([key, words]) => h("button", { type: "button", "aria-pressed": String(key === value), onclick: () => {
    for (const [index, button] of buttons.entries()) button.setAttribute("aria-pressed", String(options[index][0] === key));
    choose(key);
  } }, words));
  return h("div", { class: "segments", role: "group", "aria-label": label }, buttons);
}

/** A dialog that is there until it is closed. `build` is given `close` and gives what the dialog holds. */
export function dialog(title, build, { wide = false } = {}) {
  const id = freshID("dialog");
  const before = document.activeElement;
  const node = h("dialog", { class: wide ? "wide" : null, "aria-labelledby": id });
  const close = () => node.close();
  node.addEventListener("close", () => { node.remove(); if (before?.isConnected) before.focus(); });
  node.addEventListener("click", (event) => { if (event.target === node) close(); });
  addEventListener("hashchange", close, { once: true });
  add(node, [h("div", { class: "dialog-body" },
    h("div", { class: "dialog-head" }, h("h2", { id }, title), h("button", { class: "plain square", "aria-label": t("action.close"), onclick: close }, icon("close"))),
    build(close))]);
  document.body.append(node);
  node.showModal();
  return node;
}

/** Asks before something is done that cannot be undone. `choice` is what may be chosen besides. */
export function confirm(question, words, verb, work, choice = null) {
  dialog(question, (close) => [h("p", {}, words), choice, h("div", { class: "actions" },
    h("button", { class: "danger", onclick: async (event) => { if (await work(event.currentTarget) !== false) close(); } }, verb),
    h("button", { class: "plain", onclick: close, autofocus: true }, t("action.cancel")))]);
}
