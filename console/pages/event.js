// One event by its address.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { get } from "../lib/api.js";
import { findEvent, titleOf } from "../lib/events.js";
import { eventDetail } from "../parts/event-item.js";

export async function show(view, page) {
  const event = await findEvent(page.address.id, { signal: page.signal });
  if (!event) throw Object.assign(new Error(t("event.gone")), { status: 404 });
  const stream = event.stream ? await get(`/6/streams/${event.stream}`, { signal: page.signal, quiet: true }).catch(() => null) : null;
  put(view, h("header", { class: "page-head" }, h("div", {}, h("a", { class: "back", href: "#/events" }, icon("left"), t("nav.events")), h("h1", {}, titleOf(event)))), h("div", { class: "card" }, eventDetail(event, stream?.name)));
}
