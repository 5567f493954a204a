// Completion, hover and signatures from the language server, over a WebSocket. The editor works without. Used by element.js.

import { parentOf } from "../site/paths.js";

export const NO_HELP = [];

const TRIES_MAX = 3;
const AGAIN_AFTER_MS = 2000;
const CHANGED = 2; // of the protocol's FileChangeType
// Names of whatever could be imported would be a thousand for each letter, and half a second for the first.
const OPTIONS = { completions: { autoImport: false } };

export class LanguageHelp {
  /** onLost(): what extensionFor gave is of no use any more. socket(address) opens one. */
  constructor({ login, onLost, socket = (address) => new WebSocket(address), now = () => Date.now() }) {
    Object.assign(this, { login, onLost, socket, now });
    this.tries = 0; // in vain, one after the other
    this.notBefore = 0;
  }

  /** A file was saved, by this tab or another: what the server has read of it is old. One that is new is changed, too. */
  changed(path) {
    this.client?.notification("workspace/didChangeWatchedFiles", { changes: [{ uri: this.uriOf(path), type: CHANGED }] });
  }

  /** Asks for names before anybody wants some: the first answer takes the longest. */
  warm(path) {
    const beginning = { textDocument: { uri: this.uriOf(path) }, position: { line: 0, character: 0 } };
    this.client?.request("textDocument/completion", beginning);
  }

  uriOf(path) {
    return `file:///home/${this.login}/${path}`;
  }

  /** Promises an extension for this file; nothing where there is no help. */
  async extensionFor(path) {
    if (!this.connecting && (this.tries > TRIES_MAX || this.now() < this.notBefore)) return NO_HELP;
    this.connecting ??= this.connect(path).catch(() => null);
    const client = await this.connecting;
    return client ? client.plugin(this.uriOf(path), "python") : NO_HELP;
  }

  async connect(path) {
    const { LSPClient, hoverTooltips, serverCompletion, signatureHelp } = await import("../vendor/codemirror/lsp.js");
    const transport = await this.open(path);
    const { request } = LSPClient.prototype;
    const client = new LSPClient({
      rootUri: this.uriOf(parentOf(path)).replace(/\/$/, ""),
      initializationOptions: OPTIONS,
      notificationHandlers: { "window/showMessage": () => true }, // it speaks to programmers of servers
      extensions: [serverCompletion({ override: true }), hoverTooltips(), signatureHelp()],
    });
    // A question that came too late, or that the server fails over, has no answer; the parts of the editor expect one.
    client.request = (...question) => request.apply(client, question).catch(() => null);
    client.connect(transport);
    await client.initializing;
    this.client = client;
    this.tries = 0;
    return client;
  }

  /** Promises what the client sends through and listens to. */
  open(path) {
    const address = new URL(`/editor/language/socket?${new URLSearchParams({ path })}`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    return new Promise((resolve, reject) => {
      const socket = this.socket(address.href);
      const listeners = new Set();
      socket.onmessage = ({ data }) => listeners.forEach((listener) => listener(data));
      socket.onclose = () => {
        reject(new Error("closed"));
        this.lost();
      };
      socket.onopen = () => resolve({
        send: (message) => socket.send(message),
        subscribe: (listener) => listeners.add(listener),
        unsubscribe: (listener) => listeners.delete(listener),
      });
    });
  }

  /** An idle server is ended, and the network fails: who types on later asks anew. */
  lost() {
    this.client?.disconnect();
    this.client = this.connecting = null;
    this.tries += 1;
    this.notBefore = this.now() + AGAIN_AFTER_MS * this.tries;
    this.onLost();
  }
}
