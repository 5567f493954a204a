// Questions to the site's JSON API. files/api.js and editor/files.js are made of it: one subclass for each part of the API.

import { gettext } from "./words.js";

/** Why it was not done, as a sentence for the person: the server's, or ours where it said none. */
export class Fault extends Error {
  /** status 0: the server was not reached. content: what it answered. */
  constructor(status, sentence, content = {}) {
    super(sentence);
    this.status = status;
    this.content = content;
  }

  get isLost() {
    return [0, 502, 503, 504].includes(this.status);
  }
}

export class Asking {
  /** owner: whose things, "" for one's own. */
  constructor({ owner = "", csrf = "", fetch = globalThis.fetch }) {
    Object.assign(this, { owner, csrf, fetch });
  }

  /** A value that is a list becomes several of its name. */
  address(root, query = {}) {
    const asked = new URLSearchParams();
    for (const [key, value] of Object.entries({ ...query, ...(this.owner && { owner: this.owner }) })) {
      for (const one of [value].flat()) asked.append(key, one);
    }
    const text = asked.toString();
    return text ? `${root}?${text}` : root;
  }

  /** The Response, with nothing of it read but where it is a refusal. Throws Fault, or AbortError. */
  async answer(method, address, { json, body, headers = {}, signal } = {}) {
    const sent = { ...headers };
    if (method !== "GET") sent["X-CSRFToken"] = this.csrf;
    if (json !== undefined) sent["Content-Type"] = "application/json";
    const question = { method, headers: sent, body: json === undefined ? body : JSON.stringify(json), signal, cache: "no-store" };
    const answer = await reached(() => this.fetch.call(null, address, question), signal);
    if (answer.ok) return answer;
    const content = await contentOf(answer, signal);
    throw new Fault(answer.status, sentenceOf(answer.status, content), content);
  }

  /** What was answered: JSON as it is, else {text}, {} where it is nothing. Throws Fault, or AbortError. */
  async ask(method, address, options = {}) {
    return contentOf(await this.answer(method, address, options), options.signal);
  }
}

async function contentOf(answer, signal) {
  const text = await reached(() => answer.text(), signal);
  if (!text) return {};
  if (!answer.headers.get("Content-Type")?.includes("json")) return { text };
  return reached(() => JSON.parse(text), signal);
}

async function reached(act, signal) {
  try {
    return await act();
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new Fault(0, gettext("The server cannot be reached. Check your connection, then try again."));
  }
}

/** What the server says, else what its status means. */
function sentenceOf(status, content) {
  if (typeof content?.detail === "string" && content.detail) return content.detail;
  const sentences = {
    401: gettext("You are logged out. Log in again in another tab, then try again here. Nothing on this page is lost."),
    403: gettext("You are logged out. Log in again in another tab, then try again here. Nothing on this page is lost."),
    404: gettext("It is not there any more. Somebody may have moved or deleted it."),
    413: gettext("That is too large."),
    422: gettext("The server does not understand this request. Reload the page, then try again."),
    429: gettext("That was too much at once. Wait a moment, then try again."),
    507: gettext("There is no room left for it. Delete something, then try again."),
  };
  return sentences[status] ?? gettext("The server could not do it (status %(status)s). Try again in a moment.", { status });
}
