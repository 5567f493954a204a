// What is in a file, to look at: pictures, sound, film, PDF, text, tables, Markdown, notebooks. Used by pane.js.

import { element } from "../site/markup.js";
import { gettext } from "../site/words.js";

const DOCUMENT_STYLE = new URL("document.css", import.meta.url).href;
const SITE_STYLE = new URL("../site.css", import.meta.url).href;

/** The parts for an answer of the API's preview. name: the file's, for eyes. */
export function previewOf(content, name) {
  const make = MAKERS[content.kind] ?? MAKERS.none;
  const note = content.sentence || (content.truncated ? gettext("Only the beginning is shown: the file is long.") : "");
  return [note && element("p", { class: "aside files-preview-note" }, note), ...make(content, name)].filter(Boolean);
}

const MAKERS = {
  text: ({ text }, name) => [
    element("pre", { class: "files-text", tabindex: 0, role: "region", "aria-label": gettext("Text of %(name)s", { name }) }, text ?? ""),
  ],
  csv: ({ rows }, name) => [table(rows ?? [], name)],
  markdown: ({ html }, name) => [framed(html ?? "", name)],
  notebook: ({ html }, name) => [framed(html ?? "", name)],
  image: ({ url }, name) => [element("div", { class: "files-picture" }, element("img", { src: url, alt: name, onerror: failed }))],
  audio: ({ url }, name) => [element("audio", { src: url, controls: true, preload: "metadata", "aria-label": name, onerror: failed })],
  video: ({ url }, name) => [element("video", { src: url, controls: true, preload: "metadata", "aria-label": name, onerror: failed })],
  pdf: ({ url }, name) => [
    element("p", { class: "aside files-preview-note" }, element("a", { href: url, target: "_blank", rel: "noopener" }, gettext("Open in a new tab"))),
    element("iframe", { class: "files-frame", src: url, title: name }),
  ],
  none: ({ sentence }) => (sentence ? [] : [element("p", { class: "aside" }, gettext("There is no preview for this kind of file. Download it to open it on your computer."))]),
};

function failed({ target }) {
  target.replaceWith(element("p", { class: "aside" }, gettext("Your browser cannot show this file. Download it to open it on your computer.")));
}

function table(rows, name) {
  const [head = [], ...rest] = rows;
  const cells = (row, kind) => row.map((text) => element(kind, kind === "th" ? { scope: "col", dir: "auto" } : { dir: "auto" }, text));
  return element(
    "div", { class: "files-rows", tabindex: 0, role: "region", "aria-label": gettext("Rows of %(name)s", { name }) },
    element(
      "table", {},
      element("thead", {}, element("tr", {}, ...cells(head, "th"))),
      element("tbody", {}, ...rest.map((row) => element("tr", {}, ...cells(row, "td")))),
    ),
  );
}

/**
 * Markup from a student's file. The server has sanitised it; should that fail, it still lies in a frame in which nothing runs:
 * no allow-scripts and no allow-forms in its sandbox, and a policy of its own that allows our two style sheets and pictures
 * of this site only, so that it cannot even tell a foreign host that it was looked at. allow-same-origin is there because
 * pictures beside the file are fetched with the session; without scripts it gives the markup nothing. Links open new tabs.
 */
function framed(html, name) {
  const { origin } = location;
  const policy = `default-src 'none'; img-src ${origin}/api/files/ data:; style-src ${SITE_STYLE} ${DOCUMENT_STYLE}; base-uri 'none'; form-action 'none'`;
  const head = [
    '<meta charset="utf-8">', `<meta http-equiv="Content-Security-Policy" content="${policy}">`, '<base target="_blank">',
    '<meta name="color-scheme" content="light dark">', `<link rel="stylesheet" href="${SITE_STYLE}">`, `<link rel="stylesheet" href="${DOCUMENT_STYLE}">`,
  ];
  return element("iframe", {
    class: "files-frame", title: name, referrerpolicy: "no-referrer",
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    srcdoc: `<!DOCTYPE html><html><head>${head.join("")}</head><body dir="auto">${html}</body></html>`,
  });
}
