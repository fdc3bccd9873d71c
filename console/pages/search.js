// Who is it? A picture, a face, or a sample of an event is looked up among the faces that are kept, or among events.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { get } from "../lib/api.js";
import { person } from "../lib/events.js";
import { SAME, alike, describe, dropAttributes, mayLookUp, nameOfFace, nameOfList, readLists } from "../lib/faces.js";
import { may } from "../lib/session.js";
import { eventItem } from "../parts/event-item.js";
import { FaceChooser } from "../parts/face-chooser.js";
import { makeFace } from "../parts/face-form.js";
import { field, segments, select } from "../parts/fields.js";
import { filterRow } from "../parts/filters.js";
import { faceItem, likeness, portrait } from "../parts/portrait.js";
import { needsRecognition } from "../parts/recognition-off.js";
import { note } from "../parts/shell.js";
import { emptyState, failedState, loadingState } from "../parts/states.js";

/** How many are shown at first, and at most. */
const FEW = 12, MOST = 100;

export async function show(view, page) {
  const told = await needsRecognition(view, page, t("search.title"));
  if (!told) return;
  const options = { signal: page.signal }, asked = page.address.query;
  const [lists, face] = await Promise.all([readLists(options), asked.has("face") && may("face") ? get(`/6/faces/${asked.get("face")}`, options) : null]);
  new SearchPage(view, page, lists, { face, faceID: asked.get("face"), sample: asked.get("sample"), describes: told.describes });
}

class SearchPage {
  constructor(view, page, lists, { face, faceID, sample, describes }) {
    Object.assign(this, { page, lists, among: "faces", list: "", limit: FEW, reference: null, attributes: [] });
    this.names = new Map(lists.map((list) => [list.list_id, nameOfList(list)]));
    this.results = h("div", { class: "search-results", "aria-live": "polite" });
    page.after(() => this.forget());
    const choice = select({ onchange: () => { this.list = choice.value; this.search(); } }, [["", t("search.everywhere")], ...lists.map((list) => [list.list_id, nameOfList(list)])], "");
    const listField = lists.length ? field(t("search.among"), choice) : null;
    const origin = may("event", "matching") ? h("div", { class: "field" }, h("span", { class: "legend" }, t("search.origin")), segments(t("search.origin"), [["faces", t("nav.faces")], ["events", t("nav.events")]], this.among, (among) => {
      this.among = among;
      if (listField) listField.hidden = among !== "faces";
      this.search();
    })) : null;
    put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("search.title")), h("p", { class: "summary" }, t("search.words", { same: SAME })))),
      h("div", { class: "search-grid" }, h("section", { class: "card stack" }, h("h2", {}, t("search.who")), this.subject(face, sample, describes)), h("section", { class: "stack" }, filterRow(listField, origin), this.results)));
    this.search();
    if (faceID) this.look({ type: "face", id: faceID });
    else if (sample && mayLookUp()) this.describeSample(sample);
  }

  /** Who is looked for: a face that the address names, or somebody in a picture that is dropped. */
  subject(face, sample, describes) {
    const shown = face ? h("ul", {}, faceItem(face)) : sample ? h("div", { class: "face-item" }, portrait({ avatar: `/6/samples/faces/${sample}` }, t("search.sample"))) : null;
    if (!mayLookUp() || !describes) return [shown, h("p", { class: "quiet" }, t(describes ? "search.no-rights" : "search.not-described"))];
    const chooser = this.chooser = new FaceChooser({
      label: t("search.this-face"),
      prepare: async (found) => {
        this.forget();
        const described = await describe(found.map((one) => one.sample));
        this.attributes = described.map(({ attribute }) => attribute);
        if (this.page.isOver) return this.forget();
        for (const [index, { attribute, score }] of described.entries()) Object.assign(found[index], { attribute, note: t("search.quality", { percent: Math.round(score * 100) }) });
        // What they look like is known now, and nothing of the picture is kept.
        chooser.forget();
      },
      chosen: (one) => { put(before); this.look(one && { type: "attribute", id: one.attribute }); },
    });
    this.page.after(() => chooser.close());
    const before = h("div", {}, shown);
    return [before, chooser.node, h("p", { class: "help" }, t(may("face_sample", "deletion") ? "search.not-kept" : "search.kept"))];
  }

  async describeSample(sample) {
    put(this.results, loadingState());
    try {
      const [{ attribute }] = await describe([sample]);
      this.attributes = [attribute];
      if (this.page.isOver) return this.forget();
      this.look({ type: "attribute", id: attribute });
    } catch (error) {
      put(this.results, failedState(error.message || t("connection.none"), () => this.describeSample(sample)));
    }
  }

  /** Forgets what the faces of a picture look like. */
  forget() {
    const { attributes } = this;
    this.attributes = [];
    if (attributes.length) dropAttributes(attributes);
  }

  look(reference) {
    this.reference = reference;
    this.limit = FEW;
    this.search();
  }

  async search() {
    const turn = this.turn = {};
    if (!this.reference) return put(this.results, emptyState(t("search.nobody"), t("search.nobody-words")));
    put(this.results, loadingState());
    try {
      const found = await alike(this.reference, { among: this.among, list: this.among === "faces" ? this.list : "", limit: this.limit }, { signal: this.page.signal });
      if (turn !== this.turn) return;
      this.showResults(found.filter(({ face }) => !(this.reference.type === "face" && face?.face_id === this.reference.id)));
      // Where one stands below the other, what was found comes into sight.
      if (this.results.getBoundingClientRect().top > innerHeight - 120) this.results.scrollIntoView({ block: "center" });
    } catch (error) {
      if (turn === this.turn && error.name !== "AbortError") put(this.results, failedState(error.message || t("connection.none"), () => this.search()));
    }
  }

  makeFace() { makeFace(this.lists, this.list ? [this.list] : [], async (id) => { note(t("faces.added")); location.hash = `#/faces/${id}`; }, this.chooser.file); }

  showResults(found) {
    const add = this.reference.type === "attribute" && this.chooser?.file && may("face", "creation") ? h("button", { onclick: () => this.makeFace() }, icon("add"), t("search.add")) : null;
    if (!found.length) return put(this.results, emptyState(t("search.none"), t(this.among === "faces" ? "search.none-words" : "search.none-events"), add));
    const same = found.filter(({ similarity }) => similarity >= SAME).length;
    const items = found.map(({ face, event, similarity }) => (face ? faceItem(face, h("span", { class: "small quiet" }, face.lists.map((id) => this.names.get(id)).filter(Boolean).join(", ")), likeness(similarity, nameOfFace(face))) : withLikeness(eventItem(person(event), event.source), similarity)));
    put(this.results, h("p", { class: "search-sum" }, same ? t("search.same", { n: same }) : t("search.not-same")), h("ol", { class: this.among === "faces" ? "face-list" : "event-list event-cards" }, items),
      add && !same ? h("div", { class: "list-foot" }, add) : null,
      this.limit < MOST && found.length >= this.limit - 1 ? h("div", { class: "list-foot" }, h("button", { onclick: () => { this.limit = MOST; this.search(); } }, t("action.more"))) : null);
  }
}

function withLikeness(item, similarity) {
  item.append(likeness(similarity, t("event.person")));
  return item;
}
