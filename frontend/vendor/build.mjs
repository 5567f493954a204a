// Makes xterm.js, xterm.css and xterm.LICENSE.txt beside this file: `node frontend/vendor/build.mjs`, by hand, when a
// version in package.json changes (then `npm install --package-lock-only --omit-lockfile-registry-resolved` first).
// The results are committed; nothing else needs node. It installs into a folder of its own, without scripts.

import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const work = await mkdtemp(join(tmpdir(), "ivle-vendor-"));
const packages = ["xterm", "addon-fit", "addon-search", "addon-unicode11", "addon-web-links"];

// A strict Content-Security-Policy allows neither <style> elements nor style attributes made by scripts. Constructed
// style sheets and the style property do the same and are allowed. Each change must find what it replaces.
const changes = [
  { count: 3, from: /[\w.$]+\.createElement\("style"\)/g, to: "globalThis.ivleStyleElement()" },
  { count: 1, from: /(\w+)\.setAttribute\("style",(`[^;]*;`)\)/g, to: "$1.style.cssText=$2" },
];
const allowed = {
  name: "allowed",
  setup(build) {
    build.onLoad({ filter: /@xterm\/xterm\/lib\/xterm\.mjs$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const { count, from, to } of changes) {
        const found = contents.match(from)?.length ?? 0;
        if (found !== count) throw new Error(`${from}: found ${found} times, not ${count}`);
        contents = contents.replaceAll(from, to);
      }
      return { contents, loader: "js" };
    });
  },
};

try {
  for (const name of ["package.json", "package-lock.json", "entry.js", "style_element.js"]) {
    await cp(join(here, name), join(work, name));
  }
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: work, stdio: "inherit" });
  const { build } = createRequire(join(work, "package.json"))("esbuild");
  await build({
    entryPoints: [join(work, "entry.js")],
    outfile: join(here, "xterm.js"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "inline",
    plugins: [allowed],
  });
  await cp(join(work, "node_modules/@xterm/xterm/css/xterm.css"), join(here, "xterm.css"));
  const licences = packages.map(async (name) => {
    const { version } = JSON.parse(await readFile(join(work, `node_modules/@xterm/${name}/package.json`), "utf8"));
    const licence = await readFile(join(work, `node_modules/@xterm/${name}/LICENSE`), "utf8");
    return `@xterm/${name} ${version}\n\n${licence.trim()}\n`;
  });
  await writeFile(join(here, "xterm.LICENSE.txt"), (await Promise.all(licences)).join("\n---\n\n"));
} finally {
  await rm(work, { recursive: true });
}
