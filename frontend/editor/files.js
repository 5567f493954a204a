// What the editor asks the site about files, drafts, lint and format: the JSON API. Used by open_file.js and problems.js.

import { gettext } from "../console/words.js";

/** Its text is the server's sentence, or ours where there is none. `status` is 0 without an answer. */
export class Refused extends Error {
  constructor(sentence, status, answer = {}) {
    super(sentence);
    this.status = status;
    this.answer = answer;
  }
}

export class Files {
  /** owner: of the files that are read; null for one's own. */
  constructor({ csrf, owner = null, fetch = globalThis.fetch }) {
    Object.assign(this, { csrf, owner, fetch });
  }

  /** {bytes, etag}. Raises Refused. */
  async read(path) {
    const answer = await this.ask("GET", "/api/files/content", { path });
    return { bytes: new Uint8Array(await answer.arrayBuffer()), etag: answer.headers.get("etag") };
  }

  /** etag: of what is replaced; null for a file that must not be there yet. {etag}. Raises Refused, 412 with the other's. */
  async write(path, bytes, etag) {
    const condition = etag ? { "If-Match": etag } : { "If-None-Match": "*" };
    const headers = { ...condition, "Content-Type": "application/octet-stream" };
    return (await this.ask("PUT", "/api/files/content", { path }, bytes, headers)).json();
  }

  async list(path) {
    return (await this.ask("GET", "/api/files/list", { path })).json();
  }

  /** {text, base_etag, saved}, or null. */
  async draft(path) {
    const answer = await this.ask("GET", "/api/editor/draft", { path }).catch((fault) => {
      if (fault.status === 404) return null;
      throw fault;
    });
    const draft = answer && answer.status !== 204 ? await answer.json() : null;
    return typeof draft?.text === "string" ? { ...draft, base_etag: draft.base_etag || null } : null;
  }

  keepDraft(path, { text, base_etag }) {
    return this.send("PUT", "/api/editor/draft", { path }, { text, base_etag: base_etag ?? "" });
  }

  dropDraft(path) {
    return this.ask("DELETE", "/api/editor/draft", { path });
  }

  async lint(path, text) {
    return (await this.send("POST", "/api/editor/lint", {}, { path, text })).json();
  }

  async format(path, text) {
    return (await (await this.send("POST", "/api/editor/format", {}, { path, text })).json()).text;
  }

  send(method, address, query, content) {
    return this.ask(method, address, query, JSON.stringify(content), { "Content-Type": "application/json" });
  }

  async ask(method, address, query, body, headers = {}) {
    const asked = new URLSearchParams({ ...query, ...(this.owner && { owner: this.owner }) }).toString();
    const answer = await this.fetch
      .call(null, asked ? `${address}?${asked}` : address, { method, body, headers: { ...headers, "X-CSRFToken": this.csrf }, cache: "no-store" })
      .catch(() => {
        throw new Refused(gettext("The site cannot be reached. Are you online?"), 0);
      });
    if (answer.ok) return answer;
    const said = (await answer.json().catch(() => null)) ?? {};
    throw new Refused(sentenceOf(said) ?? sentenceFor(answer.status), answer.status, said);
  }
}

function sentenceOf({ detail }) {
  return typeof detail === "string" ? detail : null;
}

function sentenceFor(status) {
  if (status === 401 || status === 403) return gettext("You are logged out. Log in again in another tab, then come back: your text stays here.");
  if (status === 404) return gettext("There is no such file.");
  return gettext("The site has a fault of its own (%(status)s). Try again in a moment.", { status });
}
