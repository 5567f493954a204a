// The file in a student's home that keeps their text of a box, as the page brought it along or as it is fetched. Folders are
// made when they are needed, so that whoever only reads has none. Used by work.js.

import { Files } from "../editor/files.js";
import { OpenFile } from "../editor/open_file.js";
import { parentOf } from "../site/paths.js";

const SAVED_AFTER_MS = 1200;
const NO_DRAFTS = { find: async () => null, keep() {}, drop() {}, forget() {} }; // it saves by itself

export class BoxFiles extends Files {
  async write(path, bytes, etag) {
    try {
      return await super.write(path, bytes, etag);
    } catch (fault) {
      if (fault.status !== 404 || !parentOf(path)) throw fault;
      await this.makeFolder(parentOf(path));
      return super.write(path, bytes, null);
    }
  }

  /** With those above it. */
  async makeFolder(path) {
    const names = path.split("/");
    for (let count = 1; count <= names.length; count += 1) {
      await this.ask("POST", "/api/files/folder", { json: { path: names.slice(0, count).join("/") } }).catch((fault) => {
        if (fault.status !== 409) throw fault; // it is there
      });
    }
  }

  /** Whatever was there before. */
  async put(path, text) {
    const body = new TextEncoder().encode(text);
    const save = () => this.ask("PUT", this.address("/api/files/content", { path }), { body, headers: { "Content-Type": "application/octet-stream" } });
    try {
      await save();
    } catch (fault) {
      if (fault.status !== 404) throw fault;
      await this.makeFolder(parentOf(path));
      await save();
    }
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

  async save() {
    this.clock.clearTimeout(this.timer);
    const isSaved = await super.save();
    if (isSaved) this.saveSoon(); // typed on meanwhile
    return isSaved;
  }
}
