// The style sheets of an exercise, brought along where a page has not linked them itself. Used by element.js.

import { element } from "../site/markup.js";

const SHEETS = ["../editor/editor.css", "exercise.css"];
let there = null;

/** Promises that they apply. */
export function looksAreThere() {
  there ??= Promise.all(SHEETS.map((name) => link(new URL(name, import.meta.url).href)));
  return there;
}

function link(href) {
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return null;
  const made = element("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => {
    made.addEventListener("load", resolve);
    made.addEventListener("error", resolve); // without its looks it still works
  });
  document.head.append(made);
  return loaded;
}
