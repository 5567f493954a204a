// Text that is not saved yet, kept in this browser at once and on the server after a pause, until it is saved.
// Used by open_file.js. The storage is drafts_database.js, or a map in tests; presence.js says which tabs are alive.

import { Latest } from "./latest.js";

export const SERVER_AFTER_MS = 3000;
export const KEPT_MS = 30 * 24 * 3600 * 1000; // as on the server

/** storage: all(), put(key, value), remove(key), each a promise; presence: tab, alive() promises a set of tabs. */
export class Drafts {
  constructor({ login, storage, presence, files, clock = globalThis }) {
    Object.assign(this, { login, storage, presence, files, clock });
    this.inBrowser = new Map(); // by path: Latest
    this.onServer = new Map();
    this.timers = new Map();
    this.served = new Set(); // paths of which the server may have one
    this.failed = new Set(); // paths of which this browser keeps none
  }

  /** Whether something typed is not kept yet, or cannot be. */
  get isBehind() {
    return this.failed.size > 0 || [...this.inBrowser.values()].some(({ under }) => under);
  }

  key(path, tab = this.presence.tab) {
    return [this.login, path, tab].join(" ");
  }

  /** Text differs from what is saved. Never rejects: a browser that keeps nothing still edits. */
  keep(path, text, baseEtag) {
    const draft = { text, base_etag: baseEtag, saved: this.clock.Date.now() };
    of(this.inBrowser, path, (one) => this.store(path, one)).put(draft);
    this.clock.clearTimeout(this.timers.get(path));
    this.timers.set(path, this.clock.setTimeout(() => this.send(path, draft), SERVER_AFTER_MS));
  }

  async store(path, draft) {
    try {
      await this.storage.put(this.key(path), draft);
      this.failed.delete(path);
    } catch {
      this.failed.add(path);
    }
  }

  send(path, draft) {
    this.timers.delete(path);
    this.served.add(path);
    return of(this.onServer, path, (one) => this.files.keepDraft(path, one).catch(() => {})).put(draft);
  }

  /** It is saved, or was thrown away. */
  async drop(path, tabs = []) {
    this.clock.clearTimeout(this.timers.get(path));
    this.timers.delete(path);
    this.failed.delete(path);
    await Promise.all([this.inBrowser.get(path)?.drop(), this.onServer.get(path)?.drop()]);
    await Promise.all([
      this.forget(path, [this.presence.tab, ...tabs]),
      this.served.delete(path) && this.files.dropDraft(path).catch(() => this.served.add(path)),
    ]);
  }

  /** Only of this browser, and of these tabs. */
  forget(path, tabs) {
    return Promise.all(tabs.map((tab) => this.storage.remove(this.key(path, tab)).catch(() => {})));
  }

  /** What this browser has; the old ones go, among them those of files that are gone. */
  async recent() {
    const all = await this.storage.all().catch(() => []);
    const since = this.clock.Date.now() - KEPT_MS;
    const old = all.filter(({ value }) => value.saved < since);
    await Promise.all(old.map(({ key }) => this.storage.remove(key).catch(() => {})));
    return all.filter((one) => !old.includes(one));
  }

  /** The newest that nobody is writing any more: {text, base_etag, saved: in milliseconds, tabs}; else null. `current` is
   *  the text that the file has: the same is no draft. */
  async find(path, current) {
    const alive = await this.presence.alive();
    const kept = await this.recent();
    const ours = kept
      .map(({ key, value }) => ({ ...value, tab: key.slice(this.key(path, "").length), key }))
      .filter(({ key }) => key.startsWith(this.key(path, "")));
    const dead = ours.filter(({ tab }) => tab === this.presence.tab || !alive.has(tab));
    const living = ours.filter((one) => !dead.includes(one));
    const served = await this.files.draft(path).catch(() => null);
    if (served) this.served.add(path);
    const isOfAnother = living.some(({ text }) => text === served?.text);
    const found = [...dead, ...(served && !isOfAnother ? [{ ...served, saved: Date.parse(served.saved) }] : [])];
    const [newest] = found.filter(({ text }) => text !== current).sort((one, other) => other.saved - one.saved);
    const tabs = dead.map(({ tab }) => tab).filter((tab) => tab !== this.presence.tab);
    if (newest) return { text: newest.text, base_etag: newest.base_etag, saved: newest.saved, tabs };
    if (found.length) await this.drop(path, tabs);
    return null;
  }
}

function of(all, path, keep) {
  if (!all.has(path)) all.set(path, new Latest(keep));
  return all.get(path);
}
