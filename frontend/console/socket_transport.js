// The usual way to a console: a WebSocket, with the calls that connection.js wants.

import { SUBPROTOCOL } from "./protocol.js";

export class SocketTransport {
  constructor(address, { client, offset, drives, wishes }) {
    const url = new URL(`${address}socket`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = new URLSearchParams({ client, offset: offset ?? "", drives: drives ? 1 : 0, ...wishes });
    this.socket = new WebSocket(url, SUBPROTOCOL);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.onopen?.();
    this.socket.onmessage = ({ data }) => this.onmessage?.(data);
    this.socket.onclose = ({ code }) => this.onclose?.(code);
  }

  send(frame) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  close() {
    this.socket.close();
  }
}
