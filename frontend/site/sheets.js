// Style sheets that an element brings along where its page has not linked them itself.

import { element } from "./markup.js";

const there = new Map();

/** Promises that they apply, however many elements ask: a terminal measures its letters when it is opened. `hrefs` are whole addresses. */
export function sheetsAreThere(...hrefs) {
  return Promise.all(hrefs.map((href) => {
    if (!there.has(href)) there.set(href, link(href));
    return there.get(href);
  }));
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
