// Accounts: one's own, and for administrators those of all.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { dayAndHour, timeTag, whole } from "../lib/time.js";
import { get, patch, post } from "../lib/api.js";
import { isAdmin, signIn } from "../lib/session.js";
import { field, select } from "../parts/fields.js";
import { note } from "../parts/shell.js";
import { formDialog, table } from "../parts/table.js";

const TYPES = ["user", "advanced_user", "admin"];

export async function show(view, page) {
  const own = h("section", { class: "card" });
  const list = h("div");
  const options = { signal: page.signal };
  const read = async () => {
    const [account, { accounts, total_count: count }] = await Promise.all([get("/6/account", options), get("/6/accounts?page_size=1000", options)]);
    put(own, h("div", { class: "card-head" }, h("h2", {}, t("accounts.own")), h("div", { class: "actions" }, h("button", { onclick: () => password(account) }, t("accounts.password")), h("button", { onclick: () => describe(account) }, t("action.edit")))),
      h("dl", { class: "facts" }, [["sign-in.login", account.login], ["accounts.type", t(`account.type.${account.account_type}`)], ["edit.description", account.description || "–"], ["stream.created", timeTag(account.create_time, whole)], ["event.id", h("span", { class: "mono" }, account.account_id)]].map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)])));
    put(list, count > 1 || isAdmin() ? [h("h2", { class: "list-title" }, t("accounts.all", { n: count })), table(t("accounts.title"), [
      [t("sign-in.login"), ({ login }) => login], [t("accounts.type"), ({ account_type: type }) => t(`account.type.${type}`)], [t("edit.description"), ({ description }) => description || "–"],
      [t("stream.created"), ({ create_time: time }) => timeTag(time, dayAndHour)], [t("event.id"), ({ account_id: id }) => h("span", { class: "mono" }, id)],
    ], accounts)] : null);
  };
  const make = () => {
    const login = field(t("sign-in.login"), h("input", { type: "text", autocomplete: "off", placeholder: "name@example.org" }), t("accounts.login-help"));
    const words = field(t("sign-in.password"), h("input", { type: "password", autocomplete: "new-password" }));
    const type = field(t("accounts.type"), select({}, TYPES.slice(0, 2).map((one) => [one, t(`account.type.${one}`)]), "user"), t("accounts.type-help"));
    const description = field(t("edit.description"), h("input", { type: "text", maxlength: 128 }));
    formDialog(t("accounts.add"), [login, words, type, description], t("action.add"), async () => {
      await post("/6/accounts", { login: login.control.value.trim(), password: words.control.value, account_type: type.control.value, description: description.control.value });
      await read();
    });
  };
  const describe = (account) => {
    const login = field(t("sign-in.login"), h("input", { type: "text", autocomplete: "off", value: account.login }), t("accounts.login-help"));
    const description = field(t("edit.description"), h("input", { type: "text", maxlength: 128, value: account.description }));
    formDialog(t("accounts.own"), [login, description], t("action.save"), async () => {
      await patch("/6/account", { ...(login.control.value !== account.login ? { login: login.control.value.trim() } : {}), description: description.control.value });
      await read();
    });
  };
  /** A new password ends every session, so this page signs in anew with it. */
  const password = (account) => {
    const words = field(t("accounts.new-password"), h("input", { type: "password", autocomplete: "new-password" }), t("accounts.password-help"));
    const again = field(t("accounts.password-again"), h("input", { type: "password", autocomplete: "new-password" }));
    formDialog(t("accounts.password"), [words, again], t("action.save"), async () => {
      if (words.control.value !== again.control.value) throw new Error(t("accounts.password-differs"));
      await patch("/6/account", { password: words.control.value });
      await signIn({ login: account.login, password: words.control.value });
      note(t("accounts.password-changed"));
    });
  };
  await read();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("accounts.title"))), h("div", { class: "tools" }, isAdmin() ? h("button", { class: "primary", onclick: make }, icon("add"), t("accounts.add")) : null)), own, list);
}
