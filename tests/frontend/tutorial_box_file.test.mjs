// The file of a box: made with its folders when it is first saved, saved by itself after a pause, met in another tab.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BoxFile, BoxFiles } from "../../frontend/tutorial/box_file.js";

/** A site with files: path -> [etag, text]. */
function world(files = {}, folders = new Set()) {
  const asked = [];
  const answer = (status, content = {}, headers = {}) =>
    new Response(JSON.stringify(content), { status, headers: { "Content-Type": "application/json", ...headers } });
  let count = 0;
  const fetch = async (address, { method, headers, body }) => {
    const url = new URL(address, "http://site/");
    const path = url.searchParams.get("path");
    asked.push(`${method} ${path}`);
    if (method === "GET") return files[path] ? new Response(files[path][1], { headers: { etag: files[path][0] } }) : answer(404);
    if (url.searchParams.get("folders") === "true") folders.add(path.slice(0, path.lastIndexOf("/")));
    if (!folders.has(path.slice(0, path.lastIndexOf("/")))) return answer(404);
    const there = files[path]?.[0];
    if (headers["If-Match"] ? headers["If-Match"] !== there : headers["If-None-Match"] && there) return answer(412);
    count += 1;
    files[path] = [`"${count}"`, new TextDecoder().decode(body)];
    return answer(200, { etag: `"${count}"` });
  };
  const waiting = [];
  const clock = { setTimeout: (call) => waiting.push(call), clearTimeout: (number) => { if (number) waiting[number - 1] = null; } };
  const file = (text, etag) => new BoxFile({ path: "c/p/b.py", files: new BoxFiles({ csrf: "x", fetch }), text, etag, clock });
  return { files, folders, asked, waiting, file };
}

test("the first save makes the folders, in the same request", async () => {
  const { file, files, asked } = world();
  assert.equal(await file("print(1)", null).save(), true);
  assert.deepEqual(asked, ["PUT c/p/b.py"]);
  assert.equal(files["c/p/b.py"][1], "print(1)");
});

test("an unchanged text is not saved again", async () => {
  const { file, asked } = world({ "c/p/b.py": ['"0"', "x"] }, new Set(["c/p"]));
  assert.equal(await file("x", '"0"').save(), true);
  assert.deepEqual(asked, []);
});

test("what is typed is saved after a pause, once", async () => {
  const { file, files, waiting } = world({ "c/p/b.py": ['"0"', "x"] }, new Set(["c/p"]));
  const one = file("x", '"0"');
  one.edited("xy");
  one.edited("xyz");
  await Promise.all(waiting.filter(Boolean).map((call) => call()));
  assert.deepEqual(files["c/p/b.py"], ['"1"', "xyz"]);
  assert.equal(one.isDirty, false);
});

test("of what somebody else saved meanwhile nothing is lost", async () => {
  const { file, files } = world({ "c/p/b.py": ['"9"', "theirs"] }, new Set(["c/p"]));
  const one = file("x", '"0"');
  one.edited("mine");
  assert.equal(await one.save(), false);
  assert.equal(one.conflict.text, "theirs");
  assert.equal(files["c/p/b.py"][1], "theirs");
  assert.equal(await one.settle("mine"), true);
  assert.equal(files["c/p/b.py"][1], "mine");
});

test("a text that the page could not bring along is fetched", async () => {
  const { file } = world({ "c/p/b.py": ['"9"', "a\r\nb"] }, new Set(["c/p"]));
  const one = file(null, '"9"');
  await one.ready;
  assert.deepEqual([one.state, one.text, one.style.newline], ["open", "a\nb", "\r\n"]);
});
