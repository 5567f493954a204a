// Makes what this folder has of other people's code: `node frontend/vendor/build.mjs`, by hand, when a version in
// package.json changes (then `npm install --package-lock-only --omit-lockfile-registry-resolved` first).
// The results are committed; nothing else needs node. It installs into a folder of its own, without scripts.

import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const work = await mkdtemp(join(tmpdir(), "ivle-vendor-"));
const SOURCES = ["package.json", "package-lock.json", "entry.js", "search_entry.js", "style_element.js", "documentation.js", "codemirror_entries"];
const OPTIONS = { bundle: true, minify: true, format: "esm", target: "es2022", metafile: true, absWorkingDir: work };

// A strict Content-Security-Policy allows neither <style> elements nor style attributes made by scripts. Constructed
// style sheets and the style property do the same and are allowed. And the keys of Emacs are declared to be without
// effect, so that a bundler would leave them out. Each change must find what it replaces.
const CHANGES = [
  {
    file: /@xterm\/xterm\/lib\/xterm\.mjs$/,
    changes: [
      { count: 3, from: /[\w.$]+\.createElement\("style"\)/g, to: "globalThis.ivleStyleElement()" },
      { count: 1, from: /(\w+)\.setAttribute\("style",(`[^;]*;`)\)/g, to: "$1.style.cssText=$2" },
    ],
  },
  {
    file: /style-mod\/src\/style-mod\.js$/,
    changes: [{ count: 1, from: /!root\.head && root\.adoptedStyleSheets/g, to: "root.adoptedStyleSheets" }],
  },
  {
    file: /@replit\/codemirror-emacs\/dist\/index\.js$/,
    changes: [{ count: 2, from: /\/\*@__PURE__\*\/(?=EmacsHandler\.)/g, to: "" }],
  },
];
const allowed = {
  name: "allowed",
  setup(build) {
    for (const { file, changes } of CHANGES) {
      build.onLoad({ filter: file }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const { count, from, to } of changes) {
          const found = contents.match(from)?.length ?? 0;
          if (found !== count) throw new Error(`${path}: ${from} is there ${found} times, not ${count}`);
          contents = contents.replaceAll(from, to);
        }
        return { contents, loader: "js" };
      });
    }
  },
};

/** The licences of all packages that a bundle was made of. */
async function licences({ inputs }) {
  const found = Object.keys(inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const names = [...new Set(found.filter(Boolean))].sort();
  const texts = names.map(async (name) => {
    const folder = join(work, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((one) => /^licen[sc]e/i.test(one));
    const text = file ? await readFile(join(folder, file), "utf8") : `Licence: ${license}`;
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join("\n---\n\n");
}

try {
  for (const name of SOURCES) await cp(join(here, name), join(work, name), { recursive: true });
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: work, stdio: "inherit" });
  const { build } = createRequire(join(work, "package.json"))("esbuild");

  const xterm = await build({
    ...OPTIONS,
    entryPoints: { xterm: "entry.js", xterm_search: "search_entry.js" },
    outdir: here,
    legalComments: "inline",
    plugins: [allowed],
  });
  await cp(join(work, "node_modules/@xterm/xterm/css/xterm.css"), join(here, "xterm.css"));
  await writeFile(join(here, "xterm.LICENSE.txt"), await licences(xterm.metafile));

  // Each entry is a file that a page may load when it needs it; what several need is in chunks.
  const entries = (await readdir(join(work, "codemirror_entries"))).sort();
  await rm(join(here, "codemirror"), { recursive: true, force: true });
  await mkdir(join(here, "codemirror"));
  const codemirror = await build({
    ...OPTIONS,
    entryPoints: entries.map((name) => `codemirror_entries/${name}`),
    outdir: join(here, "codemirror"),
    splitting: true,
    alias: { marked: "./documentation.js" },
    legalComments: "none", // they are in the file of licences
    plugins: [allowed],
  });
  await writeFile(join(here, "codemirror", "LICENSE.txt"), await licences(codemirror.metafile));
} finally {
  await rm(work, { recursive: true });
}
