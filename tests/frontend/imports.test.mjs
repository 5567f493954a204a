// Every import of our modules leads to a module that has what is imported: a browser says so only when a page stays empty.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../frontend", import.meta.url));
const IMPORT = /^import (?:\{([^}]*)\} from )?"(\.[^"]*)";/gm;
const LATER = /\bimport\("(\.[^"]*)"\)/g;

const modules = readdirSync(ROOT, { recursive: true }).filter((name) => name.endsWith(".js") && !name.startsWith("vendor/")).sort();

function exportsOf(text) {
  const declared = [...text.matchAll(/^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm)].map(([, name]) => name);
  const listed = [...text.matchAll(/export ?\{([^}]*)\}/g)].flatMap(([, names]) => names.split(",").map((name) => name.trim().split(" as ").at(-1)));
  return new Set([...declared, ...listed]);
}

function faultsOf(name) {
  const path = resolve(ROOT, name);
  const text = readFileSync(path, "utf8");
  const wanted = [...text.matchAll(IMPORT)].map(([, names = "", from]) => [from, names]);
  const later = [...text.matchAll(LATER)].map(([, from]) => [from, ""]);
  return [...wanted, ...later].flatMap(([from, names]) => {
    const target = resolve(dirname(path), from);
    let there;
    try {
      there = exportsOf(readFileSync(target, "utf8"));
    } catch {
      return [`there is no ${relative(ROOT, target)}`];
    }
    const asked = names.split(",").map((one) => one.trim().split(" as ")[0]).filter(Boolean);
    return asked.filter((one) => !there.has(one)).map((one) => `${relative(ROOT, target)} has no ${one}`);
  });
}

test("there are modules", () => assert.ok(modules.length > 50));

for (const name of modules) {
  test(`${name} imports what is there`, () => assert.deepEqual(faultsOf(name), []));
}
