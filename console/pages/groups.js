// Groups of streams: named sets, to sort many streams by.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { dayAndHour, timeTag } from "../lib/time.js";
import { all, patch, post, remove } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { nameOf } from "../lib/condition.js";
import { check, confirm, field } from "../parts/fields.js";
import { emptyState } from "../parts/states.js";
import { attempt } from "../parts/shell.js";
import { formDialog, rowButton, table } from "../parts/table.js";

export async function show(view, page) {
  const holder = h("div");
  const options = { signal: page.signal };
  const read = async () => {
    const [groups, streams] = await Promise.all([all("/6/groups", "groups", options), may("video_stream") ? all("/6/streams", "streams", options) : []]);
    // A name is unique in its account alone.
    const members = (group) => streams.filter((stream) => stream.account_id === group.account_id && stream.groups.includes(group.group_name));
    const can = (group, action) => owns(group) && may("video_group", action);
    put(holder, groups.length === 0 ? emptyState(t("groups.none"), t("groups.none-words")) : table(t("groups.title"), [
      [t("groups.name"), (group) => h("a", { href: `#/streams?group=${encodeURIComponent(group.group_name)}` }, group.group_name)],
      [t("edit.description"), (group) => group.description],
      [t("nav.streams"), (group) => members(group).map(nameOf).sort().join(", ") || "–"],
      [t("stream.created"), (group) => timeTag(group.create_time, dayAndHour)],
      ["", (group) => h("div", { class: "actions" },
        can(group, "modification") ? rowButton(t("groups.streams"), group.group_name, () => choose(group, streams.filter(owns), members(group))) : null,
        can(group, "modification") ? rowButton(t("action.edit"), group.group_name, () => describe(group)) : null,
        can(group, "deletion") ? rowButton(t("action.delete"), group.group_name, () => confirm(t("groups.delete", { name: group.group_name }), t("groups.delete-words"), t("action.delete"),
          (button) => attempt(button, async () => { await remove(`/6/groups/${group.group_id}`); await read(); }))) : null)],
    ], groups));
  };
  const make = () => {
    const name = field(t("groups.name"), h("input", { type: "text", maxlength: 128, required: true }), t("groups.name-help"));
    const description = field(t("edit.description"), h("input", { type: "text", maxlength: 256 }));
    formDialog(t("groups.add"), [name, description], t("action.add"), async () => { await post("/6/groups", { group_name: name.control.value.trim(), description: description.control.value }); await read(); });
  };
  const describe = (group) => {
    const description = field(t("edit.description"), h("input", { type: "text", maxlength: 256, value: group.description }));
    formDialog(group.group_name, [description], t("action.save"), async () => { await patch(`/6/groups/${group.group_id}`, { description: description.control.value }); await read(); });
  };
  const choose = (group, streams, members) => {
    const before = new Set(members.map(({ stream_id: id }) => id)), now = new Set(before);
    const boxes = streams.map((stream) => check(nameOf(stream), now.has(stream.stream_id), (event) => { now[event.target.checked ? "add" : "delete"](stream.stream_id); }));
    formDialog(t("groups.choose", { name: group.group_name }), [h("fieldset", { class: "stack tight scrolls" }, h("legend", { class: "unseen" }, t("nav.streams")), boxes)], t("action.save"), async () => {
      const link = (action, ids) => (ids.length ? patch("/6/linker", { action, stream_ids: ids, group_id: group.group_id }) : null);
      await link("attach", [...now].filter((id) => !before.has(id)));
      await link("detach", [...before].filter((id) => !now.has(id)));
      await read();
    });
  };
  await read();
  put(view, h("header", { class: "page-head" }, h("div", {}, h("h1", {}, t("groups.title"))), h("div", { class: "tools" }, may("video_group", "creation") ? h("button", { class: "primary", onclick: make }, icon("add"), t("groups.add")) : null)), holder);
}
