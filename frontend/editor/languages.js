// Which language a file is in, by its name; all but Python are loaded when they are needed. Used by code.js.

import { python } from "../vendor/codemirror/codemirror.js";

const lazily = (module, load) => async () => load(await import(`../vendor/codemirror/${module}.js`));
const LANGUAGES = [
  { name: "Python", endings: ["py", "pyw", "pyi"], load: async () => python() },
  { name: "HTML", endings: ["html", "htm"], load: lazily("html", ({ html }) => html()) },
  { name: "CSS", endings: ["css"], load: lazily("css", ({ css }) => css()) },
  { name: "JavaScript", endings: ["js", "mjs"], load: lazily("javascript", ({ javascript }) => javascript()) },
  { name: "JSON", endings: ["json", "ipynb", "webmanifest"], load: lazily("json", ({ json }) => json()) },
  { name: "Markdown", endings: ["md", "markdown"], load: lazily("markdown", ({ markdown }) => markdown()) },
];
const TEXT = { name: "Text", endings: [], load: async () => [] };

/** {name, load: promises its extension} */
export function languageOf(path) {
  const ending = /\.(\w+)$/.exec(path)?.[1].toLowerCase();
  return LANGUAGES.find(({ endings }) => endings.includes(ending)) ?? TEXT;
}
