// What kind of thing an entry is: its word, its picture, and what can be done with it. Pure.

import { gettext } from "../site/words.js";

const ENDINGS = {
  py: "python", ipynb: "notebook", html: "page", htm: "page", css: "text", js: "text", mjs: "text", json: "text", txt: "text",
  md: "markdown", markdown: "markdown", csv: "table", tsv: "table", toml: "text", yaml: "text", yml: "text", ini: "text",
  cfg: "text", xml: "text", sql: "text", sh: "text", tex: "text", rst: "text", log: "text", gitignore: "text",
  png: "picture", jpg: "picture", jpeg: "picture", gif: "picture", webp: "picture", avif: "picture", bmp: "picture", ico: "picture",
  svg: "picture", mp3: "sound", wav: "sound", ogg: "sound", oga: "sound", flac: "sound", m4a: "sound", opus: "sound",
  mp4: "film", webm: "film", ogv: "film", mov: "film", m4v: "film",
  pdf: "pdf", zip: "archive", gz: "archive", tar: "archive", tgz: "archive", xz: "archive", bz2: "archive",
};
const BY_TYPE = [
  [/python/, "python"], [/^text\/html/, "page"], [/^text\/(csv|tab)/, "table"], [/markdown/, "markdown"], [/^text\/|json|javascript/, "text"],
  [/^image\//, "picture"], [/^audio\//, "sound"], [/^video\//, "film"], [/pdf/, "pdf"], [/zip|x-tar/, "archive"],
];
const WORDS = {
  folder: () => gettext("Folder"),
  link: () => gettext("Link"),
  other: () => gettext("Not a file"),
  python: () => gettext("Python program"),
  notebook: () => gettext("Notebook"),
  page: () => gettext("Web page"),
  markdown: () => gettext("Markdown"),
  table: () => gettext("Table"),
  text: () => gettext("Text"),
  picture: () => gettext("Picture"),
  sound: () => gettext("Sound"),
  film: () => gettext("Film"),
  pdf: () => gettext("PDF"),
  archive: () => gettext("Archive"),
  file: () => gettext("File"),
};
const EDITABLE = new Set(["python", "page", "markdown", "table", "text"]);

/** {id, words}: by the ending of the name, else by the media type that the server gives. */
export function typeOf(entry) {
  const id = entry.kind === "file" ? ofFile(entry) : entry.kind;
  return { id, words: WORDS[entry.isLink ? "link" : id]() };
}

function ofFile({ name, type }) {
  const ending = /\.([^.]+)$/.exec(name)?.[1].toLowerCase();
  return ENDINGS[ending] ?? BY_TYPE.find(([pattern]) => pattern.test(type ?? ""))?.[1] ?? "file";
}

export const isProgram = (entry) => entry.kind === "file" && typeOf(entry).id === "python";
export const isZip = (name) => /\.zip$/i.test(name);
/** Whether the editor would take it; an empty or unknown file may be text as well as not. */
export const isEditable = (entry) => entry.kind === "file" && (EDITABLE.has(typeOf(entry).id) || entry.size_bytes === 0);
