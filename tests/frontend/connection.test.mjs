// The connection without a browser: what it opens, when it opens it again, and that no byte is lost or doubled.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ACK_EVERY_BYTES, decodeBytes, encodeBytes, INPUT_WINDOW_BYTES } from "../../frontend/console/protocol.js";
import { bytes, WELCOME, World } from "./false_world.mjs";

function opened(fields) {
  const world = new World();
  world.connection.open();
  world.welcome(fields);
  return world;
}

test("it connects and passes on what comes", () => {
  const world = opened();
  world.print(0, ">>> ");
  world.say("replayed", { offset: 4 });
  assert.deepEqual(world.states.map(({ name }) => name), ["connecting", "connected"]);
  assert.equal(world.text, ">>> ");
  assert.deepEqual(world.messages.map(({ kind }) => kind), ["welcome", "replayed"]);
});

test("it asks for all that is kept first, and then from the first byte it has not seen", () => {
  const world = opened({ offset: 100, end: 103 });
  assert.equal(world.transports[0].offset, null);
  world.print(100, "abc");
  world.transport.onclose(1006);
  world.clock.pass(60_000);
  assert.equal(world.transports[1].offset, 103);
});

test("bytes that come twice are shown once, and a frame that is half known by its new half", () => {
  const world = opened();
  world.print(0, "hello");
  world.print(0, "hello");
  world.print(3, "lo, world");
  assert.equal(world.text, "hello, world");
});

test("output with a hole that nobody announced closes the connection for good", () => {
  const world = opened();
  world.print(5, "x");
  assert.equal(world.states.at(-1).reason, "protocol");
  assert.ok(world.transport.closed);
});

test("an announced gap is passed on, and what follows it is shown", () => {
  const world = opened({ offset: 10 });
  world.say("gap", { from: 10, to: 500 });
  world.print(500, "end");
  assert.equal(world.text, "end");
  assert.deepEqual(world.messages.at(-1), { kind: "gap", from: 10, to: 500 });
});

test("it comes back later and later, fifteen seconds at most, and at once when told to", async () => {
  const world = new World({ probe: "away" });
  world.connection.open();
  const waits = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    world.transport.onclose(1006);
    await world.settle();
    waits.push(world.states.at(-1).retryAt - world.clock.time);
    world.clock.pass(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
  world.transport.onclose(1006);
  const before = world.transports.length;
  world.connection.retry();
  assert.equal(world.transports.length, before + 1);
  world.welcome();
  world.transport.onclose(1006);
  assert.equal(world.states.at(-1).retryAt - world.clock.time, 250);
});

test("a server that says nothing is given up after a while", () => {
  const world = new World();
  world.connection.open();
  world.clock.pass(10_000);
  assert.ok(world.transports[0].closed);
  assert.equal(world.states.at(-1).name, "waiting");
});

test("what an abandoned transport still says is not heard", () => {
  const world = opened();
  const [old] = world.transports;
  world.connection.doubt();
  world.clock.pass(1000);
  world.welcome();
  old.onmessage(encodeBytes(0, bytes("ghost")).buffer);
  old.onclose(1006);
  assert.equal(world.text, "");
  assert.equal(world.states.at(-1).name, "connected");
});

for (const [code, reason] of [[4400, "protocol"], [4404, "gone"]]) {
  test(`close code ${code} is final: ${reason}`, () => {
    const world = opened();
    world.transport.onclose(code);
    assert.deepEqual(world.states.at(-1), { name: "closed", reason, sentence: "" });
    world.clock.pass(600_000);
    assert.equal(world.transports.length, 1);
  });
}

test("a closing with its sentence is final; a server that goes away is not", () => {
  const ended = opened();
  ended.say("closing", { reason: "ended", sentence: "Bye." });
  ended.transport.onclose(1000);
  assert.deepEqual(ended.states.at(-1), { name: "closed", reason: "ended", sentence: "Bye." });
  const restarting = opened();
  restarting.say("closing", { reason: "going_away", sentence: "Back soon." });
  restarting.transport.onclose(1000);
  assert.equal(restarting.states.at(-1).name, "waiting");
});

for (const [answer, state] of [["logged_out", "closed"], ["there", "connected"]]) {
  test(`the login that opened it is over, and the site says ${answer}`, async () => {
    const world = new World({ probe: answer });
    world.connection.open();
    world.welcome();
    world.say("closing", { reason: "logged_out", sentence: "You are logged out." });
    world.transport.onclose(4401);
    await world.settle();
    world.clock.pass(10_000);
    if (world.states.at(-1).name === "connecting") world.welcome();
    assert.equal(world.states.at(-1).name, state);
  });
}

for (const [answer, state] of [["gone", "closed"], ["logged_out", "closed"], ["away", "waiting"]]) {
  test(`refused before it opened, and the site says ${answer}`, async () => {
    const world = new World({ probe: answer });
    world.connection.open();
    world.transport.onclose(1006);
    await world.settle();
    assert.equal(world.states.at(-1).name, state);
  });
}

test("where sockets never open, events take over, and the other way round when those fail", async () => {
  const world = new World({ probe: "there" });
  world.connection.open();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    world.transport.onclose(1006);
    await world.settle();
    world.clock.pass(world.states.at(-1).retryAt - world.clock.time);
  }
  assert.deepEqual(world.transports.map(({ way }) => way), ["socket", "socket", "events"]);
  world.transport.onclose(1006);
  await world.settle();
  world.clock.pass(world.states.at(-1).retryAt - world.clock.time);
  assert.equal(world.transport.way, "socket");
});

test("a stream of events that ends after it has said something is asked for again at once", async () => {
  const world = new World({ probe: "there" });
  world.connection.way = "events";
  world.connection.open();
  world.welcome();
  world.print(0, "abc");
  world.transport.onclose(1006);
  assert.equal(world.transports.length, 2);
  assert.equal(world.transport.offset, 3);
  world.welcome({ offset: 3 });
  world.transport.onclose(1006); // without a byte since: not again and again
  assert.equal(world.states.at(-1).name, "waiting");
});

test("a socket that once worked stays the way, however often it is lost", async () => {
  const world = opened();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    world.transport.onclose(1006);
    await world.settle();
    world.clock.pass(20_000);
  }
  assert.equal(world.transport.way, "socket");
});

test("typed while away: kept, and sent after the welcome", () => {
  const world = opened();
  world.transport.onclose(1006);
  assert.ok(world.connection.type(bytes("1+")));
  assert.ok(world.connection.type(bytes("1")));
  assert.equal(world.connection.queue.pendingBytes, 3);
  world.clock.pass(1000);
  world.welcome();
  assert.deepEqual(world.heard(), [{ kind: "input", offset: 0, text: "1+1" }]);
});

test("what had arrived before the connection was lost is not typed again", () => {
  const world = opened();
  world.connection.type(bytes("abcd"));
  world.say("typed", { offset: 1 });
  world.transport.onclose(1006);
  world.clock.pass(1000);
  world.welcome({ typed: 3 });
  assert.deepEqual(world.heard(), [{ kind: "input", offset: 3, text: "d" }]);
});

test("a long paste keeps to the window", () => {
  const world = opened();
  world.connection.type(new Uint8Array(1024 * 1024).fill(97));
  const sent = () => world.heard().reduce((sum, { text }) => sum + text.length, 0);
  assert.equal(sent(), INPUT_WINDOW_BYTES);
  world.say("typed", { offset: 1000 });
  assert.equal(sent(), INPUT_WINDOW_BYTES + 1000);
});

test("Ctrl-C behind a paste that is stuck overtakes it; the rest of the paste is forgotten, and said so", () => {
  const world = opened();
  world.connection.type(new Uint8Array(100_000).fill(97));
  assert.ok(world.connection.type(Uint8Array.of(3)));
  assert.equal(world.heard().at(-1).kind, "interrupt");
  assert.equal(world.dropped, 100_000 - INPUT_WINDOW_BYTES);
});

test("an interrupt while away is kept, and goes out before what was typed after it", () => {
  const world = opened();
  world.transport.onclose(1006);
  assert.ok(world.connection.interrupt());
  world.connection.type(bytes("x"));
  world.clock.pass(1000);
  world.welcome();
  assert.deepEqual(world.heard().map(({ kind }) => kind), ["interrupt", "input"]);
  world.connection.close();
  assert.equal(world.connection.interrupt(), false);
});

test("Ctrl-C alone is a key like any other: the program may have made something else of it", () => {
  const world = opened();
  world.connection.type(Uint8Array.of(3));
  assert.deepEqual(world.heard(), [{ kind: "input", offset: 0, text: "\x03" }]);
});

test("who watches types nothing, and is told so by the answer", () => {
  const world = opened({ drives: false });
  assert.equal(world.connection.type(bytes("x")), false);
  assert.deepEqual(world.heard(), []);
});

test("losing the keyboard forgets what waits; getting it sends the size", () => {
  const world = opened();
  const watchers = (drives) => ({ watchers: [{ client: "page", name: "student", drives }] });
  world.connection.resize(30, 100);
  world.connection.type(new Uint8Array(INPUT_WINDOW_BYTES + 7));
  world.say("watchers", watchers(false));
  assert.equal(world.dropped, 7);
  assert.equal(world.connection.type(bytes("x")), false);
  world.say("watchers", watchers(true));
  assert.deepEqual(world.heard().at(-1), { kind: "size", rows: 30, columns: 100 });
  assert.ok(world.connection.type(bytes("x")));
});

test("the keyboard that our own page of before took along comes back; one that we gave away does not", () => {
  const world = opened({ drives: false, watchers: [
    { client: "old", name: "student", drives: true }, { client: "page", name: "student", drives: false },
  ] });
  world.say("watchers", { watchers: [{ client: "page", name: "student", drives: false }] });
  assert.deepEqual(world.heard(), [{ kind: "drive" }]);
  const generous = opened();
  generous.connection.send("release");
  generous.say("watchers", { watchers: [{ client: "page", name: "student", drives: false }] });
  assert.deepEqual(generous.heard(), [{ kind: "release" }]);
});

test("somebody else's keyboard is not taken when they leave", () => {
  const world = opened({ drives: false, watchers: [
    { client: "other", name: "lecturer", drives: true }, { client: "page", name: "student", drives: false },
  ] });
  world.say("watchers", { watchers: [{ client: "page", name: "student", drives: false }] });
  assert.deepEqual(world.heard(), []);
});

test("a page that is put aside lets go of its connection, and takes it up again", () => {
  const world = opened();
  world.connection.rest();
  assert.ok(world.transports[0].closed);
  world.clock.pass(600_000);
  assert.equal(world.transports.length, 1);
  world.connection.retry();
  assert.equal(world.transports.length, 2);
});

test("typed while away, and somebody else has the keyboard now: forgotten, and said so", () => {
  const world = opened();
  world.transport.onclose(1006);
  world.connection.type(bytes("rm"));
  world.clock.pass(1000);
  world.welcome({ drives: false });
  assert.equal(world.dropped, 2);
  assert.deepEqual(world.heard(), []);
});

test("a program that has ended gets nothing of what waited for it", () => {
  const world = opened();
  world.connection.type(new Uint8Array(INPUT_WINDOW_BYTES + 9));
  world.say("ended", { ended: "finished", sentence: "Done.", exit_status: 0, may_restart: true });
  assert.equal(world.dropped, 9);
});

test("only the driver's size is sent, once for each size, and again after coming back", () => {
  const watching = opened({ drives: false });
  watching.connection.resize(30, 100);
  assert.deepEqual(watching.heard(), []);
  const world = opened();
  world.connection.resize(30, 100);
  world.connection.resize(30, 100);
  assert.deepEqual(world.heard(), [{ kind: "size", rows: 30, columns: 100 }]);
  world.transport.onclose(1006);
  world.clock.pass(1000);
  world.welcome();
  assert.deepEqual(world.heard(), [{ kind: "size", rows: 30, columns: 100 }]);
});

test("what is on the screen is acknowledged every 32 KiB", () => {
  const world = opened();
  world.connection.shown(ACK_EVERY_BYTES - 1);
  assert.deepEqual(world.heard(), []);
  world.connection.shown(ACK_EVERY_BYTES + 5);
  world.connection.shown(ACK_EVERY_BYTES + 6);
  assert.deepEqual(world.heard(), [{ kind: "ack", offset: ACK_EVERY_BYTES + 5 }]);
});

test("after coming back nothing is acknowledged that this connection has not sent", () => {
  const world = opened();
  world.print(0, "x".repeat(100_000));
  world.transport.onclose(1006);
  world.clock.pass(1000);
  world.welcome({ offset: 100_000, end: 100_000 });
  world.connection.shown(60_000); // written to the screen before it was lost
  assert.deepEqual(world.heard(), []);
});

test("a display is passed on once", () => {
  const world = opened();
  const display = { number: 3, mime: "image/png", title: "Figure 1", url: "/d/3" };
  world.say("display", display);
  world.say("display", display);
  assert.equal(world.messages.filter(({ kind }) => kind === "display").length, 1);
});

test("nonsense from the server closes the connection for good", () => {
  const world = opened();
  world.transport.onmessage("{nonsense");
  assert.equal(world.states.at(-1).reason, "protocol");
});

test("1,000 losses in the middle of output and input: 0 bytes lost, 0 doubled, either way", () => {
  const world = new World();
  const program = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 256));
  const keys = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, at) => (at * 104_729) % 256));
  const arrived = [];
  let arrivedBytes = 0;
  let seed = 1;
  const chance = (limit) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  world.connection.open();
  for (let loss = 0; loss < 1000; loss += 1) {
    const offset = world.transport.offset ?? 0;
    const begin = Math.max(0, offset - chance(3)); // a server may send what the page has already
    world.transport.onmessage(JSON.stringify({ ...WELCOME, offset, end: program.length, typed: arrivedBytes }));
    const typed = loss * 200;
    world.connection.type(new Uint8Array(keys.subarray(typed, typed + 200)));
    const end = loss === 999 ? program.length : Math.min(program.length, begin + chance(400));
    for (let at = begin; at < end; at += 50) {
      world.transport.onmessage(encodeBytes(at, program.subarray(at, Math.min(end, at + 50))).buffer);
    }
    const arriving = loss === 999 ? Infinity : chance(4);
    for (const frame of world.transport.sent.filter((one) => typeof one !== "string").slice(0, arriving)) {
      const input = decodeBytes(frame);
      assert.ok(input.offset <= arrivedBytes, "a gap in the input");
      const fresh = input.bytes.subarray(arrivedBytes - input.offset);
      arrived.push(fresh);
      arrivedBytes += fresh.length;
    }
    if (chance(2)) world.say("typed", { offset: arrivedBytes });
    world.transport.onclose(1006);
    world.clock.pass(20_000);
  }
  assert.ok(Buffer.concat(world.output.map((one) => one.bytes)).equals(program));
  assert.ok(Buffer.concat(arrived).equals(keys));
});

test("nothing that could be started: the sentence is the last word", async () => {
  const world = new World({ probe: { sentence: "Too many consoles." } });
  world.connection.open();
  world.transport.onclose(1006);
  await world.settle();
  assert.deepEqual(world.states.at(-1), { name: "closed", reason: "not_started", sentence: "Too many consoles." });
});

function queued(sentence) {
  const world = new World();
  world.connection.open();
  world.say("closing", { reason: "queued", sentence });
  world.transport.onclose(4503);
  return world;
}

test("in a queue it asks again by itself, and says its place until it is welcome", () => {
  const world = queued("2 people wait before you.");
  assert.deepEqual(world.states.at(-1), { name: "queued", sentence: "2 people wait before you." });
  const first = world.transport;
  world.clock.pass(2000);
  assert.notEqual(world.transport, first);
  assert.equal(world.states.at(-1).sentence, "2 people wait before you.");
  world.say("closing", { reason: "queued", sentence: "You are next." });
  world.transport.onclose(4503);
  assert.equal(world.states.at(-1).sentence, "You are next.");
  world.clock.pass(2000);
  world.welcome();
  assert.equal(world.states.at(-1).name, "connected");
});

test("what is typed in a queue is typed once it is welcome", () => {
  const world = queued("You are next.");
  assert.ok(world.connection.type(bytes("1+1")));
  world.clock.pass(2000);
  world.welcome();
  assert.deepEqual(world.heard().filter(({ kind }) => kind === "input"), [{ kind: "input", offset: 0, text: "1+1" }]);
});

test("a page that was put aside in a queue asks again when it comes back", () => {
  const world = queued("You are next.");
  const first = world.transport;
  world.connection.rest();
  world.clock.pass(60_000);
  assert.equal(world.transport, first);
  world.connection.retry();
  assert.notEqual(world.transport, first);
  world.connection.retry();
  assert.equal(world.transports.length, 2);
});

test("a connection that is there may take its time until the welcome", () => {
  const world = new World();
  world.connection.open();
  world.transport.onopen();
  world.clock.pass(59_000);
  assert.equal(world.transports.length, 1);
  world.clock.pass(10_000);
  assert.equal(world.transports.length, 2);
});

test("whoever leaves a queue asks no more", () => {
  const world = queued("You are next.");
  const last = world.transport;
  world.connection.close();
  world.clock.pass(60_000);
  assert.equal(world.transport, last);
  assert.equal(world.states.at(-1).name, "closed");
});

test("a queue that is lost is asked for, and found again where there are no sockets", async () => {
  const world = queued("You are next.");
  world.connection.probe = async () => ({ place: "1 person waits before you." });
  world.clock.pass(2000);
  world.transport.onclose(1006);
  assert.equal(world.states.at(-1).name, "waiting");
  await world.settle();
  assert.deepEqual(world.states.at(-1), { name: "queued", sentence: "1 person waits before you." });
});

test("a closing that says why nothing was started is the last word, too", () => {
  const world = new World();
  world.connection.open();
  world.say("closing", { reason: "not_started", sentence: "There is no file." });
  world.transport.onclose(4409);
  assert.deepEqual(world.states.at(-1), { name: "closed", reason: "not_started", sentence: "There is no file." });
});
