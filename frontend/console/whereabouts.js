// Where a console is to be found: at the session it has or, until it has one, where one is started. Used by element.js.

export const STARTS = ["program", "file", "path", "arguments", "setup", "environment", "after", "policy"]; // attributes that the API's StartIn takes
const ANSWERS = { 200: "there", 401: "logged_out", 403: "logged_out", 404: "gone" };
const NOT_STARTED = new Set([400, 409]);

export class Whereabouts {
  /** owner: the element, of whose attributes `session` is set as soon as there is one. */
  constructor(owner, { fetch } = globalThis) {
    this.owner = owner;
    this.fetch = fetch;
    // Asked again, it is the same console.
    this.name = owner.getAttribute("name") || crypto.getRandomValues(new Uint32Array(4)).join("_").slice(0, 32);
  }

  get base() {
    return this.owner.getAttribute("base") ?? "/console/";
  }

  get all() {
    return this.owner.getAttribute("api") ?? "/api/consoles/";
  }

  get session() {
    return this.owner.getAttribute("session");
  }

  set session(id) {
    if (!this.session) this.owner.setAttribute("session", id);
  }

  get api() {
    return `${this.all}${this.session}/`;
  }

  /** What a socket is asked for besides the page's own fields, and where. */
  socket(size) {
    return this.session
      ? { address: `${this.base}${this.session}/`, wishes: {} }
      : { address: `${this.base}new/`, wishes: this.wishes(size) };
  }

  wishes({ rows, columns }) {
    const set = STARTS.filter((name) => this.owner.hasAttribute(name)).map((name) => [name, this.owner.getAttribute(name)]);
    return { ...Object.fromEntries(set), name: this.name, rows, columns };
  }

  /** Why a socket did not come to a welcome: "there", "logged_out", "gone", "away", or the sentence why nothing starts, or not yet.
   *  What is not started yet is started, so that the way without sockets has where to go. */
  async probe(size) {
    const answer = await (this.session ? this.ask(this.api.replace(/\/$/, "")) : this.start(size)).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (answer?.status === 201) this.session = said.id;
    if (NOT_STARTED.has(answer?.status)) return { sentence: said.detail };
    if (said?.place) return { place: said.place };
    return answer?.status === 201 ? "there" : ANSWERS[answer?.status] ?? "away";
  }

  start(size) {
    const csrf = this.owner.getAttribute("csrf");
    const headers = { "Content-Type": "application/json", ...(csrf && { "X-CSRFToken": csrf }) };
    return this.ask(this.all.replace(/\/$/, ""), { method: "POST", headers, body: JSON.stringify(this.wishes(size)) });
  }

  ask(...question) {
    return this.fetch.call(null, ...question);
  }
}
