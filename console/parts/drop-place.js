// A place to drop files on, or to choose them at.
import { h } from "../lib/dom.js";

/** `take` is given the files: all that were dropped, or with `isSingle` the first of them. */
export function dropPlace({ id, accept, choose, words, isSingle = false }, take) {
  const give = (files) => { if (files.length) take(isSingle ? [files[0]] : [...files]); };
  const input = h("input", { type: "file", accept, multiple: !isSingle, class: "unseen", id, onchange: () => { give(input.files); input.value = ""; } });
  const place = h("div", { class: "drop", ondragover: (event) => { event.preventDefault(); place.classList.add("over"); }, ondragleave: (event) => { if (!place.contains(event.relatedTarget)) place.classList.remove("over"); },
    ondrop: (event) => { event.preventDefault(); place.classList.remove("over"); give(event.dataTransfer.files); } },
  input, h("label", { class: "button", for: id }, choose), h("p", { class: "quiet" }, words));
  return place;
}
