// Light or dark, as the page around the frame wishes: told in the address after #, and later by a message.

const THEMES = { light: "light", dark: "dark" };
const listeners = new Set();
let theme = "system";

/** Calls now, and again after each change, with "light", "dark" or "system". */
export function onTheme(call) {
  listeners.add(call);
  call(theme);
}

export function change(wish) {
  theme = THEMES[wish] ?? "system";
  document.documentElement.style.colorScheme = THEMES[theme] ?? "";
  for (const call of listeners) call(theme);
}

change(new URLSearchParams(location.hash.slice(1)).get("theme"));
addEventListener("message", ({ source, data }) => {
  if (source === parent && typeof data?.ivleTheme === "string") change(data.ivleTheme);
});
