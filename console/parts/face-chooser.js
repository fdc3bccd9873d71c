// A picture is dropped, the faces in it are found, and one of them is chosen.
import { freshID, h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { dropSamples, findFaces } from "../lib/faces.js";
import { dropPlace } from "./drop-place.js";

/** Side of a face as it is shown, in pixels, and how much of its surroundings is shown with it. */
const SIDE = 112, AROUND = 1.5;

export class FaceChooser {
  /**
   * - `label`: what the choice is about.
   * - `prepare`: is given what was found, `{rect, sample}` of each, before it is shown, and may add to it.
   * - `chosen`: is given the face that was chosen, or null when there is none any more.
   * A picture that shows one face alone leaves no choice. Samples are this object's until `keep` or `close`.
   */
  constructor({ label, prepare = async () => null, chosen }) {
    Object.assign(this, { label, prepare, chosen, samples: [], turn: null });
    this.told = h("div", { class: "stack", "aria-live": "polite" });
    this.node = h("div", { class: "stack" },
      dropPlace({ id: freshID("face-picture"), accept: "image/*", choose: t("chooser.choose"), words: t("chooser.drop"), isSingle: true }, ([file]) => this.look(file)), this.told);
    this.leave = () => this.close();
    addEventListener("pagehide", this.leave);
  }

  /** Looks for the faces in a picture file, which is `file` from then on. */
  async look(file) {
    const turn = this.turn = {};
    this.file = file;
    this.forget();
    this.chosen(null);
    put(this.told, h("p", { class: "quiet" }, t("chooser.looking")));
    try {
      const picture = await createImageBitmap(file).catch(() => null);
      const found = await findFaces(file);
      this.samples.push(...found.map(({ sample }) => sample));
      if (turn !== this.turn) return this.forget();
      await this.prepare(found);
      if (turn === this.turn) this.show(found, picture, file.name);
    } catch (error) {
      if (turn !== this.turn) return;
      put(this.told, h("p", { class: "form-error" }, error.message || t("connection.none")));
      if (!error.status && error.message) throw error;
    }
  }

  show(found, picture, name) {
    if (!found.length) return put(this.told, h("p", { class: "form-error" }, t("chooser.none", { name })));
    const group = freshID("face");
    const choices = found.map((face, index) => {
      const id = freshID("choice");
      const words = t("chooser.face", { number: index + 1, width: face.rect.width, height: face.rect.height });
      return h("div", { class: "face-choice" },
        h("input", { type: "radio", name: group, id, checked: found.length === 1, onchange: () => this.chosen(face) }),
        h("label", { for: id }, picture ? crop(picture, face.rect) : null, h("span", { class: "small" }, words), face.note ? h("span", { class: "small quiet" }, face.note) : null));
    });
    put(this.told, h("fieldset", {}, h("legend", { class: "legend" }, found.length === 1 ? this.label : t("chooser.which", { n: found.length })), h("div", { class: "face-choices" }, choices)));
    if (found.length === 1) this.chosen(found[0]);
  }

  /** Leaves a sample where it is when all others are dropped. */
  keep(sample) { this.samples = this.samples.filter((one) => one !== sample); }
  forget() {
    const { samples } = this;
    this.samples = [];
    if (samples.length) dropSamples(samples);
  }
  close() {
    this.turn = null;
    this.forget();
    removeEventListener("pagehide", this.leave);
  }
}

/** A face of a picture with a little of what is around it. */
function crop(picture, { x, y, width, height }) {
  const side = Math.max(width, height) * AROUND, canvas = h("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  canvas.getContext("2d").drawImage(picture, x + (width - side) / 2, y + (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  return canvas;
}
