// The way to a console where sockets do not open: server-sent events for what comes, a POST for each message that goes.

import { decodeBytes, encodeBytes } from "./protocol.js";

const LOST = 1006;

export function toBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export class EventTransport {
  constructor(address, { client, offset, drives, csrf }, { EventSource, fetch } = globalThis) {
    const query = new URLSearchParams({ client, offset: offset ?? "", drives: drives ? 1 : 0 });
    this.fetch = fetch;
    this.target = `${address}messages?${new URLSearchParams({ client })}`;
    this.headers = { "Content-Type": "application/json", ...(csrf && { "X-CSRFToken": csrf }) };
    this.waiting = [];
    this.sending = false;
    this.source = new EventSource(`${address}events?${query}`);
    this.source.onmessage = ({ data }) => this.receive(data);
    this.source.onerror = () => this.lose(); // it would come back by itself, with an offset of the past
  }

  receive(data) {
    const message = JSON.parse(data);
    if (message.kind === "output") this.onmessage?.(encodeBytes(message.offset, fromBase64(message.data)));
    else this.onmessage?.(data);
  }

  send(frame) {
    if (typeof frame === "string") this.waiting.push(frame);
    else {
      const { offset, bytes } = decodeBytes(frame);
      this.waiting.push(JSON.stringify({ kind: "input", offset, data: toBase64(bytes) }));
    }
    if (!this.sending) this.post();
  }

  /** One after the other, in order. */
  async post() {
    this.sending = true;
    try {
      while (this.waiting.length) {
        const body = this.waiting.shift();
        const answer = await this.fetch.call(null, this.target, { method: "POST", headers: this.headers, body });
        if (!answer.ok) throw new Error(`status ${answer.status}`);
      }
    } catch {
      this.lose();
    }
    this.sending = false;
  }

  lose() {
    this.close();
    this.onclose?.(LOST);
  }

  close() {
    this.source.close();
    this.waiting.length = 0;
  }
}
