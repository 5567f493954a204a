// The files API, as functions that give what it answers or throw a Fault with a sentence for the person.

import { gettext } from "../console/words.js";
import { visible } from "./paths.js";

export class Fault extends Error {
  /** status 0: the server was not reached. */
  constructor(status, sentence, content = {}) {
    super(sentence);
    this.status = status;
    this.content = content;
  }

  get isLost() {
    return [0, 502, 503, 504].includes(this.status);
  }
}

export class FilesApi {
  /** owner: whose files, "" for one's own. */
  constructor({ owner = "", csrf = "", root = "/api/files" }, { fetch } = globalThis) {
    Object.assign(this, { owner, csrf, root, fetch });
  }

  address(name, query = {}) {
    const asked = new URLSearchParams();
    for (const [key, value] of Object.entries({ ...query, ...(this.owner && { owner: this.owner }) })) {
      for (const one of [value].flat()) asked.append(key, one);
    }
    const text = asked.toString();
    return `${this.root}${name}${text ? `?${text}` : ""}`;
  }

  async ask(method, address, { json, body, headers = {}, signal } = {}) {
    const sent = { ...headers };
    if (method !== "GET") sent["X-CSRFToken"] = this.csrf;
    if (json !== undefined) sent["Content-Type"] = "application/json";
    let answer;
    let content = {};
    try {
      answer = await this.fetch.call(null, address, { method, headers: sent, body: json === undefined ? body : JSON.stringify(json), signal });
      const text = await answer.text();
      content = text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : { text };
    } catch (fault) {
      if (signal?.aborted) throw fault;
      throw new Fault(0, gettext("The server cannot be reached. Check your connection, then try again."));
    }
    if (answer.ok) return content;
    throw new Fault(answer.status, sentenceOf(answer.status, content), content);
  }

  get(name, query, options) {
    return this.ask("GET", this.address(name, query), options);
  }

  post(name, json) {
    return this.ask("POST", `${this.root}${name}`, { json });
  }

  delete(name) {
    return this.ask("DELETE", `${this.root}${name}`);
  }

  async list(path, hidden, signal) {
    const listing = await this.get("/list", { path, hidden: hidden ? 1 : 0 }, { signal });
    return { ...listing, entries: named(listing.entries) };
  }

  content(path, download = false) {
    return this.address("/content", { path, ...(download && { download: 1 }) });
  }

  zip(paths) {
    return this.address("/zip", { path: paths });
  }

  /** A new file without anything in it; refused where there is one. */
  makeFile(path) {
    return this.ask("PUT", `${this.root}/content?${new URLSearchParams({ path })}`, {
      body: new Blob([]), headers: { "If-None-Match": "*", "Content-Type": "application/octet-stream" },
    });
  }

  makeFolder(path) {
    return this.post("/folder", { path });
  }

  rename(path, name) {
    return this.post("/rename", { path, name });
  }

  async move(paths, to, copy) {
    const answer = await this.post("/move", { paths, to, copy });
    return { ...answer, failed: named(answer.failed) };
  }

  async remove(paths) {
    const answer = await this.post("/delete", { paths });
    return { ...answer, failed: named(answer.failed) };
  }

  publish(path, published) {
    return this.post("/publish", { path, published });
  }

  async trash() {
    const { entries, days } = await this.get("/trash");
    return { entries: named(entries), days };
  }

  async restore(id) {
    const answer = await this.post(`/trash/${id}/restore`);
    return { ...answer, failed: named(answer.failed) };
  }

  deleteForGood(id) {
    return this.delete(`/trash/${id}`);
  }

  emptyTrash() {
    return this.delete("/trash");
  }

  preview(path, signal) {
    return this.get("/preview", { path }, { signal });
  }

  versions(path) {
    return this.get("/versions", { path });
  }

  versionContent(id) {
    return this.address(`/versions/${id}/content`);
  }

  diff(path, from, to) {
    return this.get("/versions/diff", { path, from, to });
  }

  restoreVersion(path, id) {
    return this.post("/versions/restore", { path, id });
  }

  async deletedFiles() {
    return { entries: named((await this.get("/versions/deleted")).entries) };
  }

  startUpload(wish, signal) {
    return this.ask("POST", `${this.root}/uploads`, { json: wish, signal });
  }

  sendPart(id, offset, body, signal) {
    return this.ask("PATCH", `${this.root}/uploads/${id}?offset=${offset}`, {
      body, headers: { "Content-Type": "application/octet-stream" }, signal,
    });
  }

  upload(id, signal) {
    return this.ask("GET", `${this.root}/uploads/${id}`, { signal });
  }

  cancelUpload(id) {
    return this.delete(`/uploads/${id}`);
  }
}

/** With names that read as they are written, the exact one beside; a link is what it leads to. */
function named(entries) {
  return entries.map((entry) => ({ ...entry, name: visible(entry.name), exact: entry.name, kind: entry.leads_to || entry.kind, isLink: entry.kind === "link" }));
}

/** What the server says, else what its status means. */
function sentenceOf(status, content) {
  if (typeof content.detail === "string" && content.detail) return content.detail;
  const sentences = {
    401: gettext("You are logged out. Log in again in another tab, then try again here."),
    403: gettext("You are logged out. Log in again in another tab, then try again here."),
    404: gettext("It is not there any more. Somebody may have moved or deleted it."),
    413: gettext("That is too large."),
    422: gettext("The server does not understand this request. Reload the page, then try again."),
    429: gettext("That was too much at once. Wait a moment, then try again."),
    507: gettext("There is no room left for it. Delete something, then try again."),
  };
  return sentences[status] ?? gettext("The server could not do it (status %(status)s). Try again in a moment.", { status });
}
