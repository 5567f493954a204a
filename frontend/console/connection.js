// One page's connection to one console: opens it, opens it again, loses nothing. A state machine without a browser:
// element.js gives it transports, a clock and a listener, and the tests give it false ones.

import { InputQueue } from "./input_queue.js";
import * as protocol from "./protocol.js";

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
const PATIENCE_MS = 10_000; // for a connection
const WELCOME_PATIENCE_MS = 60_000; // once there is one: others of the same person may be started before
const SOCKETS_TRIED_MAX = 2; // that never opened, before the way without sockets is tried
const INTERRUPT_BEHIND_BYTES = 4096; // what a terminal holds; behind more than that, Ctrl-C would be stuck

const FINAL = new Map([
  [protocol.PROTOCOL, "protocol"],
  [protocol.GONE, "gone"],
]);
const COMES_BACK = new Set(["going_away", "too_fast"]);

/**
 * openTransport(way, {offset}) opens one: way is "socket" or "events"; it has send(frame), close() and calls the
 * onopen(), onmessage(frame), onclose(code) that are set on it. probe() promises "there", "gone", "logged_out", "away",
 * {sentence}: why nothing is started, or {place}: a sentence that says how many are before us.
 * clock: now(), after(ms, call) returning a function that cancels, random(). listener: onState(), onOutput(offset, bytes),
 * onMessage(message), onDropped(bytes).
 * state.name: "connecting", "connected", "waiting" (until state.retryAt), "queued" (state.sentence; it asks again by itself)
 * or "closed" (state.reason, state.sentence).
 */
export class Connection {
  constructor({ client, openTransport, probe, clock, listener }) {
    Object.assign(this, { client, openTransport, probe, clock, listener });
    this.queue = new InputQueue();
    this.state = { name: "connecting" };
    this.way = "socket";
    this.transport = null;
    this.received = null; // the first output byte not seen yet; null: from the start of what is kept
    this.acknowledged = 0;
    this.displayed = new Set();
    this.failures = 0;
    this.everWelcomed = false;
    this.drives = false;
    this.driver = undefined; // who has the keyboard, as far as we know
    this.released = false; // by us: then we do not want it back
    this.interrupts = false; // as soon as there is a connection
    this.size = null;
    this.cancel = () => {};
  }

  open() {
    if (this.state.name !== "queued") this.enter({ name: "connecting" });
    this.welcomed = false;
    this.closing = null;
    const transport = this.openTransport(this.way, { offset: this.received });
    this.transport = transport;
    const ifCurrent = (call) => (value) => transport === this.transport && call(value);
    transport.onopen = ifCurrent(() => this.beAbandonedAfter(WELCOME_PATIENCE_MS));
    transport.onmessage = ifCurrent((frame) => this.receive(frame));
    transport.onclose = ifCurrent((code) => this.onLost(code));
    this.beAbandonedAfter(PATIENCE_MS);
  }

  beAbandonedAfter(milliseconds) {
    this.cancel();
    this.cancel = this.clock.after(milliseconds, () => this.abandon());
  }

  /** Tries at once: somebody pressed the button, the machine woke up, or the network came back. */
  retry() {
    if (this.state.name === "waiting" || (this.state.name === "queued" && !this.transport)) {
      this.cancel();
      this.open();
    }
  }

  /** The connection may be dead without our having been told. */
  doubt() {
    if (this.state.name === "connected") this.abandon(0);
    else this.retry();
  }

  /** The page is put aside; retry() takes it up again. */
  rest() {
    if (this.state.name === "closed") return;
    this.abandon();
    this.cancel();
  }

  close() {
    this.finish("left", "");
  }

  // --- What the person does ---

  /** False when nothing was kept: the console is closed, somebody else types, or too much waits already. */
  type(bytes) {
    if (this.state.name === "closed" || (this.everWelcomed && !this.drives)) return false;
    if (bytes.length === 1 && bytes[0] === 3 && this.queue.pendingBytes > INTERRUPT_BEHIND_BYTES) return this.interrupt();
    if (!this.queue.push(bytes)) return false;
    this.pump();
    return true;
  }

  /** Ahead of all that waits, which is forgotten: as a terminal does. While away it is kept; false once closed. */
  interrupt() {
    this.drop();
    this.interrupts = !this.send("interrupt") && this.state.name !== "closed";
    return this.interrupts || this.state.name === "connected";
  }

  resize(rows, columns) {
    if (this.size?.rows === rows && this.size.columns === columns) return;
    this.size = { rows, columns };
    if (this.drives) this.send("size", this.size);
  }

  send(kind, fields) {
    if (this.state.name !== "connected") return false;
    if (kind === "release") this.released = true;
    this.transport.send(protocol.encodeMessage(kind, fields));
    return true;
  }

  /** Output up to here is on the screen. */
  shown(offset) {
    if (offset - this.acknowledged >= protocol.ACK_EVERY_BYTES && this.send("ack", { offset })) this.acknowledged = offset;
  }

  // --- What the server says ---

  receive(frame) {
    try {
      if (typeof frame === "string") this.hear(protocol.decodeMessage(frame));
      else this.onBytes(protocol.decodeBytes(frame));
    } catch (fault) {
      if (!(fault instanceof protocol.ProtocolFault)) throw fault;
      this.finish("protocol", "");
    }
  }

  hear(message) {
    if (message === null) return;
    if (this[`on_${message.kind}`]?.(message) !== false) this.listener.onMessage(message);
  }

  onBytes({ offset, bytes }) {
    const known = this.received ?? offset;
    if (offset > known) throw new protocol.ProtocolFault("output that was left out");
    const fresh = bytes.subarray(known - offset);
    if (!fresh.length) return;
    this.received = known + fresh.length;
    this.listener.onOutput(known, fresh);
  }

  on_welcome(message) {
    this.cancel();
    this.welcomed = this.everWelcomed = true;
    this.failures = 0;
    this.drives = message.drives;
    this.driver = message.watchers.find(({ drives }) => drives);
    this.received ??= message.offset;
    this.welcomedAt = this.received;
    this.acknowledged = message.offset;
    this.queue.resume(message.typed);
    this.enter({ name: "connected" });
    if (!this.drives) this.drop();
    else if (this.size) this.send("size", this.size);
    if (this.interrupts && this.drives) this.send("interrupt");
    this.interrupts = false;
    this.pump();
  }

  on_gap({ to }) {
    this.received = Math.max(this.received ?? 0, to);
    this.acknowledged = Math.max(this.acknowledged, to);
  }

  on_typed({ offset }) {
    this.queue.confirm(offset);
    this.pump();
  }

  on_watchers({ watchers }) {
    const drove = this.drives;
    this.drives = watchers.some((one) => one.client === this.client && one.drives);
    this.keep(watchers, drove);
    if (drove && !this.drives) this.drop();
    if (!drove && this.drives && this.size) this.send("size", this.size);
  }

  /** A page of ours that is gone, or our own connection of before, took the keyboard along: it comes back here. */
  keep(watchers, drove) {
    const own = watchers.find(({ client }) => client === this.client);
    const driver = watchers.find(({ drives }) => drives);
    const left = this.driver && !watchers.some(({ client }) => client === this.driver.client);
    if (own && !driver && !this.released && (drove || (left && this.driver.name === own.name))) this.send("drive");
    if (driver) this.released = false;
    this.driver = driver;
  }

  on_display({ number }) {
    if (this.displayed.has(number)) return false;
    this.displayed.add(number);
    return true;
  }

  on_ended() {
    this.drop();
  }

  on_closing(message) {
    this.closing = message;
  }

  // --- Inside ---

  pump() {
    if (this.state.name !== "connected" || !this.drives) return;
    for (let frame = this.queue.next(); frame; frame = this.queue.next()) {
      this.transport.send(protocol.encodeBytes(frame.offset, frame.bytes));
    }
  }

  drop() {
    const dropped = this.queue.dropUnsent();
    if (dropped) this.listener.onDropped(dropped);
  }

  abandon(code = 1006) {
    const transport = this.transport;
    this.onLost(code);
    transport?.close();
  }

  onLost(code) {
    this.cancel();
    this.transport = null;
    if (this.state.name === "closed") return;
    if (code === protocol.LOGGED_OUT) this.askWhy(); // or only this login is over: who changes a password gets a new one
    else if (this.closing?.reason === "queued") this.standInQueue(this.closing.sentence);
    else if (this.closing && !COMES_BACK.has(this.closing.reason)) this.finish(this.closing.reason, this.closing.sentence);
    else if (FINAL.has(code)) this.finish(FINAL.get(code), "");
    else if (this.welcomed && this.way === "events" && this.received > this.welcomedAt) this.open(); // it ends now and then
    else if (this.welcomed) this.wait();
    else this.askWhy();
  }

  /** A browser does not say why it did not come to a welcome; another request finds out. */
  async askWhy() {
    this.failures += 1;
    this.wait();
    const waiting = this.state;
    const answer = await this.probe();
    if (this.state !== waiting) return;
    if (answer.sentence) this.finish("not_started", answer.sentence);
    else if (answer.place) this.standInQueue(answer.place);
    else if (answer === "gone" || answer === "logged_out") this.finish(answer, "");
    else if (this.way === "events") this.way = "socket";
    else if (answer === "there" && !this.everWelcomed && this.failures >= SOCKETS_TRIED_MAX) this.way = "events";
  }

  wait() {
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    const milliseconds = longest * (0.5 + this.clock.random() / 2);
    this.welcomed = false;
    this.enter({ name: "waiting", retryAt: this.clock.now() + milliseconds });
    this.cancel = this.clock.after(milliseconds, () => this.open());
  }

  standInQueue(sentence) {
    this.cancel();
    this.enter({ name: "queued", sentence });
    this.cancel = this.clock.after(protocol.ASK_AGAIN_MS, () => this.open());
  }

  finish(reason, sentence) {
    if (this.state.name === "closed") return;
    this.cancel();
    const transport = this.transport;
    this.transport = null;
    this.enter({ name: "closed", reason, sentence });
    transport?.close();
  }

  enter(state) {
    this.state = state;
    this.listener.onState(state);
  }
}
