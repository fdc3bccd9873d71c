// Looking at something once, and keeping nothing: a picture that is dropped here, or a video behind an address.
import { h, put } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { APIError, post } from "../lib/api.js";
import { field } from "./fields.js";
import { dropPlace } from "./drop-place.js";
import { handOut } from "./filters.js";
import { color } from "./theme.js";

const ASKED = "/6/sdk?detect_face=1&detect_body=1&estimate_people_count=1&people_count_coordinates=0";

/** A place to drop pictures on. Each is shown as it came, and beside it with whom it shows. */
export function pictureDesk(page) {
  const told = h("div", { class: "looked-at", "aria-live": "polite" });
  const place = dropPlace({ id: "picture-file", accept: "image/*", choose: t("look.choose"), words: t("look.drop") }, (files) => look(files));
  const addresses = [];
  page.after(() => addresses.forEach(URL.revokeObjectURL));
  const look = async (files) => {
    put(told);
    for (const file of files.slice(0, 8)) {
      const result = h("div", {}, h("p", { class: "quiet" }, t("look.looking")));
      const address = URL.createObjectURL(file);
      addresses.push(address);
      const before = h("img", { src: address, alt: t("look.before-alt", { name: file.name }) });
      told.append(h("article", { class: "before-after" }, h("h3", {}, file.name), h("figure", {}, before, h("figcaption", { class: "quiet small" }, t("look.before"))), result));
      try {
        const { images_estimations: [found] } = await post(ASKED, file, { signal: page.signal, headers: { "Content-Type": file.type || "image/jpeg" } });
        if (found.error) throw new APIError(200, found.error);
        await before.decode();
        put(result, h("figure", {}, marked(before, found), h("figcaption", { class: "quiet small" }, words(found))));
      } catch (error) {
        if (error.name === "AbortError") return;
        put(result, h("p", { class: "form-error" }, error.message || t("connection.none")));
      }
    }
  };
  return h("section", { class: "card stack" }, h("h2", {}, t("look.picture")), place, told);
}

const facesOf = ({ estimations }) => estimations.filter(({ face }) => face).length;
const words = (found) => `${t("look.people", { n: found.image_estimations?.people?.count ?? 0 })}, ${t("look.faces", { n: facesOf(found) })}`;

/** The picture with boxes: of bodies thin, of faces strong. */
function marked(image, found) {
  const canvas = h("canvas", { width: image.naturalWidth, height: image.naturalHeight, role: "img", "aria-label": words(found) });
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  pen.strokeStyle = color("box");
  const line = Math.max(1.5, image.naturalWidth / 500);
  for (const { body, face } of found.estimations) {
    for (const [part, width] of [[body, line], [face, line * 2]]) {
      if (!part?.detection) continue;
      const { x, y, width: across, height } = part.detection.rect;
      pen.lineWidth = width;
      pen.strokeRect(x, y, across, height);
    }
  }
  return canvas;
}

/** A form that asks for one video to be looked at. It is a job while it lasts; what was found can be taken along. */
export function videoDesk(page, begun) {
  const address = field(t("stream.address"), h("input", { type: "text", inputmode: "url", spellcheck: "false", placeholder: "https://example.org/lobby.mp4" }), t("look.video-help"));
  const told = h("div", { "aria-live": "polite" });
  const button = h("button", { type: "submit" }, t("look.go"));
  return h("form", { class: "card stack", novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    address.fail("");
    put(told, h("p", { class: "quiet" }, t("look.video-looking")));
    setTimeout(begun, 800);
    try {
      const body = { video: { url: address.control.value.trim() }, analytics: [{ name: "people_count", targets: [], parameters: {} }, { name: "human_tracking", targets: ["body_detection"], parameters: { tracking: { detector_type: "body" } } }] };
      const found = await post("/6/videosdk", body, { signal: page.signal });
      const text = JSON.stringify(found, null, 2);
      put(told, h("p", {}, t("look.video-done", { size: number(text.length / 1024, 0) })), h("button", { type: "button", onclick: () => handOut(text, "video.json", "application/json") }, t("look.take")));
    } catch (error) {
      put(told);
      if (error.name !== "AbortError") address.fail(error.message || t("connection.none"));
    }
    button.disabled = false;
    begun();
  } }, h("h2", {}, t("look.video")), address, h("div", { class: "actions" }, button), told);
}
