// The form of a handler for the common case: whom people are compared with, what they are tagged with, and what is kept.
import { h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { nameOfList } from "../lib/faces.js";
import { ESTIMATES, WHO, labelOf } from "../lib/policies.js";
import { owns } from "../lib/session.js";
import { check, field, select } from "./fields.js";

/** Days for which samples may be kept. */
const DAYS = [1, 2, 3, 4, 5, 6, 7, 14, 30, 60, 90, 180, 365];

/** Fields that write into `form` as `policies.js` has it. `lists` may be empty; then nobody is compared. */
export function handlerFields(form, lists, told) {
  const own = lists.filter(owns), named = new Map(own.map((list) => [list.list_id, nameOfList(list)]));
  const options = (none) => [["", none], ...named, ...(form.list && !named.has(form.list) ? [[form.list, form.list.slice(0, 8)]] : [])];
  const follow = (key, read = (control) => control.value) => ({ onchange: (event) => { form[key] = read(event.target); } });
  const compared = h("div", { class: "stack" });
  const storage = h("fieldset", { class: "group" });

  const who = (key, words, choices) => field(words, select(follow(key), choices.map((one) => [one, t(`handlers.who.${one}`)]), form[key]));
  const showCompared = () => put(compared, form.list ? [
    h("div", { class: "row" },
      field(t("handlers.similarity"), h("input", { type: "number", min: 0, max: 1, step: "any", value: form.similarity, ...follow("similarity", (control) => Number(control.value)) }), t("handlers.similarity-help")),
      field(t("handlers.label"), h("input", { type: "text", maxlength: 36, value: form.label, ...follow("label") }), t("handlers.label-help"))),
    h("div", { class: "row" },
      field(t("handlers.tag-known"), h("input", { type: "text", maxlength: 36, value: form.tagKnown, ...follow("tagKnown", (control) => control.value.trim()) })),
      field(t("handlers.tag-unknown"), h("input", { type: "text", maxlength: 36, value: form.tagUnknown, ...follow("tagUnknown", (control) => control.value.trim()) }))),
  ] : null);
  const showStorage = () => {
    // Without a list nobody is known or unknown.
    const choices = form.list ? WHO : ["all", "none"];
    for (const key of ["events", "faces"]) if (!choices.includes(form[key])) form[key] = key === "events" ? "all" : "none";
    const onList = field(t("handlers.on-list"), select(follow("onList"), options(t("handlers.no-list")), form.onList));
    put(storage, h("legend", { class: "legend" }, t("handlers.keeps")),
      h("div", { class: "row" }, who("events", t("handlers.events"), choices), told.isOn ? who("faces", t("handlers.faces"), choices) : null, told.isOn && own.length ? onList : null),
      form.list ? h("p", { class: "help" }, t("handlers.unknown-help")) : null,
      check(t("handlers.samples"), form.samples, (event) => { form.samples = event.target.checked; }),
      field(t("handlers.ttl"), select({ onchange: (event) => { form.ttl = event.target.value === "" ? null : Number(event.target.value); } }, [["", t("form.default")], ...DAYS.map((n) => [String(n), t("lists.days", { n })]), ["-1", t("lists.for-good")]], String(form.ttl ?? ""))),
      check(t("handlers.origin"), form.origin, (event) => { form.origin = event.target.checked; }),
      check(t("handlers.notify"), form.notify, (event) => { form.notify = event.target.checked; }));
  };
  const list = field(t("handlers.list"), select({ onchange: (event) => {
    const before = named.get(form.list) ?? "";
    form.list = event.target.value;
    if (!form.label || form.label === labelOf(before)) form.label = labelOf(named.get(form.list) ?? "");
    showCompared();
    showStorage();
  } }, options(t("handlers.no-match")), form.list), own.length ? t("handlers.list-help") : t("handlers.no-lists"));
  showCompared();
  showStorage();
  const estimate = (name) => check(t(`handlers.${name}`), form.estimates.includes(name), (event) => { form.estimates = event.target.checked ? [...form.estimates, name] : form.estimates.filter((one) => one !== name); });
  return [
    told.isOn ? h("fieldset", { class: "group" }, h("legend", { class: "legend" }, t("handlers.compares")), list, compared) : null,
    storage,
    h("fieldset", { class: "group" }, h("legend", { class: "legend" }, t("handlers.estimates")), check(t("handlers.extract_basic_attributes"), form.attributes, (event) => { form.attributes = event.target.checked; }), ESTIMATES.map(estimate)),
  ];
}
