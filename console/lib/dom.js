// Elements are made here, and text enters them as text alone: no markup is ever parsed from data.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "selected" || key === "indeterminate") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  add(node, children);
  return node;
}

/** Puts children into a node: nodes as they are, lists one by one, all else as text; null and false are left out. */
export function add(node, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    if (Array.isArray(child)) add(node, child);
    else node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** An element of HTML. `props` are attributes; those that begin with `on` are listeners. */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

/** An element of SVG. */
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** Replaces what a node holds. */
export function put(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

/** Sets a node's text, touching it only when it differs, so that nothing is laid out for nothing. */
export function say(node, text) {
  const words = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== words) node.textContent = words;
}

const waiting = new Set();

/** Runs changes of the page together, before the next picture of it is drawn. A function that waits already is not added twice. */
export function soon(change) {
  if (waiting.size === 0) requestAnimationFrame(runWaiting);
  waiting.add(change);
}

// Long lists take several turns: no more than 5 ms of each frame, so that input is never kept waiting.
function runWaiting() {
  const begin = performance.now();
  for (const change of waiting) {
    waiting.delete(change);
    change();
    if (performance.now() - begin > 5) break;
  }
  if (waiting.size > 0) requestAnimationFrame(runWaiting);
}

let count = 0;
/** An id that no other element of this page has. */
export const freshID = (word) => `${word}-${++count}`;

const PATHS = {
  streams: "M3 5h18v12H3zM8 21h8",
  events: "M12 3v2M5 17V11a7 7 0 0 1 14 0v6l2 2H3zM10 21h4",
  people: "M4 19V13M10 19V6M16 19v-9M22 19H2",
  groups: "M3 7h7l2 2h9v10H3z",
  jobs: "M4 6h10M4 12h16M4 18h7M17 15l3 3-3 3",
  accounts: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 4-7 8-7s8 2 8 7",
  tokens: "M14 10a5 5 0 1 0-3 4l2 2h2v2h2v2h4v-4z",
  system: "M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  add: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  problem: "M12 3 2 20h20zM12 10v4M12 17h.01",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  wall: "M3 4h8v7H3zM13 4h8v7h-8zM3 13h8v7H3zM13 13h8v7h-8z",
  export: "M12 3v12M7 10l5 5 5-5M4 21h16",
  faces: "M5 5h3M16 5h3v3M19 16v3h-3M8 19H5v-3M5 8V5M12 13a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM7.5 18c.5-2.5 2.3-3.5 4.5-3.5s4 1 4.5 3.5",
  lists: "M4 6h.01M8 6h12M4 12h.01M8 12h12M4 18h.01M8 18h12",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 21 21",
  handlers: "M4 6h6l4 12h6M14 6h6M17 3l3 3-3 3M17 15l3 3-3 3",
  person: "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM6 20c0-4 3-6 6-6s6 2 6 6",
};

/** A small drawing that says nothing by itself: words stand beside it, or on its button. */
export const icon = (name) =>
  svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));

/** The mark of the program: the corners of a box, and the line of sight through it. */
export const mark = () =>
  svg("svg", { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("path", { d: "M7 12V7h5M20 7h5v5M25 20v5h-5M12 25H7v-5M2 16h28" }));
