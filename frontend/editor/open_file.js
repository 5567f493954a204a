// One open file: read, edited, saved, in conflict with what somebody else saved, and its draft. Without a screen: the
// element listens to "change" and asks. States: opening, open, refused; and beside them isSaving, conflict, offer, failure.

import { Fault } from "../site/asking.js";
import { gettext } from "../site/words.js";
import { NotText, read, write } from "./text_file.js";

const NEW_STYLE = { bom: false, newline: "\n" };

/** "change" follows whatever changes but the text; "text" when the text was changed by us: the view must take it over. */
export class OpenFile extends EventTarget {
  /** path: on the wire. text: what is in the editor. */
  constructor({ path, files, drafts, writable }) {
    super();
    Object.assign(this, { path, files, drafts, writable });
    this.state = "opening";
    this.text = this.savedText = "";
    this.etag = null; // of what the text began from; null: there is no such file yet
    this.style = NEW_STYLE;
    this.sentence = ""; // why it is refused
    this.isThere = false; // though it is refused: it can be had in other ways
    this.failure = ""; // why it is not saved
    this.isSaving = this.wasDirty = false;
    this.savedAt = null;
    this.conflict = null; // {etag, text}: theirs; text null where it cannot be shown, etag null where it is gone
    this.offer = null; // a draft to restore
  }

  get isPython() {
    return /\.pyw?$/i.test(this.path);
  }

  get isNew() {
    return this.state === "open" && this.etag === null;
  }

  get isDirty() {
    return this.state === "open" && (this.text !== this.savedText || (this.isNew && this.text !== ""));
  }

  /** Nobody may type: it is somebody else's, or a choice waits. */
  get isLocked() {
    return !this.writable || this.state !== "open" || Boolean(this.offer);
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }

  replaceText(text) {
    this.text = text;
    this.dispatchEvent(new Event("text"));
  }

  // --- Opening ---

  async open() {
    this.state = "opening";
    this.tell();
    try {
      const { text, style, etag } = await this.fetch();
      Object.assign(this, { state: "open", style, etag, savedText: text });
      this.replaceText(text);
      if (this.writable) this.offer = await this.drafts.find(this.path, text);
    } catch (fault) {
      if (!(fault instanceof Fault || fault instanceof NotText)) throw fault;
      Object.assign(this, { state: "refused", sentence: fault.message, isThere: fault instanceof NotText });
    }
    this.tell();
  }

  /** What is there now; a file that is not there is empty and new. */
  async fetch() {
    try {
      const { bytes, etag } = await this.files.read(this.path);
      return { etag, ...read(bytes, this.isPython) };
    } catch (fault) {
      if (fault.status === 404 && this.writable) return { etag: null, text: "", style: NEW_STYLE };
      throw fault;
    }
  }

  restore() {
    const { text, base_etag, tabs } = this.offer;
    this.offer = null;
    if (this.etag) this.etag = base_etag ?? null; // where the file has changed since, saving must notice
    this.replaceText(text);
    this.edited(text);
    this.drafts.forget(this.path, tabs);
    this.tell();
  }

  async discard() {
    const { tabs } = this.offer;
    this.offer = null;
    this.tell();
    await this.drafts.drop(this.path, tabs);
  }

  // --- Editing and saving ---

  /** Somebody has typed. */
  edited(text) {
    const wasDirty = this.wasDirty;
    this.text = text;
    this.wasDirty = this.isDirty;
    if (this.isDirty) this.drafts.keep(this.path, text, this.etag);
    else if (wasDirty) this.drafts.drop(this.path);
    if (wasDirty !== this.wasDirty) this.tell();
  }

  /** True once what was in the editor when it was called is saved. session: see Files; hasRestarted says what came of it. */
  async save(session = null) {
    while (this.saving) await this.saving; // one after the other: each needs the etag of the one before
    this.hasRestarted = false;
    if (!this.writable || this.state !== "open" || this.conflict || this.offer) return false;
    if (!this.isDirty && !(this.isNew && this.text === "")) return true;
    this.saving = this.put(this.text, this.etag, session);
    try {
      return await this.saving;
    } finally {
      this.saving = null;
    }
  }

  async put(text, etag, session) {
    this.isSaving = true;
    try {
      const writing = this.files.write(this.path, write(text, this.style, this.isPython), etag, session);
      this.tell(); // drawn while it is on its way
      const answer = await writing;
      this.hasRestarted = answer.restarted === true;
      this.saved(text, answer.etag);
      return true;
    } catch (fault) {
      if (!(fault instanceof Fault || fault instanceof NotText)) throw fault;
      if (fault.status === 412) return await this.meet(text);
      this.failure = fault.message;
      return false;
    } finally {
      this.isSaving = false;
      this.tell();
    }
  }

  saved(text, etag) {
    Object.assign(this, { etag, savedText: text, failure: "", conflict: null, savedAt: new Date() });
    this.wasDirty = this.isDirty;
    if (this.isDirty) this.drafts.keep(this.path, this.text, etag);
    else this.drafts.drop(this.path);
    this.dispatchEvent(new Event("saved"));
  }

  /** Somebody else has saved. True where it was the same. */
  async meet(text) {
    try {
      const theirs = await this.fetch();
      if (theirs.text === text && theirs.etag) {
        this.saved(text, theirs.etag);
        return true;
      }
      this.conflict = { etag: theirs.etag, text: theirs.etag ? theirs.text : null, style: theirs.style };
    } catch (fault) {
      if (fault instanceof NotText) this.conflict = { etag: await this.etagNow(), text: null };
      else if (!(fault instanceof Fault)) throw fault;
      else this.failure = fault.message;
    }
    if (this.conflict) {
      this.failure = this.conflict.etag
        ? gettext("Not saved: this file was changed elsewhere since you opened it.")
        : gettext("Not saved: this file was deleted or renamed since you opened it.");
    }
    return false;
  }

  async etagNow() {
    return (await this.files.read(this.path)).etag;
  }

  // --- A conflict ends by one of these ---

  /** Saves this text over theirs; whoever saves meanwhile is met again. */
  async settle(text) {
    const { etag, style } = this.conflict;
    this.conflict = null;
    this.failure = "";
    if (etag && style) this.style = style;
    if (text !== this.text) this.replaceText(text);
    this.savedText = null; // whatever it is, it is not what is there
    this.etag = etag;
    return this.save();
  }

  takeTheirs() {
    const { etag, text, style } = this.conflict;
    Object.assign(this, { conflict: null, failure: "", etag, savedText: text, style });
    this.replaceText(text);
    this.drafts.drop(this.path);
    this.tell();
  }
}
