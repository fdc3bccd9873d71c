// One handler: made or changed, by a form or as JSON, and tried with a picture.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { timeTag, whole } from "../lib/time.js";
import { get, post, remove, replace } from "../lib/api.js";
import { readLists, recognition } from "../lib/faces.js";
import { emptyForm, formOf, isWhole, policiesOf } from "../lib/policies.js";
import { may, mayEmit, owns } from "../lib/session.js";
import { confirm, field, segments } from "../parts/fields.js";
import { handlerFields } from "../parts/handler-fields.js";
import { handlerDesk } from "../parts/handler-desk.js";
import { isBuiltIn, kindWord, nameOfHandler } from "../parts/handler-words.js";
import { attempt, note } from "../parts/shell.js";

const DYNAMIC = 1;

export async function show(view, page) {
  const options = { signal: page.signal }, { id } = page.address;
  const told = await recognition(options);
  const [handler, lists] = await Promise.all([id ? get(`/6/handlers/${id}`, options) : null, told.isOn ? readLists(options) : []]);
  new HandlerPage(view, page, handler, lists, told);
}

class HandlerPage {
  constructor(view, page, handler, lists, told) {
    Object.assign(this, { page, handler, lists, told, policies: handler?.policies ?? {}, isDynamic: handler ? !handler.policies : false });
    this.form = handler ? formOf(this.policies) : emptyForm();
    this.by = !handler || isWhole(this.policies) ? "form" : "json";
    const isMine = !handler || (owns(handler) && !isBuiltIn(handler));
    const mayWrite = told.takesHandlers && isMine && may("handler", handler ? "modification" : "creation");
    put(view,
      h("header", { class: "page-head" }, h("div", {}, h("a", { class: "back", href: "#/handlers" }, icon("left"), t("nav.handlers")), h("h1", {}, handler ? nameOfHandler(handler) : t("handlers.add"))),
        h("div", { class: "tools" }, handler && isMine && may("handler", "deletion") ? h("button", { class: "plain", onclick: () => this.askForDeletion() }, t("action.delete")) : null)),
      told.isOn ? null : h("p", { class: "card" }, t("handlers.recognition-off")),
      h("div", { class: "stack" }, handler ? this.facts() : null, mayWrite ? this.editor() : handler?.policies ? h("section", { class: "card" }, h("h2", {}, t("handlers.policies")), h("pre", { tabindex: "0" }, JSON.stringify(handler.policies, null, 2))) : null,
        handler?.policies && told.takesHandlers && owns(handler) && mayEmit(handler.handler_id) ? handlerDesk(page, handler) : null));
  }

  facts() {
    const { handler } = this;
    return h("section", { class: "card" }, h("dl", { class: "facts" }, [
      ["handlers.kind", kindWord(handler)], ["stream.created", timeTag(handler.create_time, whole)], ["lists.changed", timeTag(handler.last_update_time, whole)], ["event.id", h("span", { class: "mono" }, handler.handler_id)],
    ].map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)])), handler.policies ? null : h("p", { class: "quiet" }, t("handlers.by-request")));
  }

  editor() {
    const { handler } = this;
    this.name = field(t("handlers.name"), h("input", { type: "text", maxlength: 128, value: handler?.description ?? "" }));
    this.text = field(t("handlers.json"), h("textarea", { class: "policies-json", spellcheck: "false" }), t("handlers.json-help"));
    const body = h("div"), problem = h("p", { class: "form-error", role: "alert" });
    const button = h("button", { class: "primary", type: "submit" }, t(handler ? "action.save" : "handlers.add"));
    const fill = () => {
      if (this.isDynamic) return put(body, h("p", { class: "quiet" }, t("handlers.dynamic-words")));
      const canForm = isWhole(this.policies);
      const choice = segments(t("handlers.by"), [["form", t("handlers.by-form")], ["json", t("handlers.by-json")]], this.by, (by) => { this.turnTo(by, problem); fill(); });
      if (this.by === "json") this.text.control.value = JSON.stringify(this.policies, null, 2);
      put(body, h("div", { class: "stack" }, choice, this.by === "form" ? handlerFields(this.form, this.lists, this.told) : [canForm ? null : h("p", { class: "quiet" }, t("handlers.json-alone")), this.text]));
    };
    const kind = segments(t("handlers.kind"), [["static", t("handlers.static")], ["dynamic", t("handlers.dynamic")]], this.isDynamic ? "dynamic" : "static", (choice) => { this.isDynamic = choice === "dynamic"; fill(); });
    fill();
    return h("form", { class: "card handler-form", novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      put(problem);
      button.disabled = true;
      try { await this.save(); } catch (error) { put(problem, error.message || t("connection.none")); }
      button.disabled = false;
    } }, this.name, h("div", { class: "field" }, h("span", { class: "legend" }, t("handlers.kind")), kind), body, problem, h("div", { class: "actions" }, button));
  }

  /** Takes over what was written so far, and goes on in the other way. What is no JSON, or more than the form knows, stays text. */
  turnTo(by, problem) {
    put(problem);
    try {
      if (this.by === "form") this.policies = policiesOf(this.form, this.policies);
      else {
        this.policies = this.read();
        if (!isWhole(this.policies)) throw new Error(t("handlers.json-alone"));
        this.form = formOf(this.policies);
      }
      this.by = by;
    } catch (error) {
      put(problem, error.message);
    }
  }

  read() {
    try { return JSON.parse(this.text.control.value); } catch (error) { throw new Error(t("handlers.no-json", { why: error.message })); }
  }

  async save() {
    const description = this.name.control.value.trim();
    const policies = this.by === "form" ? policiesOf(this.form, this.policies) : this.read();
    const body = this.isDynamic ? { description, handler_type: DYNAMIC } : { description, policies };
    if (this.handler) await replace(`/6/handlers/${this.handler.handler_id}`, body);
    const id = this.handler?.handler_id ?? (await post("/6/handlers", body)).handler_id;
    note(t("handlers.saved"));
    if (this.handler) await show(document.querySelector(".page"), this.page); else location.hash = `#/handlers/${id}`;
  }

  askForDeletion() {
    confirm(t("handlers.delete", { name: nameOfHandler(this.handler) }), t("handlers.delete-words"), t("action.delete"),
      (button) => attempt(button, async () => { await remove(`/6/handlers/${this.handler.handler_id}`); location.hash = "#/handlers"; }));
  }
}
