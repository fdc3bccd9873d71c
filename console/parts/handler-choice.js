// Which handler a stream names: one of those that there are.
import { inOrder, t } from "../lib/messages.js";
import { field, select } from "./fields.js";
import { nameOfHandler } from "./handler-words.js";

/** A part of an analytic's form, as `SchemaForm` has them. One that is named already stays to be chosen, whoever may see it. */
export function handlerPart({ value, label, help }, handlers) {
  const options = handlers.map((handler) => [handler.handler_id, nameOfHandler(handler)]).sort(([, a], [, b]) => inOrder(a, b));
  if (value && !options.some(([id]) => id === value)) options.push([value, t("handlers.unnamed", { id: value.slice(0, 8) })]);
  const control = select({}, [["", t("handlers.none-named")], ...options], value ?? "");
  const node = field(label, control, help);
  return { node, read: () => control.value || undefined, fail: (path, words) => { node.fail(words); control.focus(); return true; } };
}
