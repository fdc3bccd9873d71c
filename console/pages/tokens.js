// Tokens: credentials with rights of their own, for programs and for people who shall see less.
import { h, icon, put } from "../lib/dom.js";
import { t, tOr } from "../lib/messages.js";
import { dayAndHour, fromLocalInput, timeTag } from "../lib/time.js";
import { all, post, remove } from "../lib/api.js";
import { may, me, owns } from "../lib/session.js";
import { check, confirm, dialog, field, select } from "../parts/fields.js";
import { emptyState } from "../parts/states.js";
import { attempt, note } from "../parts/shell.js";
import { formDialog, rowButton, table } from "../parts/table.js";
import { prettyKey } from "../lib/schema.js";

const EVERYTHING = ["creation", "view", "modification", "deletion"];
/** Kinds of objects, and what may be done with them, as far as this console and its API know them. */
const RIGHTS = {
  video_stream: EVERYTHING, video_group: EVERYTHING, video_analytic: ["view"], event: ["creation", "view", "matching"], face: [...EVERYTHING, "matching"], list: EVERYTHING, attribute: [...EVERYTHING, "matching"], image: ["creation", "view", "deletion"], object: ["creation", "view", "deletion"],
  face_sample: ["creation", "view", "deletion"], body_sample: ["creation", "view", "deletion"], task: EVERYTHING, handler: EVERYTHING, verifier: EVERYTHING, token: EVERYTHING, account: ["view"], resources: ["sdk", "iso"],
};
/** What somebody needs who only looks. */
const LOOKING = { video_stream: ["view"], video_group: ["view"], video_analytic: ["view"], event: ["view"], image: ["view"], body_sample: ["view"], face_sample: ["view"], token: [], account: ["view"] };

const kindWord = (kind) => tOr(`right.${kind}`, prettyKey(kind));
const actionWord = (action) => tOr(`action-right.${action}`, action);

export async function show(view, page) {
  const holder = h("div");
  const read = async () => {
    const tokens = await all("/6/tokens", "tokens", { signal: page.signal });
    put(holder, tokens.length === 0 ? emptyState(t("tokens.none"), t("tokens.none-words")) : table(t("tokens.title"), [
      [t("edit.description"), (token) => token.description || h("span", { class: "mono" }, token.token_id)],
      [t("tokens.rights"), (token) => told(token.permissions)],
      [t("tokens.sees"), (token) => t(`tokens.area.${token.visibility_area}`)],
      [t("tokens.until"), (token) => (token.expiration_time ? h("span", {}, timeTag(token.expiration_time, dayAndHour), new Date(token.expiration_time) < new Date() ? ` (${t("tokens.expired")})` : "") : t("tokens.never"))],
      [t("stream.created"), (token) => timeTag(token.create_time, dayAndHour)],
      ["", (token) => h("div", { class: "actions" }, owns(token) && may("token", "deletion") ? rowButton(t("action.delete"), token.description, () => confirm(t("tokens.delete", { name: token.description || token.token_id }), t("tokens.delete-words"), t("action.delete"),
        (button) => attempt(button, async () => { await remove(`/6/tokens/${token.token_id}`); await read(); }))) : null)],
    ], tokens));
  };
  const make = () => {
    const chosen = {};
    const description = field(t("edit.description"), h("input", { type: "text", maxlength: 128 }), t("tokens.description-help"));
    const until = field(t("tokens.until"), h("input", { type: "datetime-local" }), t("tokens.until-help"));
    const areas = me.account_type === "user" ? ["account"] : ["account", "all"];
    const area = field(t("tokens.sees"), select({}, areas.map((one) => [one, t(`tokens.area.${one}`)]), "account"));
    const rights = h("div", { class: "rights" });
    const fill = (preset) => {
      for (const kind of Object.keys(RIGHTS)) chosen[kind] = new Set(preset[kind] ?? []);
      put(rights, Object.entries(RIGHTS).map(([kind, actions]) => h("fieldset", { class: "right" }, h("legend", {}, kindWord(kind)), actions.map((action) => check(actionWord(action), chosen[kind].has(action), (event) => { chosen[kind][event.target.checked ? "add" : "delete"](action); })))));
    };
    fill(LOOKING);
    const presets = h("div", { class: "actions" }, h("button", { type: "button", onclick: () => fill(LOOKING) }, t("tokens.only-look")), h("button", { type: "button", onclick: () => fill(RIGHTS) }, t("tokens.everything")), h("button", { type: "button", onclick: () => fill({}) }, t("tokens.nothing")));
    formDialog(t("tokens.add"), [description, h("div", { class: "row" }, until, area), h("p", { class: "legend" }, t("tokens.rights")), presets, rights], t("action.add"), async () => {
      const permissions = Object.fromEntries(Object.entries(chosen).map(([kind, actions]) => [kind, [...actions]]));
      const made = await post("/6/tokens", { description: description.control.value, expiration_time: fromLocalInput(until.control.value), visibility_area: area.control.value, permissions });
      await read();
      setTimeout(() => showOnce(made.token));
    }, { wide: true });
  };
  await read();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("tokens.title")), h("p", { class: "summary" }, t("tokens.words"))), h("div", { class: "tools" }, may("token", "creation") ? h("button", { class: "primary", onclick: make }, icon("add"), t("tokens.add")) : null)), holder);
}

/** Shows a token that was made, to be taken along. */
function showOnce(token) {
  const text = h("textarea", { readonly: true, class: "mono token-text", value: token, "aria-label": t("shell.token") });
  dialog(t("tokens.made"), (close) => [h("p", {}, t("tokens.made-words")), text, h("div", { class: "actions" },
    navigator.clipboard ? h("button", { class: "primary", onclick: (event) => attempt(event.currentTarget, async () => { await navigator.clipboard.writeText(token); note(t("tokens.copied")); }) }, t("tokens.copy")) : null,
    h("button", { onclick: close }, t("action.close")))]);
}

const told = (permissions) => Object.entries(permissions).filter(([, actions]) => Array.isArray(actions) && actions.length).map(([kind, actions]) => `${kindWord(kind)} (${actions.map(actionWord).join(", ")})`).join("; ") || t("tokens.no-rights");
