// The words of the console: files of messages, one for each language, English whole and what others lack.

export const LANGUAGES = { en: "English", de: "Deutsch" };
let messages = {};
let fallback = {};
let plurals = new Intl.PluralRules("en");
export let language = "en";

function chosen() {
  const kept = localStorage.getItem("sightline.language");
  if (kept in LANGUAGES) return kept;
  return (navigator.languages ?? []).map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES) ?? "en";
}

const read = async (name) => (await fetch(new URL(`../messages/${name}.json`, import.meta.url))).json();

/** Reads the messages of the viewer's language. */
export async function loadMessages() {
  language = chosen();
  [fallback, messages] = await Promise.all([read("en"), language === "en" ? {} : read(language)]);
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
}

export function chooseLanguage(tag) {
  localStorage.setItem("sightline.language", tag);
  location.reload();
}

/** The message of a key, with `{names}` filled in. With `n`, the form of the language for that number. */
export function t(key, values = {}) {
  const form = "n" in values ? `${key}.${plurals.select(values.n)}` : key;
  const text = messages[form] ?? messages[`${key}.other`] ?? messages[key] ?? fallback[form] ?? fallback[`${key}.other`] ?? fallback[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}

/** The message of a key, or other words where there is none: for words that come from elsewhere. */
export const tOr = (key, other) => messages[key] ?? fallback[key] ?? other;

const shown = (value) => (typeof value === "number" ? number(value) : String(value));

const formats = new Map();

/** A number as the viewer's language writes it. */
export function number(value, digits = 1) {
  if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat(language, { maximumFractionDigits: digits }));
  return formats.get(digits).format(value);
}

let collator;
/** The order of two names as people read them: `Camera 9` before `Camera 10`. */
export const inOrder = (a, b) => (collator ??= new Intl.Collator(language, { numeric: true })).compare(a, b);
