// Dialogs that make, describe and delete faces.
import { h } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { patch, remove, replace } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { createFace, describe, dropAttributes, dropSamples, nameOfFace, nameOfList, sampleOf } from "../lib/faces.js";
import { FaceChooser } from "./face-chooser.js";
import { check, confirm, field } from "./fields.js";
import { attempt } from "./shell.js";
import { formDialog } from "./table.js";

const words = (face) => ({
  name: field(t("faces.name"), h("input", { type: "text", maxlength: 128, value: face?.user_data ?? "" }), t("faces.name-help")),
  external: field(t("events.filter.external_ids"), h("input", { type: "text", maxlength: 36, value: face?.external_id ?? "" }), t("faces.external-help")),
});

/** Boxes to tick, one for each list of the caller's own; null where there is none. `chosen` is a set of ids that follows. */
export function listChecks(lists, chosen) {
  const own = lists.filter(owns);
  return own.length ? h("fieldset", { class: "stack tight scrolls" }, h("legend", { class: "legend" }, t("lists.title")),
    own.map((list) => check(nameOfList(list), chosen.has(list.list_id), (event) => chosen[event.target.checked ? "add" : "delete"](list.list_id)))) : null;
}

/** A chooser in a dialog: it ends with it. */
function chooserIn(node, chooser) {
  node.addEventListener("close", () => chooser.close());
  return node;
}

/** Makes a face of a picture, of `file` where there is one already. `on` are the lists that are ticked; `done` is told its id. */
export function makeFace(lists, on, done, file = null) {
  const { name, external } = words(), chosen = new Set(on);
  let face = null;
  const chooser = new FaceChooser({ label: t("faces.picture"), chosen: (found) => { face = found; } });
  chooserIn(formDialog(t("faces.add"), [chooser.node, name, external, listChecks(lists, chosen)], t("action.add"), async () => {
    if (!face) throw new Error(t("faces.picture-missing"));
    const details = { user_data: name.control.value.trim(), external_id: external.control.value.trim(), ...(chosen.size ? { lists: [...chosen] } : {}) };
    const id = await createFace(face.sample, details);
    chooser.keep(face.sample);
    await done(id);
  }), chooser);
  if (file) chooser.look(file);
}

/** Changes the words of a face. */
export function describeFace(face, done) {
  const { name, external } = words(face);
  formDialog(nameOfFace(face), [name, external], t("action.save"), async () => {
    await patch(`/6/faces/${face.face_id}`, { user_data: name.control.value.trim(), external_id: external.control.value.trim() });
    await done();
  });
}

/** Gives a face another picture, and with it what it looks like. */
export function changePicture(face, done) {
  let found = null;
  const chooser = new FaceChooser({ label: t("faces.picture"), chosen: (one) => { found = one; } });
  chooserIn(formDialog(t("faces.change-picture"), [h("p", { class: "quiet" }, t("faces.change-words")), chooser.node], t("action.save"), async () => {
    if (!found) throw new Error(t("faces.picture-missing"));
    const [{ attribute }] = await describe([found.sample]);
    await replace(`/6/faces/${face.face_id}/attributes`, { attribute_id: attribute });
    dropAttributes([attribute]);
    await patch(`/6/faces/${face.face_id}`, { avatar: `/6/samples/faces/${found.sample}` });
    chooser.keep(found.sample);
    if (!face.event_id && sampleOf(face)) await dropSamples([sampleOf(face)]);
    await done();
  }), chooser);
}

/** Asks whether a face is to be deleted, and its picture with it; of one that an event brought, that is the event's, too. */
export function confirmDeletion(face, done) {
  const sample = may("face_sample", "deletion") ? sampleOf(face) : null;
  let alsoPicture = !face.event_id;
  const choice = sample ? check(t("faces.delete-picture"), alsoPicture, (event) => { alsoPicture = event.target.checked; }, face.event_id ? t("faces.delete-picture-of-event") : null) : null;
  confirm(t("faces.delete", { name: nameOfFace(face) }), t("faces.delete-words"), t("action.delete"), (button) => attempt(button, async () => {
    await remove(`/6/faces/${face.face_id}`);
    if (sample && alsoPicture) await dropSamples([sample]);
    await done();
  }), choice);
}
