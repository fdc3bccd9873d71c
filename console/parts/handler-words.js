// What a handler is called, and what it does in words.
import { number, t } from "../lib/messages.js";
import { formOf } from "../lib/policies.js";

export const nameOfHandler = (handler) => handler.description || t("handlers.unnamed", { id: handler.handler_id.slice(0, 8) });
export const kindWord = (handler) => t(handler.is_dynamic || handler.handler_type === 1 ? "handlers.dynamic" : "handlers.static");

/** Whether it is the one that every account has: its id is the account's, each byte with one of these combined by exclusive or. It stays as it is. */
export function isBuiltIn({ handler_id: id, account_id: account }) {
  const bytes = (text) => text.replaceAll("-", "").match(/../g).map((pair) => parseInt(pair, 16));
  const own = bytes(account);
  return bytes(id).every((byte, index) => (byte ^ own[index]) === PATTERN[index]);
}
const PATTERN = [...new TextEncoder().encode("sightline.handlr")].map((byte, index) => byte & ({ 6: 0x0f, 8: 0x3f }[index] ?? 0xff));

/** What it does, in a few sentences. `names` are those of lists by their ids. */
export function summary({ policies }, names) {
  if (!policies) return t("handlers.by-request");
  const form = formOf(policies), said = [];
  if (form.list) said.push(t("handlers.sum.match", { list: names.get(form.list) ?? form.list.slice(0, 8) }));
  else if (policies.match_policy?.length) said.push(t("handlers.sum.matches", { n: policies.match_policy.length }));
  const tags = policies.conditional_tags_policy?.map(({ tag }) => tag) ?? [];
  if (tags.length) said.push(t("handlers.sum.tags", { tags: tags.join(", ") }));
  said.push(t(`handlers.sum.events.${form.events}`, { similarity: number(form.similarity, 2) }));
  if (form.faces !== "none") said.push(t(`handlers.sum.faces.${form.faces}`));
  return said.join(" ");
}
