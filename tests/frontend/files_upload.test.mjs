// A file on its way in parts, through lost connections, by the API's own client over a false fetch.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FilesApi } from "../../frontend/files/api.js";
import { Upload, UploadQueue } from "../../frontend/files/upload.js";

const KB = 1024;

/** The uploads of the API, as the contract has them. `faults` are statuses with which the next questions are answered; 0 is no network. */
class Server {
  constructor(...faults) {
    this.faults = faults;
    this.asked = [];
    this.there = new Map();
    this.exists = false;
    this.lastId = 0;
  }

  fetch = async (address, { method, body, headers, signal }) => {
    const url = new URL(address, "http://localhost");
    this.asked.push(`${method} ${url.pathname.replace("/api/files", "")}${url.search}`);
    this.headers = headers;
    this.onAsk?.(method);
    if (signal?.aborted) throw new DOMException("aborted", "AbortError");
    const fault = this.faults.shift();
    if (fault === 0) throw new TypeError("no network");
    if (fault === "late") { // it arrived, but the answer did not
      await this.answer(method, url, body);
      throw new TypeError("no network");
    }
    if (fault) return this.say(fault.status ?? fault, { detail: `status ${fault.status ?? fault}`, ...fault.content });
    return this.answer(method, url, body);
  };

  async answer(method, url, body) {
    const id = url.pathname.split("/uploads/")[1];
    if (method === "POST") {
      const wish = JSON.parse(body);
      if (this.exists && !wish.replace) return this.say(409, { detail: "There is one already.", taken: true });
      this.lastId += 1;
      this.there.set(String(this.lastId), { size: wish.size_bytes, bytes: "", wish });
      return this.say(201, { id: String(this.lastId), offset: 0, done: this.done(String(this.lastId)) });
    }
    const upload = this.there.get(id);
    if (!upload) return this.say(404, { detail: "gone" });
    if (method === "DELETE") {
      this.there.delete(id);
      return this.say(204);
    }
    if (method === "PATCH") {
      if (Number(url.searchParams.get("offset")) !== upload.bytes.length) return this.say(409, { detail: "not there", offset: upload.bytes.length });
      upload.bytes += await body.text();
    }
    return this.say(200, { offset: upload.bytes.length, done: this.done(id) });
  }

  done(id) {
    const { size, bytes, wish } = this.there.get(id);
    return size === bytes.length ? { path: wish.name, files: 1 } : null;
  }

  say(status, content) {
    const text = content ? JSON.stringify(content) : "";
    return { status, ok: status < 400, headers: new Headers({ "Content-Type": "application/json" }), text: async () => text };
  }
}

class Clock {
  constructor() {
    this.time = 0;
    this.waits = [];
  }

  now = () => this.time;

  after = (milliseconds, call) => {
    this.waits.push(milliseconds);
    this.time += milliseconds;
    const timer = setImmediate(call);
    return () => clearImmediate(timer);
  };
}

function upload(server, bytes, fields = {}) {
  const text = "0123456789".repeat(Math.ceil(bytes / 10)).slice(0, bytes);
  const file = Object.assign(new Blob([text]), { lastModified: 5 });
  const states = [];
  const made = new Upload({
    file, folder: "a", name: "big.bin", api: new FilesApi({ csrf: "secret", fetch: server.fetch }), clock: new Clock(),
    onChange: ({ state }) => { if (states.at(-1) !== state) states.push(state); }, ...fields,
  });
  return Object.assign(made, { states, text });
}

test("in parts that grow, with the page's token, byte for byte", async () => {
  const server = new Server();
  const it = upload(server, 1500 * KB);
  await it.run();
  assert.deepEqual(server.asked, [
    "POST /uploads", "PATCH /uploads/1?offset=0", `PATCH /uploads/1?offset=${256 * KB}`,
  ]);
  assert.equal(server.there.get("1").bytes, it.text);
  assert.equal(server.headers["X-CSRFToken"], "secret");
  assert.deepEqual([it.state, it.sent_bytes, it.result], ["done", 1500 * KB, { path: "big.bin", files: 1 }]);
});

test("no part is larger than the server takes", async () => {
  const server = new Server();
  await upload(server, 13_000 * KB).run();
  const offsets = server.asked.slice(1).map((line) => Number(line.split("=")[1]));
  assert.ok(offsets.length > 3 && offsets.every((one, index) => index === 0 || one - offsets[index - 1] <= 4096 * KB));
});

test("an empty file is done at once", async () => {
  const server = new Server();
  const it = upload(server, 0);
  await it.run();
  assert.deepEqual([it.state, server.asked], ["done", ["POST /uploads"]]);
});

test("after a lost connection it goes on where the server has it", async () => {
  const server = new Server(undefined, undefined, 0, 503, 0);
  const it = upload(server, 1500 * KB);
  await it.run();
  assert.deepEqual(it.states, ["sending", "lost", "sending", "done"]);
  assert.deepEqual(it.clock.waits, [1000, 2000, 4000]);
  assert.deepEqual(server.asked.slice(2), [
    `PATCH /uploads/1?offset=${256 * KB}`, "GET /uploads/1", "GET /uploads/1", "GET /uploads/1", `PATCH /uploads/1?offset=${256 * KB}`,
  ]);
  assert.equal(server.there.get("1").bytes, it.text);
});

test("a part that arrived without an answer is not sent again", async () => {
  const server = new Server(undefined, "late");
  const it = upload(server, 300 * KB);
  await it.run();
  assert.deepEqual(server.asked, ["POST /uploads", "PATCH /uploads/1?offset=0", "GET /uploads/1", `PATCH /uploads/1?offset=${256 * KB}`]);
  assert.equal(server.there.get("1").bytes, it.text);
});

test("the end of it arrived without an answer: it is done", async () => {
  const server = new Server(undefined, "late");
  const it = upload(server, 100 * KB);
  await it.run();
  assert.deepEqual([it.state, server.asked.at(-1)], ["done", "GET /uploads/1"]);
});

test("the server that has forgotten it gets it from the start", async () => {
  const server = new Server(undefined, undefined, 404);
  const it = upload(server, 300 * KB);
  await it.run();
  assert.equal(it.state, "done");
  assert.equal(server.there.get("2").bytes, it.text);
});

test("a server that always forgets is not asked for ever", async () => {
  const server = new Server(...Array(40).fill([undefined, 404]).flat());
  const it = upload(server, 10);
  await it.run();
  assert.deepEqual([it.state, it.sentence], ["failed", "status 404"]);
});

test("no room is said, and can be tried again", async () => {
  const server = new Server(undefined, 507);
  const it = upload(server, 10);
  await it.run();
  assert.deepEqual([it.state, it.sentence], ["failed", "status 507"]);
  await it.retry();
  assert.equal(it.state, "done");
});

test("one that is there already is asked about, and then replaced", async () => {
  const server = new Server();
  server.exists = true;
  const it = upload(server, 10);
  await it.run();
  assert.deepEqual([it.state, it.sentence], ["exists", "There is one already."]);
  await it.replace();
  assert.equal(it.state, "done");
  assert.equal(server.there.get("1").wish.replace, true);
});

test("one that came there meanwhile is asked about at the end, and replaced from the start", async () => {
  const server = new Server(undefined, { status: 409, content: { taken: true } });
  const it = upload(server, 10);
  await it.run();
  assert.deepEqual([it.state, server.there.size], ["exists", 0]);
  await it.replace();
  assert.equal(it.state, "done");
  assert.equal(server.there.get("2").wish.replace, true);
});

test("a part that the server is still writing is waited for", async () => {
  const server = new Server(undefined, { status: 409, content: {} });
  const it = upload(server, 10);
  await it.run();
  assert.deepEqual([it.state, it.clock.waits, server.asked.at(-2)], ["done", [1000], "GET /uploads/1"]);
});

test("a server that is somewhere else in the file says where", async () => {
  const server = new Server(undefined, undefined, { status: 409, content: { offset: 100 * KB } });
  const it = upload(server, 300 * KB);
  const answer = server.fetch;
  server.fetch = (address, options) => {
    if (server.asked.length === 2) server.there.get("1").bytes = server.there.get("1").bytes.slice(0, 100 * KB);
    return answer(address, options);
  };
  it.api.fetch = server.fetch;
  await it.run();
  assert.equal(it.state, "done");
  assert.equal(server.there.get("1").bytes, it.text);
});

for (const [when, faults] of [["at once", [409]], ["again and again", [undefined, ...Array(60).fill([409, undefined]).flat()]]]) {
  test(`what the server refuses ${when} is told`, async () => {
    const it = upload(new Server(...faults), 10);
    await it.run();
    assert.deepEqual([it.state, it.sentence], ["failed", "status 409"]);
  });
}

test("after a reload the same file goes on", async () => {
  const kept = new Map();
  const server = new Server();
  const closed = new Promise((resolve) => {
    server.onAsk = () => {
      if (server.asked.length === 3) resolve();
    };
  });
  const answer = server.fetch;
  const fetch = (...question) => {
    const answered = answer(...question);
    return server.asked.length === 3 ? new Promise(() => {}) : answered; // a page that is closed hears no answer
  };
  upload({ fetch }, 600 * KB, { kept }).run();
  await closed;
  server.onAsk = null;
  const again = upload(server, 600 * KB, { kept });
  await again.run();
  assert.equal(server.asked[3], "GET /uploads/1");
  assert.deepEqual([again.state, kept.size, server.lastId], ["done", 0, 1]);
  assert.equal(server.there.get("1").bytes, again.text);
});

test("cancelled, it stops, and the server may forget it", async () => {
  const server = new Server();
  const it = upload(server, 900 * KB);
  server.onAsk = (method) => { if (method === "PATCH") it.cancel(); };
  await it.run();
  assert.equal(it.state, "cancelled");
  assert.deepEqual(server.asked.slice(0, 3), ["POST /uploads", "PATCH /uploads/1?offset=0", "DELETE /uploads/1"]);
  assert.equal(it.states.at(-1), "cancelled");
});

test("cancelled while the connection is lost, it ends", async () => {
  const server = new Server(0);
  const it = upload(server, 10, { clock: { now: () => 0, after: () => () => {} } });
  const ended = it.run();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(it.state, "lost");
  it.cancel();
  await ended;
  assert.deepEqual([it.state, server.asked], ["cancelled", ["POST /uploads"]]);
});

test("when the network is back, nobody waits for the clock", async () => {
  const server = new Server(0);
  const it = upload(server, 10, { clock: { now: () => 0, after: () => () => {} } });
  const ended = it.run();
  await new Promise((resolve) => setImmediate(resolve));
  it.hurry();
  await ended;
  assert.equal(it.state, "done");
});

test("two at a time, in their order", async () => {
  const queue = new UploadQueue(2);
  const log = [];
  const finish = [];
  const start = (number) => () => {
    log.push(`start ${number}`);
    return new Promise((resolve) => { finish[number] = resolve; });
  };
  const all = [0, 1, 2, 3].map((number) => queue.add({ state: number === 2 ? "cancelled" : "waiting" }, start(number)));
  assert.deepEqual(log, ["start 0", "start 1"]);
  finish[1]();
  await all[1];
  await all[2]; // cancelled while it waited
  assert.deepEqual(log, ["start 0", "start 1", "start 3"]);
  finish[0]();
  finish[3]();
  await Promise.all(all);
});
