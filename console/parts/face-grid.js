// Faces as cards, a page of them after the other.
import { add, h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { Unreachable, connection } from "../lib/api.js";
import { nameOfList, readFaces } from "../lib/faces.js";
import { faceItem } from "./portrait.js";
import { emptyState, failedState, loadingState } from "./states.js";

const PAGE = 60;

export class FaceGrid {
  /** `more` gives what stands on the card of a face below its name; `none` are title and words where no face fits. */
  constructor(page, lists, { more = () => null, none }) {
    Object.assign(this, { page, more, none, names: new Map(lists.map((list) => [list.list_id, nameOfList(list)])) });
    this.list = h("ul", { class: "face-grid" });
    this.foot = h("div", { class: "list-foot" });
    this.node = h("div", {}, this.list, this.foot);
  }

  /** Shows those that fit, from the first on. */
  async show(filters) {
    const turn = this.turn = {};
    this.filters = filters;
    this.number = 0;
    put(this.list);
    await this.next(turn);
  }

  async next(turn = this.turn) {
    put(this.foot, loadingState());
    try {
      const faces = await readFaces(this.filters, this.number + 1, PAGE, { signal: this.page.signal });
      if (turn !== this.turn) return;
      this.number += 1;
      add(this.list, faces.map((face) => faceItem(face, h("span", { class: "small quiet" }, this.listsOf(face)), this.more(face))));
      put(this.foot, faces.length === PAGE ? h("button", { onclick: () => this.next() }, t("action.more")) : this.list.children.length ? h("p", { class: "quiet small" }, t("faces.end", { n: this.list.children.length })) : emptyState(...this.none()));
    } catch (error) {
      if (turn !== this.turn || error.name === "AbortError") return;
      if (error instanceof Unreachable) connection.addEventListener("back", () => { if (turn === this.turn) this.next(turn); }, { once: true, signal: this.page.signal });
      put(this.foot, failedState(error.message || t("connection.none"), () => this.next(turn)));
    }
  }

  listsOf(face) { return face.lists.map((id) => this.names.get(id)).filter(Boolean).join(", "); }
}
