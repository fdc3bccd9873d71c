// The picture that stands for a face, and a face in a list.
import { h, icon } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { at } from "../lib/api.js";
import { SAME, nameOfFace, portraitOf } from "../lib/faces.js";
import { may } from "../lib/session.js";

/** A face's picture, or a sign that there is none. `alt` is empty where the name stands beside it. */
export function portrait(face, alt = "") {
  const path = portraitOf(face);
  const none = () => h("span", { class: "portrait no-picture", role: alt ? "img" : null, "aria-label": alt || null }, icon("person"));
  if (!path) return none();
  const image = h("img", { class: "portrait", src: at(path), alt, loading: "lazy", decoding: "async", onerror: () => image.replaceWith(none()) });
  return image;
}

/** A face as an item: its picture and its name, which lead to its page, then what else is to stand there. */
export function faceItem(face, ...more) {
  const inside = [portrait(face), h("strong", {}, nameOfFace(face))];
  return h("li", { class: "face-item" }, may("face") ? h("a", { class: "face-link", href: `#/faces/${face.face_id}` }, inside) : h("span", { class: "face-link" }, inside), more);
}

/** How alike somebody is, as a bar and as a number, and whether that is enough to be the same person. */
export const likeness = (similarity, name) => h("span", { class: "likeness" },
  similarity >= SAME ? h("span", { class: "pill", "data-level": 0 }, t("search.pill")) : null,
  h("meter", { min: 0, max: 1, value: similarity, "aria-label": t("search.similarity-to", { name }) }), h("span", { class: "number" }, number(similarity, 2)));
