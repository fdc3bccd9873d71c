// A handler is tried: a picture is dropped, and what came of it is told. It does what it always does, so events and faces are kept as its policies say.
import { add, h, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { generated } from "../lib/events.js";
import { post } from "../lib/api.js";
import { dropPlace } from "./drop-place.js";
import { eventFaces } from "./event-faces.js";

export function handlerDesk(page, handler) {
  const told = h("div", { class: "tried", "aria-live": "polite" });
  const send = async (file) => {
    put(told, h("p", { class: "quiet" }, t("look.looking")));
    try {
      const answer = await post(`/6/handlers/${handler.handler_id}/events`, file, { signal: page.signal, headers: { "Content-Type": file.type || "image/jpeg" } });
      put(told);
      for (const image of answer.images) if (image.status === 0) add(told, [h("p", { class: "form-error" }, image.error.detail || image.error.desc)]);
      if (!answer.events.length && answer.images.every(({ status }) => status)) add(told, [h("p", {}, t("handlers.no-events"))]);
      add(told, answer.events.map(shown));
    } catch (error) {
      if (error.name !== "AbortError") put(told, h("p", { class: "form-error" }, error.message || t("connection.none")));
    }
  };
  return h("section", { class: "card stack" }, h("h2", {}, t("handlers.try")), h("p", { class: "quiet" }, t("handlers.try-words")),
    dropPlace({ id: "handler-picture", accept: "image/*", choose: t("look.choose"), words: t("chooser.drop"), isSingle: true }, ([file]) => send(file)), told);
}

/** An event that came of it, with a link where it is kept. */
const shown = (event, index) => h("article", { class: "card stack" },
  h("h3", {}, event.url ? h("a", { href: `#/events/${event.event_id}` }, t("handlers.event", { number: index + 1 })) : t("handlers.event-not-kept", { number: index + 1 })),
  event.tags?.length ? h("p", {}, t("event.tags"), ": ", event.tags.join(", ")) : null, eventFaces(generated(event)));
