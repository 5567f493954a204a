// The way to a guest's shell: a WebSocket that shows its capability as a subprotocol, where no log keeps it.

import { SUBPROTOCOL } from "../console/protocol.js";

const CAPABILITY = "ivle.guest.";

export class GuestTransport {
  constructor(address, { capability, offset, rows, columns }, { WebSocket } = globalThis) {
    const url = new URL(address);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({ offset: offset ?? "", rows, columns });
    this.socket = new WebSocket(url, [SUBPROTOCOL, CAPABILITY + capability]);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.onmessage?.(data);
    this.socket.onclose = ({ code }) => this.onclose?.(code);
  }

  send(frame) {
    if (this.socket.readyState === 1) this.socket.send(frame);
  }

  close() {
    this.socket.close();
  }
}
