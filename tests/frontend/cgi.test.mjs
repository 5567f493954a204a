// cgi.js decides as cgirunner/headers.py does: the same outputs, the same decisions, however they are cut up.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { pageOf, sniff } from "../../frontend/console/cgi.js";
import { PageWatch } from "../../frontend/console/pages.js";
import { bytes } from "./false_world.mjs";

const OUTPUTS = fileURLToPath(new URL("../cgirunner/outputs", import.meta.url));
const HEADERS = 3; // the rules of docs/serving.md from which on it is a header block

for (const file of readdirSync(OUTPUTS).filter((name) => name.endsWith(".out"))) {
  test(`output ${file}`, () => {
    const output = new Uint8Array(readFileSync(join(OUTPUTS, file)));
    const expected = JSON.parse(readFileSync(join(OUTPUTS, file.replace(".out", ".json")), "utf8"));
    const decision = sniff(output);
    assert.equal(Boolean(decision), expected.rule >= HEADERS);
    if (decision) assert.equal(decision.bodyStart, expected.body_start);
    for (let cut = 0; cut < Math.min(output.length, 200); cut += 1) {
      const early = sniff(output.subarray(0, cut));
      if (early !== undefined) assert.deepEqual(early, decision);
    }
  });
}

test("a page as a terminal brings it, piece by piece", () => {
  const watch = new PageWatch();
  assert.equal(watch.feed(0, bytes("Content-Type: text/")), false);
  assert.equal(watch.page, null);
  assert.equal(watch.feed(19, bytes("html\r\n\r\n<h1>a</h1>")), true);
  assert.equal(watch.feed(37, bytes("<p>b")), true);
  assert.equal(watch.page.type, "text/html");
  assert.equal(Buffer.from(watch.page.body).toString(), "<h1>a</h1><p>b");
});

test("a prompt, output whose beginning is not known, and too long a page are no pages", () => {
  const prompt = new PageWatch();
  prompt.feed(0, bytes(">>> "));
  assert.equal(prompt.feed(4, bytes("Content-Type: text/html\n\nx")), false);
  const late = new PageWatch();
  assert.equal(late.feed(7, bytes("Content-Type: text/html\n\nx")), false);
  const long = new PageWatch();
  long.feed(0, bytes("Content-Type: text/html\n\nx"));
  assert.equal(long.feed(26, new Uint8Array(5 * 1024 * 1024)), false);
  assert.equal(long.page, null);
});

test("a restarted program may print another page", () => {
  const watch = new PageWatch();
  watch.feed(0, bytes("text"));
  watch.begin(100);
  assert.equal(watch.feed(100, bytes("Status: 404 Not Found\n\ngone")), true);
  assert.deepEqual([watch.page.status, watch.page.type], ["404 Not Found", "text/plain"]);
});

test("an address to go to is named, not followed", () => {
  const output = bytes("Location: http://example.org/\n\n");
  assert.equal(pageOf(output, sniff(output)).status, "302 Found: http://example.org/");
});
