// A site with files that anybody may change, and a browser with several tabs, for the tests of the editor.

import { Drafts } from "../../frontend/editor/drafts.js";
import { Files } from "../../frontend/editor/files.js";
import { OpenFile } from "../../frontend/editor/open_file.js";
import { Clock } from "./false_world.mjs";

export class EditorWorld {
  constructor() {
    this.files = new Map(); // path: {bytes, etag}
    this.drafts = new Map();
    this.asked = [];
    this.refusals = []; // [status, content] for the next writes
    this.number = 0;
    this.kept = new Map(); // in the browser
    this.alive = new Set();
    this.time = new Clock();
    this.time.time = 1_000_000;
  }

  /** Somebody else's saving. */
  put(path, text) {
    this.number += 1;
    const etag = `"${this.number}"`;
    this.files.set(path, { bytes: Buffer.from(text), etag });
    return etag;
  }

  textOf(path) {
    return this.files.get(path)?.bytes.toString();
  }

  fetch = async (address, { method = "GET", body, headers = {} } = {}) => {
    const url = new URL(address, "http://localhost");
    const path = url.searchParams.get("path");
    this.asked.push(`${method} ${url.pathname}`);
    if (this.isDown) throw new TypeError("no network");
    await this.gate?.(method, url.pathname);
    if (url.pathname === "/api/editor/draft") return this.draft(method, path, body);
    return method === "PUT" ? this.write(path, body, headers) : this.read(path);
  };

  read(path) {
    const file = this.files.get(path);
    return file ? new Response(file.bytes, { headers: { ETag: file.etag } }) : answer(404, { detail: "There is no such file." });
  }

  write(path, body, headers) {
    if (this.refusals.length) return answer(...this.refusals.shift());
    const there = this.files.get(path)?.etag;
    const mayNot = headers["If-Match"] ? headers["If-Match"] !== there : headers["If-None-Match"] === "*" && Boolean(there);
    if (mayNot) return answer(412, { detail: "Somebody else saved.", etag: there ?? null });
    return answer(200, { path, etag: this.put(path, Buffer.from(body)), restarted: this.restarts });
  }

  draft(method, path, body) {
    if (method === "PUT") this.drafts.set(path, { ...JSON.parse(body), saved: new Date(this.time.time).toISOString() });
    if (method === "DELETE") this.drafts.delete(path);
    const draft = this.drafts.get(path);
    return method === "GET" && !draft ? new Response(null, { status: 204 }) : answer(200, draft ?? {});
  }

  /** A browser tab with the file open in it. */
  async open(path, { tab = "t1", writable = true } = {}) {
    this.alive.add(tab);
    const files = new Files({ csrf: "c", fetch: this.fetch });
    const storage = {
      all: async () => [...this.kept].map(([key, value]) => ({ key, value })),
      put: async (key, value) => { this.kept.set(key, value); },
      remove: async (key) => { this.kept.delete(key); },
    };
    const clock = {
      Date: { now: () => this.time.time },
      setTimeout: (call, milliseconds) => this.time.after(milliseconds, call),
      clearTimeout: (cancel) => cancel?.(),
    };
    const drafts = new Drafts({ login: "student", storage, presence: { tab, alive: async () => this.alive }, files, clock });
    const file = new OpenFile({ path, files, drafts, writable });
    await file.open();
    return file;
  }

  settle() {
    return new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function answer(status, content) {
  return new Response(JSON.stringify(content), { status, headers: { "Content-Type": "application/json" } });
}
