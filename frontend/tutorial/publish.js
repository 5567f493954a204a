// <ivle-publishing>: a form that publishes, and below it how far that is, what is wrong, or that it is done. The server
// answers with lines of JSON as it goes.

import { element } from "../site/markup.js";
import { ofTyped } from "../site/paths.js";
import { gettext, ngettext } from "../site/words.js";

class IvlePublishing extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.told = element("div", { class: "publishing", role: "status" });
    this.append(this.told);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.isBusy) this.publish();
    });
  }

  async publish() {
    this.isBusy = true;
    this.form.querySelector("button").disabled = true;
    this.told.replaceChildren(element("p", {}, gettext("Looking at everything …")));
    try {
      await this.follow();
    } catch {
      this.fail(gettext("The server cannot be reached, or it stopped on the way. Nothing was published. Try again."));
    }
    this.isBusy = false;
    this.form.querySelector("button").disabled = false;
  }

  async follow() {
    const answer = await fetch(this.form.action, { method: "POST", body: new FormData(this.form) });
    if (!answer.ok) {
      this.fail(gettext("The server refused it (%(status)s). Reload the page, then try again.", { status: answer.status }));
      return;
    }
    let last = null;
    for await (const message of messagesOf(answer.body)) {
      last = message;
      if ("done" in message) this.showProgress(message);
      else if (message.published) this.succeed(message.published);
      else this.fail(message.sentence, message.faults);
    }
    if (!last || "done" in last) throw new Error("it ended in the middle");
  }

  showProgress({ done, total, what }) {
    const words = ngettext("Tried %(done)s of %(count)s thing", "Tried %(done)s of %(count)s things", total, { done });
    this.told.replaceChildren(
      element("progress", { max: Math.max(total, 1), value: done, "aria-label": gettext("Progress") }),
      element("p", { class: "aside" }, what ? `${words}: ${what}` : words),
    );
  }

  succeed(number) {
    this.told.replaceChildren(
      element("p", { class: "note" }, gettext("Published: edition %(number)s is what students see now.", { number })),
      element("p", {}, element("a", { href: "../" }, gettext("Look at it"))),
    );
  }

  /** A link into the editor, where it is a file of the lecturer's folder. */
  placeOf(file, line) {
    if (!file) return [];
    const { folder } = this.dataset;
    const where = line ? ` ${gettext("line %(line)s", { line })}: ` : ": ";
    const href = folder && `/edit/${folder}/${ofTyped(file)}${line ? `#L${line}` : ""}`;
    return [href ? element("a", { href }, file) : element("code", {}, file), where];
  }

  fail(sentence, faults = []) {
    const items = faults.map(({ file, line, reason }) => element("li", {}, ...this.placeOf(file, line), reason));
    this.told.replaceChildren(element("div", { class: "problem" }, element("p", {}, sentence), items.length ? element("ul", { class: "tutorial-faults" }, ...items) : ""));
  }
}

/** Each line of a stream, as what its JSON says. */
export async function* messagesOf(stream) {
  const decoder = new TextDecoder();
  let rest = "";
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    rest += done ? "" : decoder.decode(value, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
    if (done) return;
  }
}

globalThis.customElements?.define("ivle-publishing", IvlePublishing);
