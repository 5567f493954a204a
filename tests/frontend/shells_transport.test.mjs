// A guest's socket: its capability goes where no log has it, and nowhere else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GuestTransport } from "../../frontend/shells/transport.js";

const CAPABILITY = "1790000000.00ff.signature";

class FalseSocket {
  constructor(url, protocols) {
    Object.assign(this, { url: String(url), protocols, readyState: 0, sent: [] });
  }

  send(frame) {
    this.sent.push(frame);
  }
}

function open(address, more = {}) {
  const fields = { capability: CAPABILITY, offset: null, rows: 24, columns: 80, ...more };
  return new GuestTransport(address, fields, { WebSocket: FalseSocket });
}

test("the capability is a subprotocol, and not in the address", () => {
  const { socket } = open("https://ivle.example.edu/shells/socket");
  assert.deepEqual(socket.protocols, ["ivle.console.1", `ivle.guest.${CAPABILITY}`]);
  assert.equal(socket.url, "wss://ivle.example.edu/shells/socket?offset=&rows=24&columns=80");
});

test("it comes back at the byte that it has not seen", () => {
  assert.match(open("http://localhost:8000/shells/socket", { offset: 70 }).socket.url, /^ws:.*offset=70&/);
});

test("what is sent before it is open is not sent", () => {
  const transport = open("http://localhost:8000/shells/socket");
  transport.send("too early");
  transport.socket.readyState = 1;
  transport.send("now");
  assert.deepEqual(transport.socket.sent, ["now"]);
});
