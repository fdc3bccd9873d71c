// The public API, asked as any client does. What the console can do, a client can do.

/** What addresses of this daemon begin with: `/`, or what a proxy serves it under, such as `/cameras/`. */
export const base = new URL(".", location.href).pathname;
/** Where a browser asks for a path of the API. */
export const at = (path) => base + path.slice(1);

/** An answer that is an error: the API's own words are in `message`. */
export class APIError extends Error {
  constructor(status, body) {
    super(body?.detail || body?.desc || `HTTP ${status}`);
    this.status = status;
    this.code = body?.error_code ?? 0;
  }
}

/** Nobody answered. */
export class Unreachable extends Error {}

/** Whether the daemon answers. Tells `lost` and `back`; `since` is when it was last heard. */
export const connection = Object.assign(new EventTarget(), { isLost: false, since: Date.now() });
/** Tells `ended` when credentials are no longer good. */
export const credentials = new EventTarget();

function heard() {
  connection.since = Date.now();
  if (!connection.isLost) return;
  connection.isLost = false;
  connection.dispatchEvent(new Event("back"));
}

/** Says that nobody answered, and looks for the daemon until it does. */
export function lost() {
  if (connection.isLost) return;
  connection.isLost = true;
  connection.dispatchEvent(new Event("lost"));
  const look = () => fetch(at("/version"), { cache: "no-store" }).then((answer) => {
    if (!answer.ok) throw new Error();
    heard();
  }).catch(() => setTimeout(look, 1500));
  setTimeout(look, 1000);
}

/** Looks whether the daemon is there also on pages that ask nothing by themselves. */
export function listen() {
  setInterval(() => {
    if (document.hidden || connection.isLost || Date.now() - connection.since < 10000) return;
    fetch(at("/version"), { cache: "no-store" }).then(heard, lost);
  }, 5000);
}

/**
 * Sends a request and gives the answer as `fetch` does.
 * Throws `APIError` for any status from 400 on, `Unreachable`, and `AbortError` when `signal` ends it.
 */
export async function send(method, path, { body, signal, headers = {}, quiet = false, keepalive = false } = {}) {
  const init = { method, signal, keepalive, headers: { "X-Sightline-Console": "1", ...headers }, cache: "no-store", credentials: "same-origin" };
  if (body instanceof Blob || body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(at(path), init);
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    lost();
    throw new Unreachable();
  }
  heard();
  if (answer.ok) return answer;
  throw refusal(answer.status, await answer.json().catch(() => null), quiet);
}

/** What a refused request comes to. */
function refusal(status, body, quiet) {
  const error = new APIError(status, body);
  const isOver = status === 401 || error.code === 12010 || error.code === 11062;
  if (isOver && !quiet) credentials.dispatchEvent(new Event("ended"));
  return error;
}

/** Sends a file and gives the answer's JSON. `gone` is told which part of it is on its way. Throws as `send` does; `signal` ends it. */
export const upload = (path, file, { gone, signal }) => new Promise((done, fail) => {
  const request = new XMLHttpRequest();
  request.open("POST", at(path));
  request.responseType = "json";
  request.setRequestHeader("X-Sightline-Console", "1");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = ({ loaded, total }) => gone(loaded / total);
  request.onload = () => { heard(); if (request.status < 400) done(request.response); else fail(refusal(request.status, request.response)); };
  request.onerror = () => fail(new Unreachable());
  request.onabort = () => fail(new DOMException("", "AbortError"));
  signal.addEventListener("abort", () => request.abort());
  request.send(file);
});

const json = async (answer) => (answer.status === 204 ? null : answer.json());
export const get = async (path, options) => json(await send("GET", path, options));
export const post = async (path, body, options) => json(await send("POST", path, { ...options, body }));
export const replace = async (path, body, options) => json(await send("PUT", path, { ...options, body }));
export const patch = async (path, body, options) => json(await send("PATCH", path, { ...options, body }));
export const remove = async (path, options) => json(await send("DELETE", path, options));

/** A path of a picture that may be shown: of this daemon alone, never an address that somebody from elsewhere brings. Else null. */
export const ownPicture = (path) => (/^\/6\/(images|samples\/(bodies|faces))\/[a-f0-9-]{36}$/.test(path ?? "") ? path : null);

/** A path with those members of an object as its query that say something; lists with commas. */
export function query(path, members) {
  const parts = Object.entries(members)
    .filter(([, value]) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${encodeURIComponent(key)}=${[value].flat().map(encodeURIComponent).join(",")}`);
  return parts.length ? `${path}?${parts.join("&")}` : path;
}

/** All of a list that comes in pages, by the name of its member. */
export async function all(path, member, options) {
  const found = [];
  for (let page = 1; ; page++) {
    const answer = await get(`${path}${path.includes("?") ? "&" : "?"}page=${page}&page_size=1000`, options);
    found.push(...answer[member]);
    if (answer[member].length < 1000) return found;
  }
}
