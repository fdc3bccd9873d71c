// What is looked for in a stream: its analytics, each with a form made from the schema that the daemon publishes of it.
import { h, put } from "../lib/dom.js";
import { t, tOr } from "../lib/messages.js";
import { prettyKey } from "../lib/schema.js";
import { handlerPart } from "./handler-choice.js";
import { SchemaForm } from "./schema-form.js";
import { zonePart } from "./zone-editor.js";

/** What a new one of an analytic begins with, where its defaults show little to somebody who looks. */
const BEGINNINGS = {
  people_count: { targets: ["overview", "coordinates"] },
  human_tracking: { targets: ["body_detection", "overview"], parameters: { tracking: { detector_type: "body" } } },
};
/** The parameters that are asked for at once; all others stand behind a summary. */
const FIRST = ["people_count_threshold", "droi", "tracking"];

export class AnalyticsForm {
  /** - `still` gives what regions are drawn on, `changed` is told when another analytic was added or taken away, `handlers` may be named. */
  constructor(catalogue, analytics, still, changed, handlers = []) {
    Object.assign(this, { catalogue, still, changed, handlers, parts: [] });
    this.holder = h("div", { class: "stack" });
    this.problem = h("p", { class: "form-error", role: "alert" });
    this.node = h("section", { class: "card stack" }, h("h2", {}, t("edit.looks-for")), this.holder, this.problem,
      h("div", { class: "actions" }, catalogue.map(({ analytic_name: name }) => h("button", { type: "button", "data-analytic": name, onclick: () => { this.grow(name, BEGINNINGS[name] ?? {}).focus(); changed(); } }, t("edit.add-analytic", { name: this.nameOf(name) })))));
    for (const { analytic_name: name, parameters } of analytics) this.grow(name, parameters);
    if (!analytics.length && catalogue.length) this.grow(catalogue.some((one) => one.analytic_name === "people_count") ? "people_count" : catalogue[0].analytic_name, BEGINNINGS.people_count);
  }

  nameOf(name) { return tOr(`analytic.${name}`, prettyKey(name)); }

  grow(name, value) {
    const entry = this.catalogue.find(({ analytic_name: other }) => other === name);
    const schema = entry?.validation_schema;
    const region = (kind) => (context) => zonePart(kind, context, this.still);
    const form = new SchemaForm(schema, { roi: region("roi"), droi: region("droi"), handler_id: (context) => handlerPart(context, this.handlers) });
    const part = { name, ...(schema ? form.part(schema, value, "", true) : { node: h("p", { class: "quiet" }, t("edit.no-schema")), read: () => value, fail: () => false }) };
    const title = h("h3", { tabindex: "-1" }, this.nameOf(name));
    const node = h("div", { class: "analytic" }, h("div", { class: "card-head" }, h("div", {}, title, h("p", { class: "help" }, tOr(`analytic.${name}.help`, entry?.description ?? ""))),
      h("button", { type: "button", class: "plain", onclick: () => { this.parts.splice(this.parts.indexOf(part), 1); node.remove(); this.changed(); } }, t("action.remove"))), this.arranged(part));
    this.parts.push(part);
    this.holder.append(node);
    return title;
  }

  /** What matters most first, the rest behind a summary, each field where its part put it. */
  arranged(part) {
    const inner = part.parts?.find(([key]) => key === "parameters")?.[1];
    if (!inner?.parts) return part.node;
    const first = FIRST.flatMap((key) => inner.parts.filter(([name]) => name === key).map(([, one]) => one.node));
    const rest = [...inner.parts.filter(([name]) => !FIRST.includes(name)).map(([, one]) => one.node)];
    const others = part.parts.filter(([key]) => key !== "parameters").map(([, one]) => one.node);
    this.details = h("details", {}, h("summary", {}, t("edit.all-parameters")), h("div", { class: "stack details-body" }, others, rest));
    const details = this.details;
    const fail = part.fail;
    part.fail = (path, words) => { details.open = true; return fail(path, words); };
    return h("div", { class: "stack" }, first, details);
  }

  read() { return this.parts.map(({ name, read }) => ({ analytic_name: name, parameters: read() ?? {} })); }

  /** Shows an error of the API at the field that it names. */
  fail([index, member, ...rest], words) {
    const part = this.parts[Number(index)];
    if (part && member === "parameters" && part.fail(rest, words)) return true;
    put(this.problem, words);
    return Boolean(words);
  }
}
