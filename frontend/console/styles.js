// The style sheets of a console, brought along where a page has not linked them itself. Used by element.js.

import { element } from "../site/markup.js";

const SHEETS = ["../vendor/xterm.css", "console.css"];
let there = null;

/** Promises that they apply: a terminal measures its letters when it is opened. */
export function stylesAreThere() {
  there ??= Promise.all(SHEETS.map((name) => link(new URL(name, import.meta.url).href)));
  return there;
}

function link(href) {
  const known = [...document.styleSheets].some((sheet) => sheet.href === href);
  if (known) return null;
  const made = element("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => {
    made.addEventListener("load", resolve);
    made.addEventListener("error", resolve); // without its looks it still works
  });
  document.head.append(made);
  return loaded;
}
