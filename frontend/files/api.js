// The files API, as functions that give what it answers or throw a Fault (site/asking.js) with a sentence for the person.

import { Asking } from "../site/asking.js";
import { visible } from "../site/paths.js";

const ROOT = "/api/files";

export class FilesApi extends Asking {
  get(name, query, options) {
    return this.ask("GET", this.address(ROOT + name, query), options);
  }

  post(name, json) {
    return this.ask("POST", `${ROOT}${name}`, { json });
  }

  delete(name) {
    return this.ask("DELETE", `${ROOT}${name}`);
  }

  async list(path, hidden, signal) {
    const listing = await this.get("/list", { path, hidden: hidden ? 1 : 0 }, { signal });
    return { ...listing, entries: named(listing.entries) };
  }

  content(path, download = false) {
    return this.address(`${ROOT}/content`, { path, ...(download && { download: 1 }) });
  }

  zip(paths) {
    return this.address(`${ROOT}/zip`, { path: paths });
  }

  /** A new file without anything in it; refused where there is one. */
  makeFile(path) {
    return this.ask("PUT", `${ROOT}/content?${new URLSearchParams({ path })}`, {
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
    return this.address(`${ROOT}/versions/${id}/content`);
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
    return this.ask("POST", `${ROOT}/uploads`, { json: wish, signal });
  }

  sendPart(id, offset, body, signal) {
    return this.ask("PATCH", `${ROOT}/uploads/${id}?offset=${offset}`, {
      body, headers: { "Content-Type": "application/octet-stream" }, signal,
    });
  }

  upload(id, signal) {
    return this.ask("GET", `${ROOT}/uploads/${id}`, { signal });
  }

  cancelUpload(id) {
    return this.delete(`/uploads/${id}`);
  }
}

/** With names that read as they are written, the exact one beside; a link is what it leads to. */
function named(entries) {
  return entries.map((entry) => ({ ...entry, name: visible(entry.name), exact: entry.name, kind: entry.leads_to || entry.kind, isLink: entry.kind === "link" }));
}
