// The file in a student's home that keeps their text of a box, as the page brought it along or as it is fetched. Its folders
// are made with it, so that whoever only reads has none. Used by work.js.

import { Files } from "../editor/files.js";
import { OpenFile } from "../editor/open_file.js";

const SAVED_AFTER_MS = 1200;
const NO_DRAFTS = { find: async () => null, keep() {}, drop() {}, forget() {} }; // it saves by itself

export class BoxFiles extends Files {
  write(path, bytes, etag, session = null) {
    if (session) return super.write(path, bytes, etag, session); // it has run, so its folders are there
    return this.putInto(path, bytes, etag ? { "If-Match": etag } : { "If-None-Match": "*" });
  }

  /** Whatever was there before. */
  put(path, text) {
    return this.putInto(path, new TextEncoder().encode(text), {});
  }

  putInto(path, body, headers) {
    const address = this.address("/api/files/content", { path, folders: true });
    return this.ask("PUT", address, { body, headers: { ...headers, "Content-Type": "application/octet-stream" } });
  }
}

export class BoxFile extends OpenFile {
  /** text and etag: as the page has them; etag null for what the student has not changed yet, text null for what the page
   *  could not bring along. */
  constructor({ path, files, text, etag, clock = globalThis }) {
    super({ path, files, drafts: NO_DRAFTS, writable: true });
    this.clock = clock;
    if (text === null) this.ready = this.open();
    else Object.assign(this, { state: "open", text, etag, savedText: etag ? text : "", ready: Promise.resolve() });
  }

  edited(text) {
    super.edited(text);
    this.saveSoon();
  }

  saveSoon() {
    this.clock.clearTimeout(this.timer);
    if (this.isDirty && !this.conflict) this.timer = this.clock.setTimeout(() => this.save(), SAVED_AFTER_MS);
  }

  async save(session = null) {
    this.clock.clearTimeout(this.timer);
    const isSaved = await super.save(session);
    if (isSaved) this.saveSoon(); // typed on meanwhile
    return isSaved;
  }
}
