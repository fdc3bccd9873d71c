// Lists: named sets of faces; all of them, and one with the faces on it.
import { h, icon, put } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { dayAndHour, timeTag } from "../lib/time.js";
import { get, patch, post, remove } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { mayFind, nameOfFace, nameOfList, readFaces, readLists } from "../lib/faces.js";
import { FaceGrid } from "../parts/face-grid.js";
import { makeFace } from "../parts/face-form.js";
import { portrait } from "../parts/portrait.js";
import { check, confirm, field } from "../parts/fields.js";
import { needsRecognition } from "../parts/recognition-off.js";
import { attempt, note } from "../parts/shell.js";
import { emptyState } from "../parts/states.js";
import { formDialog, rowButton, table } from "../parts/table.js";

/** Faces that are offered at once to be put on a list. */
const OFFERED = 60;
const can = (list, action) => owns(list) && may("list", action);

export async function show(view, page) {
  const told = await needsRecognition(view, page, t("lists.title"));
  if (told) await (page.address.id ? showList(view, page, told) : showLists(view, page));
}

async function showLists(view, page) {
  const holder = h("div"), options = { signal: page.signal };
  const read = async () => {
    const lists = await readLists(options);
    const counts = may("face") ? await Promise.all(lists.map(async ({ list_id: id }) => [id, (await get(`/6/faces/count?list_id=${id}`, options)).faces_count])) : null;
    const count = new Map(counts);
    put(holder, lists.length === 0 ? emptyState(t("lists.none"), t("lists.none-words")) : table(t("lists.title"), [
      [t("lists.name"), (list) => h("a", { href: `#/lists/${list.list_id}` }, nameOfList(list))],
      ...(counts ? [[t("nav.faces"), (list) => number(count.get(list.list_id), 0)]] : []),
      [t("lists.kept"), (list) => kept(list)],
      [t("lists.changed"), (list) => timeTag(list.last_update_time, dayAndHour)],
      ["", (list) => h("div", { class: "actions" },
        can(list, "modification") ? rowButton(t("action.edit"), nameOfList(list), () => edit(list, read)) : null,
        can(list, "deletion") ? rowButton(t("action.delete"), nameOfList(list), () => confirmDeletion(list, read)) : null)],
    ], lists));
  };
  await read();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("lists.title")), h("p", { class: "summary" }, t("lists.words"))), h("div", { class: "tools" }, may("list", "creation") ? h("button", { class: "primary", onclick: () => edit(null, read) }, icon("add"), t("lists.add")) : null)), holder);
}

const kept = (list) => (list.face_ttl ? t("lists.days", { n: list.face_ttl }) : t("lists.for-good"));

/** Makes a list, or changes one. */
function edit(list, done) {
  const name = field(t("lists.name"), h("input", { type: "text", maxlength: 128, value: list?.user_data ?? "" }));
  const days = field(t("lists.ttl"), h("input", { type: "number", min: 1, step: 1, value: list?.face_ttl ?? "" }), t("lists.ttl-help"));
  formDialog(list ? nameOfList(list) : t("lists.add"), [name, days], t(list ? "action.save" : "action.add"), async () => {
    const ttl = days.control.value ? Number(days.control.value) : null;
    const body = { user_data: name.control.value.trim(), ...(list || ttl !== null ? { face_ttl: ttl } : {}) };
    await (list ? patch(`/6/lists/${list.list_id}`, body) : post("/6/lists", body));
    await done();
  });
}

function confirmDeletion(list, done) {
  let withFaces = false;
  confirm(t("lists.delete", { name: nameOfList(list) }), t("lists.delete-words"), t("action.delete"),
    (button) => attempt(button, async () => { await remove(`/6/lists/${list.list_id}?with_faces=${withFaces ? 1 : 0}`); await done(); }),
    may("face", "deletion") ? check(t("lists.delete-faces"), false, (event) => { withFaces = event.target.checked; }) : null);
}

async function showList(view, page, told) {
  const options = { signal: page.signal }, path = `/6/lists/${page.address.id}`;
  let [list, lists] = await Promise.all([get(path, options), readLists(options)]);
  const title = h("h1"), words = h("p", { class: "summary" }), tools = h("div", { class: "tools" });
  const link = (action, ids) => patch(`${path}/faces`, { action, face_ids: ids });
  const grid = may("face") ? new FaceGrid(page, lists.filter(({ list_id: id }) => id !== list.list_id), {
    none: () => [t("lists.empty"), t("lists.empty-words")],
    more: (face) => (can(list, "modification") ? rowButton(t("lists.detach"), nameOfFace(face), async (button) => { await link("detach", [face.face_id]); button.closest("li").remove(); note(t("lists.detached", { name: nameOfFace(face) })); }) : null),
  }) : null;
  const showFaces = () => grid?.show({ list_id: list.list_id });
  const again = async () => { list = await get(path, options); update(); };
  const update = () => {
    put(title, nameOfList(list));
    put(words, list.face_ttl ? t("lists.kept-for", { n: list.face_ttl }) : "");
    put(tools,
      grid && can(list, "modification") ? h("button", { onclick: () => attach(list, page, async (ids) => { await link("attach", ids); await showFaces(); }) }, t("lists.attach")) : null,
      can(list, "modification") ? h("button", { onclick: () => edit(list, again) }, t("action.edit")) : null,
      can(list, "deletion") ? h("button", { class: "plain", onclick: () => confirmDeletion(list, async () => { location.hash = "#/lists"; }) }, t("action.delete")) : null,
      owns(list) && may("face", "creation") && mayFind() && told.describes ? h("button", { class: "primary", onclick: () => makeFace(lists, [list.list_id], async () => { note(t("faces.added")); await showFaces(); }) }, icon("add"), t("faces.add")) : null);
  };
  update();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("a", { class: "back", href: "#/lists" }, icon("left"), t("nav.lists")), title, words), tools), grid?.node ?? h("p", { class: "quiet" }, t("lists.no-faces-shown")));
  showFaces();
}

/** Offers faces that are not on the list yet. */
function attach(list, page, work) {
  const chosen = new Set(), offer = h("fieldset", { class: "stack tight scrolls" });
  let turn;
  const find = async (words) => {
    const mine = turn = {};
    const faces = (await readFaces({ user_data: words, account_id: list.account_id }, 1, OFFERED, { signal: page.signal })).filter((face) => !face.lists.includes(list.list_id));
    if (mine !== turn) return;
    put(offer, h("legend", { class: "unseen" }, t("nav.faces")), faces.length ? faces.map((face) => h("div", { class: "face-offer" }, portrait(face),
      check(nameOfFace(face), chosen.has(face.face_id), (event) => chosen[event.target.checked ? "add" : "delete"](face.face_id)))) : h("p", { class: "quiet" }, t("lists.attach-none")));
  };
  const search = field(t("faces.name-contains"), h("input", { type: "search", oninput: (event) => attempt(null, () => find(event.target.value.trim())) }));
  formDialog(t("lists.attach-to", { name: nameOfList(list) }), [search, offer], t("action.add"), async () => { if (chosen.size) await work([...chosen]); });
  attempt(null, () => find(""));
}
