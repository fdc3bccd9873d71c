// Signing in: by login and password, by a token, or by a link that is good once.
import { h, mark, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { signIn, signInByToken } from "../lib/session.js";
import { field, segments } from "../parts/fields.js";

export async function show(view, page) {
  const words = page.address.code ? await signIn({ code: page.address.code }).then(onward, (error) => t("sign-in.code-failed", { why: error.message || t("connection.none") })) : "";
  if (words === undefined) return;
  const problem = h("p", { class: "form-error", role: "alert" }, words);
  const form = h("form", { class: "sign-in-form", novalidate: true });
  let by = "password";
  const login = field(t("sign-in.login"), h("input", { name: "login", type: "text", inputmode: "email", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true }));
  const password = field(t("sign-in.password"), h("input", { name: "password", type: "password", autocomplete: "current-password", required: true }));
  const token = field(t("sign-in.token"), h("input", { name: "token", type: "password", autocomplete: "off", required: true }), t("sign-in.token-help"));
  const button = h("button", { class: "primary", type: "submit" }, t("sign-in.go"));
  const fields = h("div", { class: "stack" }, login, password);
  form.append(
    segments(t("sign-in.by"), [["password", t("sign-in.by-password")], ["token", t("sign-in.by-token")]], by, (choice) => {
      by = choice;
      put(fields, by === "password" ? [login, password] : token);
    }), fields, problem, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      if (by === "password") await signIn({ login: login.control.value.trim(), password: password.control.value });
      else await signInByToken(token.control.value.trim());
      onward();
    } catch (error) {
      problem.textContent = error.message || t("connection.none");
      (by === "password" ? password : token).control.focus();
    } finally {
      button.disabled = false;
    }
  });
  put(view, h("div", { class: "sign-in" }, h("div", { class: "brand big" }, mark(), h("span", {}, "Sightline")), h("h1", {}, t("sign-in.title")), form));
  setTimeout(() => { if (!page.isOver) login.control.focus(); });
}

function onward() {
  const wanted = sessionStorage.getItem("sightline.wanted");
  sessionStorage.removeItem("sightline.wanted");
  location.replace(wanted && !wanted.startsWith("#/sign-in") ? wanted : "#/");
}
