// Forms made from JSON Schemas: what an analytic takes is what its form asks for.
import { add, freshID, h, put } from "../lib/dom.js";
import { t, tOr } from "../lib/messages.js";
import { kindOf, prettyKey, resolve, takesNull, variantOf, wordOfVariant } from "../lib/schema.js";
import { check, field, select } from "./fields.js";

/**
 * A part of a form: `node` to be shown, `read()` which gives its value or undefined where nothing was said, and `fail(path, words)` which
 * shows an error at the place that the API names, and says whether it has that place.
 */
export class SchemaForm {
  /** - `special` makes fields of its own for some keys, such as the regions that are drawn: `{key: (context) => part}`. */
  constructor(root, special = {}) {
    this.root = root;
    this.special = special;
    this.variant = "";
  }

  part(schema, value, key, isRequired = false) {
    const found = resolve(schema, this.root);
    if (key in this.special) return this.special[key]({ value, label: this.label(key), help: this.help(found, key), schema: found });
    return this[kindOf(found, this.root)](found, value, key, isRequired);
  }

  /** Words for a property: those of the variant that it is in, those of its name, and else what the schema says. */
  label(key) { return tOr(`param.${this.variant}.${key}`, tOr(`param.${key}`, prettyKey(String(key)))); }
  help(schema, key) { return schema.description && tOr(`param.${this.variant}.${key}.help`, tOr(`param.${key}.help`, schema.description)); }
  choiceWord(key, value) { return tOr(`choice.${key}.${value}`, value === null ? t("form.default") : prettyKey(String(value))); }

  /** A field of one control. `read` makes a value of its text. */
  simple(schema, key, control, read) {
    const node = field(this.label(key), control, this.help(schema, key));
    return { node, read, fail: (path, words) => (path.length ? false : (node.fail(words), control.focus(), true)) };
  }

  fixed(schema) { return { node: null, read: () => schema.const, fail: () => false, isConstant: true }; }

  choice(schema, value, key, isRequired) {
    const values = schema.enum.filter((one) => one !== null);
    // What leaves nothing to choose is not asked.
    if (values.length === 1 && values[0] === schema.default) return { node: null, read: () => value, fail: () => false };
    const byDefault = schema.default ?? null;
    const options = values.map((one, index) => [index, this.choiceWord(key, one)]);
    if (!isRequired) options.unshift(["", byDefault === null ? t("form.default") : t("form.default-is", { value: this.choiceWord(key, byDefault) })]);
    const control = select({}, options, value === undefined || value === null ? (isRequired ? 0 : "") : values.indexOf(value));
    return this.simple(schema, key, control, () => (control.value === "" ? undefined : values[control.value]));
  }

  number(schema, value, key, isRequired) {
    const isWhole = [schema.type].flat().includes("integer");
    const control = h("input", { type: "number", step: isWhole ? 1 : "any", min: schema.minimum, max: schema.maximum, required: isRequired, placeholder: schema.default ?? (takesNull(schema) ? t("form.default") : "") });
    control.value = value ?? "";
    return this.simple(schema, key, control, () => (control.value === "" ? undefined : Number(control.value)));
  }

  text(schema, value, key, isRequired) {
    const isSecret = key === "password" || key === "secret";
    const control = h("input", { type: isSecret ? "password" : "text", maxlength: schema.maxLength, required: isRequired, autocomplete: isSecret ? "new-password" : "off", spellcheck: "false", placeholder: schema.default });
    control.value = value ?? "";
    return this.simple(schema, key, control, () => (control.value === "" && !isRequired ? undefined : control.value));
  }

  flag(schema, value, key) {
    let isOn = value ?? schema.default ?? false;
    const node = check(this.label(key), isOn, (event) => { isOn = event.target.checked; }, this.help(schema, key));
    return { node, read: () => (isOn === (schema.default ?? false) && value === undefined ? undefined : isOn), fail: () => false };
  }

  /** Some of a few values. */
  picks(schema, value, key) {
    const chosen = new Set(value ?? schema.default ?? []);
    const isUntouched = () => value === undefined && [...chosen].join() === (schema.default ?? []).join();
    const error = h("p", { class: "field-error" });
    const node = h("fieldset", { class: "stack tight" }, h("legend", { class: "legend" }, this.label(key)), this.help(schema, key) ? h("p", { class: "help" }, this.help(schema, key)) : null,
      resolve(schema.items, this.root).enum.map((one) => check(this.choiceWord(key, one), chosen.has(one), (event) => { chosen[event.target.checked ? "add" : "delete"](one); })), error);
    return { node, read: () => (isUntouched() ? undefined : [...chosen]), fail: (path, words) => { error.textContent = words; return true; } };
  }

  object(schema, value, key, isRequired) {
    const required = new Set(schema.required ?? []);
    const parts = Object.entries(schema.properties).map(([name, property]) => [name, this.part(property, value?.[name], name, required.has(name) && isRequired)]);
    const isTop = key === "";
    const holder = h("div", { class: "stack" }, parts.map(([, part]) => part.node));
    const node = isTop ? holder : h("fieldset", { class: "group" }, h("legend", { class: "legend" }, this.label(key)), this.help(schema, key) ? h("p", { class: "help" }, this.help(schema, key)) : null, holder);
    const read = () => {
      const told = parts.map(([name, part]) => [name, part.read(), part.isConstant]).filter(([, one]) => one !== undefined);
      return told.some(([, , isConstant]) => !isConstant) || (isRequired && told.length) ? Object.fromEntries(told.map(([name, one]) => [name, one])) : undefined;
    };
    return { node, parts, read, fail: ([name, ...rest], words) => parts.find(([other]) => other === name)?.[1].fail(rest, words) ?? false };
  }

  /** Names and values, one a line. */
  map(schema, value, key) {
    const control = h("textarea", { spellcheck: "false", placeholder: "Name: value" });
    control.value = Object.entries(value ?? {}).map(([name, one]) => `${name}: ${one}`).join("\n");
    const pair = (line) => { const at = line.indexOf(":"); return [line.slice(0, at).trim(), line.slice(at + 1).trim()]; };
    return this.simple(schema, key, control, () => {
      const lines = control.value.split("\n").filter((line) => line.includes(":"));
      return lines.length ? Object.fromEntries(lines.map(pair)) : undefined;
    });
  }

  /** Any number of things of one form. */
  list(schema, value, key) {
    const items = [];
    const holder = h("div", { class: "stack" });
    const grow = (one) => {
      const part = this.part(schema.items, one, "item", true);
      const node = h("div", { class: "list-item" }, part.node, h("button", { type: "button", class: "plain", onclick: () => { items.splice(items.indexOf(part), 1); node.remove(); more.hidden = false; } }, t("action.remove")));
      items.push(part);
      holder.append(node);
      more.hidden = items.length >= (schema.maxItems ?? Infinity);
    };
    const more = h("button", { type: "button", onclick: () => grow(undefined) }, tOr(`param.${key}.add`, t("action.add")));
    for (const one of value ?? []) grow(one);
    const node = h("fieldset", { class: "group" }, h("legend", { class: "legend" }, this.label(key)), this.help(schema, key) ? h("p", { class: "help" }, this.help(schema, key)) : null, holder, more);
    return { node, read: () => (items.length || value ? items.map((part) => part.read() ?? {}) : undefined), fail: ([index, ...rest], words) => items[index]?.fail(rest, words) ?? false };
  }

  /** One of several forms. */
  variants(schema, value, key, isRequired) {
    const variants = schema.oneOf.map((one) => resolve(one, this.root)).filter((one) => !(takesNull(one) && !one.properties && !one.enum));
    const byDefault = schema.default;
    const now = variantOf(variants, value ?? (isRequired ? byDefault : undefined));
    const holder = h("div", { class: "stack" });
    let part = null;
    const options = variants.map((one, index) => [index, tOr(`variant.${key}.${wordOfVariant(one)}`, prettyKey(wordOfVariant(one)))]);
    if (!isRequired) options.unshift(["", this.defaultWord(byDefault)]);
    const control = select({ id: freshID("variant"), onchange: () => open(control.value === "" ? -1 : Number(control.value), undefined) }, options, now < 0 ? (isRequired ? 0 : "") : now);
    const open = (index, one) => {
      const chosen = variants[index], outer = this.variant;
      if (chosen) this.variant = wordOfVariant(chosen);
      part = chosen ? (kindOf(chosen, this.root) === "object" ? this.object(chosen, one, "", true) : this.part(chosen, one, key, true)) : null;
      this.variant = outer;
      put(holder, part?.node);
    };
    open(now < 0 ? (isRequired ? 0 : -1) : now, value ?? (isRequired ? byDefault : undefined));
    const isItem = key === "item";
    const head = field(isItem ? t("form.kind") : this.label(key), control, isItem ? null : this.help(schema, key));
    return { node: add(h("div", { class: "group" }), [head, holder]), read: () => (part ? part.read() : undefined), fail: (path, words) => (part?.fail(path, words) || (head.fail(words), true)) };
  }

  defaultWord(value) {
    if (value === undefined || value === null || value === false) return t("form.default");
    return t("form.default-is", { value: typeof value === "object" ? Object.values(value).join(" ") : value });
  }
}
