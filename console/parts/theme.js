// Light and dark: as the system has it, until the viewer says otherwise.

const KEY = "sightline.theme";
export const themes = ["system", "light", "dark"];
export const theme = () => localStorage.getItem(KEY) ?? "system";

export function applyTheme(name = theme()) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  document.dispatchEvent(new Event("themechange"));
}

export function chooseTheme(name) {
  localStorage.setItem(KEY, name);
  applyTheme(name);
}

/** A colour of the style sheet, for canvases. */
export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("themechange")));
