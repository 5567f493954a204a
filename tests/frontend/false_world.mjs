// A clock, sockets and a server that the tests of the connection hold in their hands.

import { Connection } from "../../frontend/console/connection.js";
import { decodeBytes, encodeBytes } from "../../frontend/console/protocol.js";

export class Clock {
  constructor() {
    this.time = 0;
    this.timers = [];
  }

  now = () => this.time;
  random = () => 1;

  after = (milliseconds, call) => {
    const timer = { at: this.time + milliseconds, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };

  pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const [next] = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.time = next.at;
      next.call();
    }
    this.time = end;
  }
}

export const WELCOME = {
  kind: "welcome", session: "s1", title: "Python", program: "Python", owner: "student", offset: 0, end: 0, typed: 0,
  drives: true, rows: 24, columns: 80, watchers: [{ client: "page", name: "student", drives: true }], may_type: true,
  usage: { cpu_seconds: 0, cpu_limit_seconds: 60, memory_bytes: null }, outcome: null,
};

/** A page's connection, everything it tells, and every transport it opens. */
export class World {
  constructor({ probe = "there" } = {}) {
    this.clock = new Clock();
    this.transports = [];
    this.states = [];
    this.messages = [];
    this.output = [];
    this.dropped = 0;
    this.connection = new Connection({
      client: "page",
      clock: this.clock,
      probe: async () => probe,
      openTransport: (way, { offset }) => {
        const transport = { way, offset, sent: [], closed: false };
        transport.send = (frame) => transport.sent.push(frame);
        transport.close = () => { transport.closed = true; };
        this.transports.push(transport);
        return transport;
      },
      listener: {
        onState: (state) => this.states.push(state),
        onMessage: (message) => this.messages.push(message),
        onOutput: (offset, bytes) => this.output.push({ offset, bytes }),
        onDropped: (bytes) => { this.dropped += bytes; },
      },
    });
  }

  get transport() {
    return this.transports.at(-1);
  }

  get text() {
    return Buffer.concat(this.output.map(({ bytes }) => bytes)).toString();
  }

  say(kind, fields = {}) {
    this.transport.onmessage(JSON.stringify({ kind, ...fields }));
  }

  welcome(fields = {}) {
    this.transport.onmessage(JSON.stringify({ ...WELCOME, ...fields }));
  }

  print(offset, text) {
    this.transport.onmessage(encodeBytes(offset, Buffer.from(text)).buffer);
  }

  /** The messages and the input that the newest transport has sent. */
  heard() {
    return this.transport.sent.map((frame) => {
      if (typeof frame === "string") return JSON.parse(frame);
      const { offset, bytes } = decodeBytes(frame);
      return { kind: "input", offset, text: Buffer.from(bytes).toString() };
    });
  }

  /** What came of it: promises that other promises have had their turn. */
  settle() {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

export const bytes = (text) => new Uint8Array(Buffer.from(text));
