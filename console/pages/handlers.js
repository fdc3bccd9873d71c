// Handlers: what is done with whoever is seen.
import { add, h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { dayAndHour, timeTag } from "../lib/time.js";
import { get, remove } from "../lib/api.js";
import { nameOfList, readLists, recognition } from "../lib/faces.js";
import { may, owns } from "../lib/session.js";
import { confirm } from "../parts/fields.js";
import { isBuiltIn, kindWord, nameOfHandler, summary } from "../parts/handler-words.js";
import { attempt } from "../parts/shell.js";
import { emptyState } from "../parts/states.js";
import { rowButton, table } from "../parts/table.js";

const PAGE = 100;

export async function show(view, page) {
  const options = { signal: page.signal };
  const { isOn, takesHandlers } = await recognition(options);
  const lists = isOn ? await readLists(options) : [];
  const names = new Map(lists.map((list) => [list.list_id, nameOfList(list)]));
  const holder = h("div"), foot = h("div", { class: "list-foot" });
  const handlers = [];
  let number = 0;
  const more = async () => {
    const found = await get(`/6/handlers?page=${number + 1}&page_size=${PAGE}`, options);
    number += 1;
    handlers.push(...found);
    put(foot, found.length === PAGE ? h("button", { onclick: (event) => attempt(event.currentTarget, more) }, t("action.more")) : null);
    put(holder, handlers.length === 0 ? emptyState(t("handlers.none"), t("handlers.none-words")) : table(t("handlers.title"), [
      [t("handlers.name"), (handler) => h("a", { href: `#/handlers/${handler.handler_id}` }, nameOfHandler(handler))],
      [t("handlers.kind"), kindWord],
      [t("handlers.does"), (handler) => add(h("span"), [summary(handler, names)])],
      [t("lists.changed"), (handler) => timeTag(handler.last_update_time, dayAndHour)],
      ["", (handler) => h("div", { class: "actions" }, owns(handler) && may("handler", "deletion") && takesHandlers && !isBuiltIn(handler) ? rowButton(t("action.delete"), nameOfHandler(handler), () => confirm(t("handlers.delete", { name: nameOfHandler(handler) }), t("handlers.delete-words"), t("action.delete"),
        (button) => attempt(button, async () => { await remove(`/6/handlers/${handler.handler_id}`); await again(); }))) : null)],
    ], handlers));
  };
  const again = async () => { handlers.length = number = 0; await more(); };
  await more();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("handlers.title")), h("p", { class: "summary" }, t("handlers.words"))), h("div", { class: "tools" },
    takesHandlers && may("handler", "creation") ? h("a", { class: "button primary", href: "#/handlers/new" }, icon("add"), t("handlers.add")) : null)), isOn ? null : h("p", { class: "card" }, t("handlers.recognition-off")), holder, foot);
}
