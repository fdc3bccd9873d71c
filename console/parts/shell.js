// What is around every page: where one can go, whether the daemon answers, who is signed in; and the way from addresses to pages.
import { add, freshID, h, icon, mark, put, say } from "../lib/dom.js";
import { LANGUAGES, chooseLanguage, language, t } from "../lib/messages.js";
import { clock, zoneName } from "../lib/time.js";
import { Unreachable, connection, credentials, listen, lost } from "../lib/api.js";
import { isAdmin, may, me, signOut } from "../lib/session.js";
import { mayMatch } from "../lib/faces.js";
import { Page } from "../lib/page.js";
import { chooseTheme, theme, themes } from "./theme.js";
import { failedState, loadingState } from "./states.js";
import { select } from "./fields.js";

/** Addresses and the files of their pages. Of several the first that fits counts. */
const ROUTES = [
  [/^\/sign-in(?:\/(?<code>[^/]+))?$/, "sign-in"],
  [/^\/streams$/, "streams", "streams"],
  [/^\/streams\/new$/, "stream-edit", "streams"],
  [/^\/streams\/(?<id>[a-f0-9-]{36})$/, "stream", "streams"],
  [/^\/streams\/(?<id>[a-f0-9-]{36})\/edit$/, "stream-edit", "streams"],
  [/^\/events$/, "events", "events"],
  [/^\/events\/(?<id>[a-f0-9-]{36})$/, "event", "events"],
  [/^\/people$/, "people", "people"],
  [/^\/faces$/, "faces", "faces"],
  [/^\/faces\/(?<id>[a-f0-9-]{36})$/, "face", "faces"],
  [/^\/lists(?:\/(?<id>[a-f0-9-]{36}))?$/, "lists", "lists"],
  [/^\/search$/, "search", "search"],
  [/^\/handlers$/, "handlers", "handlers"],
  [/^\/handlers\/(?:new|(?<id>[a-f0-9-]{36}))$/, "handler", "handlers"],
  [/^\/groups$/, "groups", "groups"],
  [/^\/jobs(?:\/(?<id>[a-f0-9-]{36}))?$/, "jobs", "jobs"],
  [/^\/accounts$/, "accounts", "accounts"],
  [/^\/tokens$/, "tokens", "tokens"],
  [/^\/system$/, "system", "system"],
];
const PLACES = [
  ["streams", () => may("video_stream")],
  ["events", () => may("event")],
  ["people", () => may("event")],
  ["search", mayMatch],
  ["faces", () => may("face")],
  ["lists", () => may("list")],
  ["handlers", () => may("handler")],
  ["groups", () => may("video_group")],
  ["jobs", () => may("task")],
  ["accounts", () => me?.permissions === null],
  ["tokens", () => may("token")],
  ["system", isAdmin],
];
const FIRST = 3;

let page, main, rail, banner, announcer;

export function start() {
  const frame = h("div", { class: "frame" });
  rail = h("header", { class: "rail" });
  main = h("main", { id: "main", tabindex: "-1" });
  banner = h("div", { class: "banner", role: "status" });
  announcer = h("div", { class: "unseen", "aria-live": "polite" });
  const skip = h("a", { class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, t("shell.skip"));
  document.body.replaceChildren(skip, add(frame, [rail, h("div", { class: "stage" }, banner, main)]), announcer, h("div", { class: "notes", role: "status" }));
  addEventListener("hashchange", go);
  credentials.addEventListener("ended", () => leave());
  connection.addEventListener("lost", showConnection);
  connection.addEventListener("back", () => { showConnection(); announce(t("connection.back")); });
  listen();
  go();
  // The other pages are had beforehand, so that they are there when the daemon is not.
  setTimeout(() => { for (const [, name] of ROUTES) import(`../pages/${name}.js`).catch(() => null); }, 4000);
}

/** Says something to those who hear the page. */
export const announce = (words) => say(announcer, words);

/** The address behind the `#`: its path, and the query in it. */
function address() {
  const [path, text = ""] = location.hash.slice(1).split("?");
  return { path: path.length > 1 ? path : `/${PLACES.find(([, isOpen]) => isOpen())?.[0] ?? "streams"}`, query: new URLSearchParams(text) };
}

function leave() {
  const here = location.hash;
  if (here.startsWith("#/sign-in")) return;
  if (here.length > 2) sessionStorage.setItem("sightline.wanted", here);
  location.hash = "#/sign-in";
}

async function go() {
  const { path, query } = address();
  const route = ROUTES.find(([form]) => form.test(path));
  if (!me && route?.[1] !== "sign-in") return leave();
  page?.close();
  const mine = page = new Page({ path, query, ...(route?.[0].exec(path)?.groups ?? {}) });
  document.body.classList.toggle("bare", route?.[1] === "sign-in");
  document.body.classList.toggle("wall", query.has("wall"));
  showRail(route?.[2]);
  showConnection();
  if (!route) return put(main, failedState(t("shell.nowhere")));
  put(main, loadingState());
  const view = h("div", { class: `page page-${route[1]}` });
  try {
    const { show } = await moduleOf(route[1], mine);
    if (mine.isOver) return;
    await show(view, mine);
    if (mine.isOver) return;
    put(main, view);
  } catch (error) {
    if (mine.isOver || error.name === "AbortError") return;
    put(main, failedState(error.message || t("connection.none"), go));
    if (!error.message) mine.on(connection, "back", go);
    if (!error.status && error.message) throw error;
  }
  const title = main.querySelector("h1");
  document.title = title ? `${title.textContent} · Sightline` : "Sightline";
  if (title && document.activeElement === document.body) { title.tabIndex = -1; title.focus({ preventScroll: true }); }
  scrollTo(0, 0);
}

/** The module of a page. A browser may remember that one could not be had, so when the daemon is back all is loaded anew. */
async function moduleOf(name, mine) {
  try {
    return await import(`../pages/${name}.js`);
  } catch (failure) {
    if (!(failure instanceof TypeError)) throw failure;
    lost();
    mine.on(connection, "back", () => location.reload());
    throw new Unreachable();
  }
}

/** Shows the page anew. */
export const again = go;

function showConnection() {
  banner.classList.toggle("shown", connection.isLost);
  document.body.classList.toggle("is-lost", connection.isLost);
  say(banner, connection.isLost ? t("connection.lost", { time: clock(connection.since) }) : "");
  const dot = rail.querySelector(".link-state");
  if (dot) say(dot, connection.isLost ? t("connection.away") : t("connection.here"));
}

function showRail(here) {
  if (!me) return put(rail);
  const link = ([name]) => h("a", { href: `#/${name}`, class: "place", "aria-current": name === here ? "page" : null }, icon(name), h("span", {}, t(`nav.${name}`)));
  const places = PLACES.filter(([, isOpen]) => isOpen());
  const menu = freshID("menu");
  const rest = h("div", { class: "rest", id: menu }, places.slice(FIRST).map(link), settings());
  const more = h("button", { class: places.slice(FIRST).some(([name]) => name === here) ? "place more here" : "place more", "aria-expanded": "false", "aria-controls": menu, onclick: () => {
    more.setAttribute("aria-expanded", String(rest.classList.toggle("open")));
  } }, icon("more"), h("span", {}, t("nav.more")));
  put(rail,
    h("a", { class: "brand", href: "#/streams" }, mark(), h("span", {}, "Sightline")),
    h("nav", { "aria-label": t("nav.label") }, places.slice(0, FIRST).map(link), more, rest));
  rail.onkeydown = (event) => { if (event.key === "Escape" && rest.classList.remove("open") === undefined) more.setAttribute("aria-expanded", "false"); };
}

function settings() {
  return h("div", { class: "settings" },
    h("p", { class: "whoami" }, h("span", { class: "login", title: me.login }, me.login ?? t("shell.token")), h("span", { class: "quiet" }, me.login ? t(`account.type.${me.account_type}`) : "")),
    h("p", { class: "quiet zone" }, t("shell.zone", { zone: zoneName() })),
    h("p", { class: "quiet link-state" }, t("connection.here")),
    h("div", { class: "switches" },
      select({ "aria-label": t("shell.theme"), onchange: (event) => chooseTheme(event.target.value) }, themes.map((name) => [name, t(`theme.${name}`)]), theme()),
      select({ "aria-label": t("shell.language"), onchange: (event) => chooseLanguage(event.target.value) }, Object.entries(LANGUAGES), language)),
    h("button", { class: "plain", onclick: async () => { await signOut(); location.hash = "#/sign-in"; } }, t("shell.sign-out")));
}

/** A short note at the edge of the page, gone after some seconds. */
export function note(words, kind = "good") {
  const holder = document.querySelector(".notes");
  const line = h("p", { class: `note ${kind}` }, words);
  holder.append(line);
  setTimeout(() => line.remove(), kind === "bad" ? 9000 : 4500);
}

/** Does what a button asks for, keeps it from being asked twice, and notes what the API refuses. Gives whether it was done. */
export async function attempt(button, work) {
  if (button) button.disabled = true;
  try {
    await work();
    return true;
  } catch (error) {
    if (error.name !== "AbortError") note(error.message || t("connection.none"), "bad");
    if (!error.status && error.message && error.name !== "AbortError") console.warn(error);
    return false;
  } finally {
    if (button) button.disabled = false;
  }
}
