// One face: its picture, its lists, and who was told what it looks like.
import { h, icon, put } from "../lib/dom.js";
import { t, tOr } from "../lib/messages.js";
import { timeTag, whole } from "../lib/time.js";
import { get, patch } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { mayFind, mayMatch, nameOfFace, nameOfList, readLists } from "../lib/faces.js";
import { changePicture, confirmDeletion, describeFace, listChecks } from "../parts/face-form.js";
import { portrait } from "../parts/portrait.js";
import { needsRecognition } from "../parts/recognition-off.js";
import { note } from "../parts/shell.js";
import { formDialog, table } from "../parts/table.js";

export async function show(view, page) {
  const told = await needsRecognition(view, page, t("faces.title"));
  if (!told) return;
  const options = { signal: page.signal }, path = `/6/faces/${page.address.id}`;
  let [face, lists] = await Promise.all([get(path, options), readLists(options)]);
  const title = h("h1"), tools = h("div", { class: "tools" }), picture = h("div", { class: "face-large" }), facts = h("dl", { class: "facts" });
  const again = async () => { face = await get(path, options); update(); };
  const update = () => {
    const isMine = owns(face), can = (action) => isMine && may("face", action);
    put(title, nameOfFace(face));
    put(picture, portrait(face, t("faces.picture-of", { name: nameOfFace(face) })));
    put(tools,
      mayMatch() ? h("a", { class: "button", href: `#/search?face=${face.face_id}` }, icon("search"), t("faces.alike")) : null,
      can("modification") ? h("button", { onclick: () => describeFace(face, again) }, t("action.edit")) : null,
      can("modification") && mayFind() && told.describes ? h("button", { onclick: () => changePicture(face, again) }, t("faces.change-picture")) : null,
      isMine && may("list", "modification") && lists.some(owns) ? h("button", { onclick: () => choose(face, lists, again) }, t("lists.title")) : null,
      can("deletion") ? h("button", { class: "plain", onclick: () => confirmDeletion(face, async () => { note(t("faces.deleted")); location.hash = "#/faces"; }) }, t("action.delete")) : null);
    const on = lists.filter((list) => face.lists.includes(list.list_id));
    put(facts, [
      ["faces.name", face.user_data], ["events.filter.external_ids", face.external_id],
      ["lists.title", on.length ? on.map((list, index) => [index ? ", " : "", h("a", { href: `#/lists/${list.list_id}` }, nameOfList(list))]) : may("list") ? t("faces.on-none") : null],
      ["stream.created", timeTag(face.create_time, whole)],
      ["faces.event", face.event_id && may("event") ? h("a", { href: `#/events/${face.event_id}` }, face.event_id) : null],
      ["event.id", h("span", { class: "mono" }, face.face_id)],
    ].filter(([, value]) => value).map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)]));
  };
  update();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("a", { class: "back", href: "#/faces" }, icon("left"), t("nav.faces")), title), tools),
    h("div", { class: "face-page" }, picture, h("div", { class: "stack" }, h("section", { class: "card" }, facts), records(face, page))));
}

/** Puts a face on lists and takes it off others. */
function choose(face, lists, done) {
  const before = new Set(face.lists), now = new Set(before);
  formDialog(t("faces.choose-lists", { name: nameOfFace(face) }), [listChecks(lists, now)], t("action.save"), async () => {
    const link = (list, action) => patch(`/6/lists/${list}/faces`, { action, face_ids: [face.face_id] });
    for (const list of now) if (!before.has(list)) await link(list, "attach");
    for (const list of before) if (!now.has(list)) await link(list, "detach");
    await done();
  });
}

/** Who was told what the face looks like, when somebody opens it. */
function records(face, page) {
  const holder = h("div", { class: "details-body" });
  return h("details", { class: "card", ontoggle: async (event) => {
    if (!event.target.open) return;
    const { logs } = await get(`/6/faces/logs?subject_ids=${face.face_id}&page_size=100`, { signal: page.signal });
    put(holder, logs.length ? table(t("faces.records"), [
      [t("people.time"), (line) => timeTag(line.time, whole)], [t("faces.record"), (line) => tOr(`faces.record.${line.action}`, line.action)],
      [t("faces.reader"), (line) => h("span", { class: "mono" }, line.reader_token_id ?? line.reader_account_id)],
    ], logs) : h("p", { class: "quiet" }, t("faces.records-none")));
  } }, h("summary", {}, t("faces.records")), holder);
}
