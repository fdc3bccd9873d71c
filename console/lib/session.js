// Who is signed in, and what he may do.
import { APIError, base, get, post, remove, send } from "./api.js";

/** `{account_id, login, account_type, expires, permissions}`; `permissions` is null of an account itself. Null when nobody is. */
export let me = null;
// Of several daemons behind one proxy each keeps its own.
const KEPT = `sightline.token-rights${base}`;

// Whether somebody signed in from here: who did not is not asked for, since a browser notes a refusal as an error.
const MARK = `sightline.signed-in${base}`;

/** What may be asked by whoever has one of these rights, to find out whether a token is still good. */
const ASKED = { video_stream: "/6/streams/count", token: "/6/tokens?page_size=1", event: "/6/general/events?page_size=1", account: "/6/account" };

/** Finds out who is signed in. Gives null when nobody is. */
export async function whoAmI() {
  if (!localStorage.getItem(MARK)) return null;
  me = JSON.parse(localStorage.getItem(KEPT) ?? "null");
  const path = me ? Object.entries(ASKED).find(([kind]) => may(kind))?.[1] : "/6/session";
  try {
    const told = path ? await get(path, { quiet: true }) : null;
    me ??= { ...told, permissions: null };
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    me = null;
    localStorage.removeItem(MARK);
    localStorage.removeItem(KEPT);
  }
  return me;
}

export async function signIn(body) {
  // A token's cookie would go before the session.
  if (localStorage.getItem(KEPT)) await remove("/6/login", { quiet: true });
  me = { ...(await post("/6/session", body, { quiet: true })), permissions: null };
  localStorage.removeItem(KEPT);
  localStorage.setItem(MARK, "1");
}

/** Signs in by a token: the daemon keeps it in a cookie that scripts cannot read, this page its rights alone. */
export async function signInByToken(token) {
  const facts = await post("/6/credentials_verifier", { token }, { quiet: true });
  if (me?.permissions === null) await remove("/6/session", { quiet: true });
  await send("POST", "/6/login", { headers: { Authorization: `Bearer ${token}` }, quiet: true });
  me = { account_id: facts.account_id, login: null, account_type: facts.account_type, expires: null, permissions: facts.permissions ?? {} };
  localStorage.setItem(KEPT, JSON.stringify(me));
  localStorage.setItem(MARK, "1");
}

export async function signOut() {
  await remove(me?.permissions ? "/6/login" : "/6/session", { quiet: true }).catch(() => null);
  localStorage.removeItem(KEPT);
  localStorage.removeItem(MARK);
  me = null;
}

/** Whether the caller may do something with a kind of object. An account may do all with its own. */
export const may = (kind, action = "view") => Boolean(me) && (me.permissions === null || (me.permissions[kind] ?? []).includes(action));
/** Whether the caller is an administrator himself, and no token of one. */
export const isAdmin = () => me?.account_type === "admin" && me.permissions === null;
/** Whether an object is the caller's own: of others he may read alone. */
export const owns = (object) => object.account_id === me?.account_id;
/** Whether the caller may have a handler make events: tokens may name those that may be used, and those that may not. */
export function mayEmit(handlerID) {
  if (!may("event", "creation")) return false;
  if (me.permissions === null) return true;
  const { allowed, white_list: white, black_list: black } = me.permissions.emit_events ?? {};
  return allowed === 1 && (!white || white.includes(handlerID)) && !black?.includes(handlerID);
}
