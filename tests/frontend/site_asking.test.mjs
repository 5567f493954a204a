// Questions to the site: their addresses, what they carry, and why one was refused, in a sentence.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Files } from "../../frontend/editor/files.js";
import { FilesApi } from "../../frontend/files/api.js";
import { Asking, Fault } from "../../frontend/site/asking.js";

const JSON_TYPE = { "Content-Type": "application/json" };

/** One who asks, with what was asked in `asked`; a given fault is thrown in place of an answer. */
function asking(given, kind = Asking) {
  const asked = [];
  const fetch = async (address, question) => {
    asked.push({ address, ...question });
    if (given instanceof Error) throw given;
    return given;
  };
  return Object.assign(new kind({ owner: "sam", csrf: "secret", fetch }), { asked });
}

const refusal = (status, text, headers = JSON_TYPE) => new Response(text, { status, headers });

test("what the server says is told, else what the status means", async () => {
  const said = (given) => asking(given).ask("GET", "/api/a");
  await assert.rejects(said(refusal(404, '{"detail": "No such folder."}')), { message: "No such folder.", status: 404 });
  await assert.rejects(said(refusal(507, "{}")), /no room left/);
  await assert.rejects(said(refusal(500, "<h1>Fault</h1>", { "Content-Type": "text/html" })), /status 500/);
  await assert.rejects(said(refusal(401, "null")), /Log in again in another tab/);
  await assert.rejects(said(refusal(412, '{"detail": "Changed.", "etag": "2"}')), { content: { detail: "Changed.", etag: "2" } });
});

test("where the server is not reached, or its answer breaks off, it is a fault that may pass", async () => {
  for (const given of [new TypeError("no network"), refusal(200, '{"half')]) {
    const fault = await asking(given).ask("GET", "/api/a").catch((one) => one);
    assert.ok(fault instanceof Fault);
    assert.deepEqual([fault.status, fault.isLost], [0, true]);
  }
  assert.equal((await asking(refusal(404, "{}")).ask("GET", "/api/a").catch((one) => one)).isLost, false);
});

test("a question that was taken back is no fault", async () => {
  const ended = new AbortController();
  ended.abort();
  await assert.rejects(asking(new DOMException("aborted", "AbortError")).ask("GET", "/", { signal: ended.signal }), { name: "AbortError" });
});

test("only what changes something carries the token", async () => {
  const one = asking(new Response("{}", { headers: JSON_TYPE }));
  await one.ask("GET", "/api/a");
  await asking(new Response("{}", { headers: JSON_TYPE })).ask("GET", "/api/a");
  assert.deepEqual(one.asked[0].headers, {});
  const other = asking(new Response('{"a": 1}', { headers: JSON_TYPE }));
  assert.deepEqual(await other.ask("POST", "/api/a", { json: { b: 2 } }), { a: 1 });
  assert.deepEqual([other.asked[0].headers, other.asked[0].body], [{ "X-CSRFToken": "secret", ...JSON_TYPE }, '{"b":2}']);
});

test("an answer is JSON, or text, or nothing", async () => {
  assert.deepEqual(await asking(new Response("x", { headers: { "Content-Type": "text/plain" } })).ask("GET", "/"), { text: "x" });
  assert.deepEqual(await asking(new Response(null, { status: 204 })).ask("GET", "/"), {});
});

test("an address has whose things they are, and each of several", async () => {
  const api = asking(null, FilesApi);
  assert.equal(api.zip(["a", "b%20c"]), "/api/files/zip?path=a&path=b%2520c&owner=sam");
  assert.equal(new FilesApi({ csrf: "c" }).versionContent("1.2"), "/api/files/versions/1.2/content");
  const listing = asking(new Response('{"entries": []}', { headers: JSON_TYPE }), FilesApi);
  await listing.list("a b", true);
  assert.equal(listing.asked[0].address, "/api/files/list?path=a+b&hidden=1&owner=sam");
});

test("the editor has the bytes of a file with their etag, and no draft where there is none", async () => {
  const file = asking(new Response("é", { headers: { ETag: '"1"' } }), Files);
  assert.deepEqual(await file.read("a"), { bytes: new TextEncoder().encode("é"), etag: '"1"' });
  assert.equal(await asking(new Response(null, { status: 204 }), Files).draft("a"), null);
  await assert.rejects(asking(refusal(500, "{}"), Files).draft("a"), { status: 500 });
});
