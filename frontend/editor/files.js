// What the editor asks the site about files, drafts, lint and format: the JSON API. Used by open_file.js and problems.js.

import { Asking } from "../site/asking.js";

export class Files extends Asking {
  /** {bytes, etag}. Throws Fault, as all of these do. */
  async read(path) {
    const answer = await this.answer("GET", this.address("/api/files/content", { path }));
    return { bytes: new Uint8Array(await answer.arrayBuffer()), etag: answer.headers.get("etag") };
  }

  /** etag: of what is replaced; null for a file that must not be there yet. {etag}. Throws Fault, 412 with the other's.
   *  session: of a console that runs the file anew as soon as it is saved; then also {restarted}. */
  write(path, bytes, etag, session = null) {
    const condition = etag ? { "If-Match": etag } : { "If-None-Match": "*" };
    const headers = { ...condition, "Content-Type": "application/octet-stream" };
    const address = session === null ? "/api/files/content" : `/api/consoles/${session}/file`;
    return this.ask("PUT", this.address(address, { path }), { body: bytes, headers });
  }

  download(path) {
    return this.address("/api/files/content", { path, download: 1 });
  }

  list(path) {
    return this.ask("GET", this.address("/api/files/list", { path }));
  }

  /** {text, base_etag, saved}, or null. */
  async draft(path) {
    const draft = await this.ask("GET", this.draftOf(path));
    return typeof draft.text === "string" ? { ...draft, base_etag: draft.base_etag || null } : null;
  }

  keepDraft(path, { text, base_etag }) {
    return this.ask("PUT", this.draftOf(path), { json: { text, base_etag: base_etag ?? "" } });
  }

  dropDraft(path) {
    return this.ask("DELETE", this.draftOf(path));
  }

  draftOf(path) {
    return this.address("/api/editor/draft", { path });
  }

  lint(path, text) {
    return this.ask("POST", this.address("/api/editor/lint"), { json: { path, text } });
  }

  async format(path, text) {
    return (await this.ask("POST", this.address("/api/editor/format"), { json: { path, text } })).text;
  }
}
