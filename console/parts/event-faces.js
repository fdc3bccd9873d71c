// Who somebody is in an event: with whom handlers found him alike, the face that was made of him, the lists it went to, and what was estimated.
import { h, put } from "../lib/dom.js";
import { number, t, tOr } from "../lib/messages.js";
import { get, query } from "../lib/api.js";
import { SAME, mayLookUp, nameOfFace, nameOfList, readFaces, recognition } from "../lib/faces.js";
import { may } from "../lib/session.js";
import { likeness, portrait } from "./portrait.js";

/** Whom an event's person is most alike to, by what the handler matched: `{name, similarity}`, or null. */
export function bestMatch({ raw }) {
  const top = raw.top_match;
  if (!top) return null;
  const candidates = (raw.match_result ?? []).flatMap(({ candidates: all }) => all ?? []);
  const best = candidates.find(({ face, event }) => (top.face_id && face?.face_id === top.face_id) || (top.event_id && event?.event_id === top.event_id));
  return { name: nameOfCandidate(best ?? { face: top.face_id && top, event: top.event_id && top }), similarity: top.similarity };
}

/** The same in words: that he is somebody, or only whom he is most like. */
export const matchWords = ({ name, similarity }) => t(similarity >= SAME ? "event.known" : "event.alike", { name, similarity: number(similarity, 2) });

const nameOfCandidate = ({ face, event }) => (face?.face_id ? nameOfFace(face) : event?.event_id ? event.user_data || event.external_id || t("search.event", { id: event.event_id.slice(0, 8) }) : "–");

const GENDERS = ["female", "male"], EMOTIONS = ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"], MASKS = ["missing", "medical_mask", "occluded"];
const word = (kind, names, value, first) => (value === null || value === undefined ? null : tOr(`person.${kind}.${names[value - first]}`, String(value)));

/** What was estimated of the person, as pairs of a message and its value; those that nobody estimated are left out. */
export const estimates = ({ raw }) => [
  ["person.age", raw.age === null || raw.age === undefined ? null : number(raw.age, 0)],
  ["person.gender", word("gender", GENDERS, raw.gender, 0)],
  ["person.emotion", word("emotion", EMOTIONS, raw.emotion, 1)],
  ["person.mask", word("mask", MASKS, raw.mask, 1)],
].filter(([, value]) => value !== null);

/** The section of an event's page that tells who it is; null where nothing says anything of that. */
export function eventFaces(event) {
  const { match_result: matches, face_id: face, attach_result: lists, face_detections: shots } = event.raw;
  const told = (matches ?? []).filter(({ candidates }) => candidates);
  const sample = shots?.find(({ sample_id: id }) => id)?.sample_id;
  if (!told.length && !face && !sample) return null;
  const holder = h("div", { class: "stack" }), node = h("section", { class: "who" }, h("h3", {}, t("event.who")), holder);
  const show = (faces, names, offers) => put(holder,
    told.map(({ label, candidates }) => h("div", { class: "stack tight" }, h("h4", {}, label || t("event.match")), candidates.length ? h("ul", { class: "match-list" }, candidates.map((one) => candidate(one, faces))) : h("p", { class: "quiet small" }, t("event.nobody")))),
    face ? h("p", {}, t("event.face"), " ", may("face") && offers ? h("a", { href: `#/faces/${face}` }, nameOfFace(faces.get(face) ?? { face_id: face })) : face.slice(0, 8), lists?.length ? [", ", t("event.attached", { lists: lists.map((id) => names.get(id) ?? id.slice(0, 8)).join(", ") })] : null) : null,
    offers?.describes && sample && mayLookUp() && may("face_sample") ? h("p", {}, h("a", { class: "button", href: `#/search?sample=${sample}` }, t("event.look-up"))) : null);
  show(new Map(), new Map(), null);
  readMore(told, face, lists ?? []).then(({ faces, names, offers }) => { show(faces, names, offers); node.hidden = !holder.firstChild; }, () => null);
  node.hidden = !holder.firstChild;
  return node;
}

/** Pictures and names of the faces that are named, and names of the lists, as far as the caller may see them. */
async function readMore(told, face, lists) {
  const offers = await recognition({ quiet: true });
  const ids = [...new Set([face, ...told.flatMap(({ candidates }) => candidates.map((one) => one.face?.face_id))].filter(Boolean))];
  const [faces, named] = await Promise.all([
    offers.isOn && ids.length && may("face") ? readFaces({ face_ids: ids }, 1, 1000, { quiet: true }) : [],
    offers.isOn && lists.length && may("list") ? get(query("/6/lists", { list_ids: lists, page_size: 1000 }), { quiet: true }).then((answer) => answer.lists) : [],
  ]);
  return { faces: new Map(faces.map((one) => [one.face_id, one])), names: new Map(named.map((list) => [list.list_id, nameOfList(list)])), offers: offers.isOn ? offers : null };
}

/** Somebody who is alike; a link to him where he is still kept. */
function candidate({ face, event, similarity }, faces) {
  const kept = face && faces.get(face.face_id);
  const name = nameOfCandidate({ face: kept ?? face, event });
  const inside = [portrait(kept ?? { avatar: null }), h("span", {}, name)];
  const link = kept ? `#/faces/${kept.face_id}` : event?.event_id ? `#/events/${event.event_id}` : null;
  return h("li", { class: "face-item" }, link ? h("a", { class: "face-link", href: link }, inside) : h("span", { class: "face-link" }, inside),
    likeness(similarity, name));
}
