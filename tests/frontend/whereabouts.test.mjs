// Where a console is found, before and after it has a session.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Whereabouts } from "../../frontend/console/whereabouts.js";

const SIZE = { rows: 9, columns: 60 };

function owner(attributes) {
  const kept = new Map(Object.entries(attributes));
  return {
    hasAttribute: (name) => kept.has(name),
    getAttribute: (name) => kept.get(name) ?? null,
    setAttribute: (name, value) => kept.set(name, value),
  };
}

/** A server that gives each question its answer, and keeps the questions. */
function server(...answers) {
  const asked = [];
  const fetch = async (address, options = {}) => {
    asked.push({ address, ...options });
    const [status, content] = answers.shift();
    if (status === 0) throw new TypeError("no network");
    return { status, json: async () => content };
  };
  return { fetch, asked };
}

test("with a session, its socket is there and nothing is wished", () => {
  const where = new Whereabouts(owner({ session: "s1", program: "python" }));
  assert.deepEqual(where.socket(SIZE), { address: "/console/s1/", wishes: {} });
  assert.equal(where.api, "/api/consoles/s1/");
});

test("without one, a socket starts what the attributes say, always under the same name", () => {
  const where = new Whereabouts(owner({ program: "ipython", after: "prompt", theme: "dark" }));
  const { address, wishes } = where.socket(SIZE);
  assert.equal(address, "/console/new/");
  assert.match(wishes.name, /^\w{8,32}$/);
  assert.deepEqual(wishes, { program: "ipython", after: "prompt", name: where.name, ...SIZE });
  assert.equal(where.socket(SIZE).wishes.name, wishes.name);
});

test("one whose name is given keeps that", () => {
  assert.equal(new Whereabouts(owner({ name: "n1" })).socket(SIZE).wishes.name, "n1");
});

test("two of them have two names", () => {
  assert.notEqual(new Whereabouts(owner({})).name, new Whereabouts(owner({})).name);
});

test("once it has a session, it keeps that", () => {
  const where = new Whereabouts(owner({ program: "python" }));
  where.session = "s1";
  where.session = "s2";
  assert.equal(where.socket(SIZE).address, "/console/s1/");
});

for (const [status, word] of [[200, "there"], [401, "logged_out"], [403, "logged_out"], [404, "gone"], [503, "away"], [0, "away"]]) {
  test(`asked about a session, ${status} means ${word}`, async () => {
    const { fetch, asked } = server([status, {}]);
    assert.equal(await new Whereabouts(owner({ session: "s1" }), { fetch }).probe(SIZE), word);
    assert.deepEqual(asked, [{ address: "/api/consoles/s1" }]);
  });
}

test("without a session, the API is asked to start the same, with the page's token", async () => {
  const { fetch, asked } = server([201, { id: "s7" }]);
  const where = new Whereabouts(owner({ program: "bash", csrf: "secret" }), { fetch });
  assert.equal(await where.probe(SIZE), "there");
  assert.equal(where.session, "s7");
  const [{ address, method, headers, body }] = asked;
  assert.deepEqual([address, method, headers["X-CSRFToken"]], ["/api/consoles", "POST", "secret"]);
  assert.deepEqual(JSON.parse(body), { program: "bash", name: where.name, ...SIZE });
});

for (const status of [400, 409]) {
  test(`a start that is refused with ${status} has its sentence`, async () => {
    const { fetch } = server([status, { detail: "Too many." }]);
    assert.deepEqual(await new Whereabouts(owner({}), { fetch }).probe(SIZE), { sentence: "Too many." });
  });
}

test("a start that has to wait has its place in the queue", async () => {
  const { fetch } = server([503, { detail: "You are next. Try again.", place: "You are next." }]);
  assert.deepEqual(await new Whereabouts(owner({}), { fetch }).probe(SIZE), { place: "You are next." });
});

test("a start without a network, or without a sandbox, is tried again", async () => {
  const { fetch } = server([0], [503, {}]);
  const where = new Whereabouts(owner({}), { fetch });
  assert.deepEqual([await where.probe(SIZE), await where.probe(SIZE)], ["away", "away"]);
});
