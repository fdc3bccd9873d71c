// Faces: who is to be known again.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { may } from "../lib/session.js";
import { mayFind, mayMatch, nameOfList, readLists } from "../lib/faces.js";
import { FaceGrid } from "../parts/face-grid.js";
import { makeFace } from "../parts/face-form.js";
import { field, select } from "../parts/fields.js";
import { filterRow, keepInAddress } from "../parts/filters.js";
import { needsRecognition } from "../parts/recognition-off.js";
import { note } from "../parts/shell.js";

const TEXTS = ["user_data", "external_ids"];

export async function show(view, page) {
  const told = await needsRecognition(view, page, t("faces.title"));
  if (!told) return;
  const lists = await readLists({ signal: page.signal });
  const asked = page.address.query, state = Object.fromEntries(["list_id", ...TEXTS].map((name) => [name, asked.get(name) ?? ""]));
  const grid = new FaceGrid(page, lists, { none: () => (Object.values(state).some(Boolean) ? [t("faces.no-match"), t("faces.no-match-words")] : [t("faces.none"), t(told.describes ? "faces.none-words" : "faces.none-described")]) });
  const changed = () => { keepInAddress("/faces", state); grid.show(state); };
  const text = (name, label) => field(label, h("input", { type: "search", value: state[name], onchange: (event) => { state[name] = event.target.value.trim(); changed(); } }));
  const choice = select({ onchange: () => { state.list_id = choice.value; changed(); } }, [["", t("faces.all-lists")], ...lists.map((list) => [list.list_id, nameOfList(list)])], state.list_id);
  put(view,
    h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("faces.title")), h("p", { class: "summary" }, t("faces.words"))), h("div", { class: "tools" },
      mayMatch() ? h("a", { class: "button", href: "#/search" }, icon("search"), t("nav.search")) : null,
      may("face", "creation") && mayFind() && told.describes ? h("button", { class: "primary", onclick: () => makeFace(lists, state.list_id ? [state.list_id] : [], async () => { note(t("faces.added")); await grid.show(state); }) }, icon("add"), t("faces.add")) : null)),
    filterRow(lists.length ? field(t("faces.list"), choice) : null, text("user_data", t("faces.name-contains")), text("external_ids", t("events.filter.external_ids"))), grid.node);
  grid.show(state);
}
