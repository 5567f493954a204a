// The pane beside the terminal: plots, pictures and pages that a program shows, the last ones of them. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { pageOf, sniff } from "./cgi.js";

const KEPT_MAX = 20;
const ENDINGS = { "image/png": "png", "image/svg+xml": "svg", "text/html": "html", "text/cgi": "html" };

/** What it shows is {mime, title, url} or {page: {status, type, body}}; frame is the address of the closed-in page. */
export class Pane {
  constructor({ frame, onOpen, onClose }) {
    this.frame = frame;
    this.onOpen = onOpen;
    this.shown = [];
    this.at = -1;
    this.title = element("h2", { class: "console-pane-title" });
    this.count = element("span", { class: "console-pane-count" });
    this.earlier = button("‹", () => this.go(this.at - 1), { "aria-label": gettext("Earlier picture") });
    this.later = button("›", () => this.go(this.at + 1), { "aria-label": gettext("Later picture") });
    this.save = element("a", { class: "button" }, gettext("Save"));
    this.body = element("div", { class: "console-pane-body" });
    this.element = element(
      "section",
      { class: "console-pane", hidden: true, "aria-label": gettext("What the program shows") },
      element(
        "header",
        {},
        this.title, this.earlier, this.count, this.later, this.save,
        button("✕", () => { this.element.hidden = true; onClose(); }, { "aria-label": gettext("Close the pane") }),
      ),
      this.body,
    );
  }

  add(item) {
    this.shown.push(item);
    if (this.shown.length > KEPT_MAX) this.shown.shift();
    this.open();
    this.go(this.shown.length - 1);
  }

  /** A page that grows while it is printed: the one shown before is replaced. True for a new one. */
  update(page) {
    const title = page.text ? gettext("Output of the program") : gettext("Page of the program");
    const index = this.shown.findLastIndex((item) => item.page && !item.closed);
    if (index < 0) {
      this.add({ page, mime: page.type, title });
      return true;
    }
    Object.assign(this.shown[index], { page, mime: page.type, title });
    if (this.at === index) this.go(index);
    return false;
  }

  /** The program of the page has ended or begun anew: the next page is another one. */
  closePage() {
    for (const item of this.shown) item.closed = true;
  }

  open() {
    if (!this.shown.length || !this.element.hidden) return;
    this.element.hidden = false;
    this.onOpen();
  }

  async go(index) {
    if (index < 0 || index >= this.shown.length) return;
    this.at = index;
    const item = this.shown[index];
    this.title.textContent = item.title || gettext("Picture");
    this.count.textContent = gettext("%(number)s of %(all)s", { number: index + 1, all: this.shown.length });
    this.earlier.disabled = index === 0;
    this.later.disabled = index === this.shown.length - 1;
    this.offerSaving(item);
    if (item.page?.text) {
      this.showText(item);
      return;
    }
    const content = item.mime?.startsWith("image/") && !item.page ? this.picture(item) : await this.framed(item);
    if (this.shown[this.at] === item) this.body.replaceChildren(...content);
  }

  offerSaving(item) {
    if (this.saved) URL.revokeObjectURL(this.saved);
    this.saved = item.page ? URL.createObjectURL(new Blob([item.page.body])) : null;
    this.save.href = this.saved ?? item.url;
    this.save.download = `${item.title || "ivle"}.${ENDINGS[item.mime?.split(";")[0]] ?? "txt"}`;
  }

  /** Plain text, in place: who reads further up stays there. */
  showText({ page, title }) {
    let text = this.body.querySelector("pre");
    const follows = !text || text.scrollTop + text.clientHeight >= text.scrollHeight - 4;
    if (!text) text = element("pre", { class: "console-pane-text", tabindex: 0, role: "region", "aria-label": title });
    text.textContent = page.text;
    const cut = gettext("Only the end of what the program has printed is here.");
    if (!text.isConnected || this.body.childElementCount !== (page.isCut ? 2 : 1)) {
      this.body.replaceChildren(...(page.isCut ? [this.sentence(cut)] : []), text);
    }
    if (follows) text.scrollTop = text.scrollHeight;
  }

  picture(item) {
    const failed = () => this.body.replaceChildren(this.sentence(gettext("This picture is not kept any more.")));
    return [element("img", { src: item.url, alt: item.title || gettext("Picture the program shows"), onerror: failed })];
  }

  /** In a frame without an origin, which runs what is in it and reaches nothing else. */
  async framed(item) {
    let { page } = item;
    if (!page) {
      const answer = await fetch(item.url).catch(() => null);
      if (!answer?.ok) return [this.sentence(gettext("This page is not kept any more."))];
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const decision = item.mime === "text/cgi" ? sniff(bytes) : null;
      page = decision ? pageOf(bytes, decision) : { status: "", type: item.mime === "text/cgi" ? "text/plain" : item.mime, body: bytes };
    }
    const frame = element("iframe", { src: this.frame, sandbox: "allow-scripts", title: item.title || gettext("Page of the program") });
    frame.addEventListener("load", () => frame.contentWindow.postMessage({ type: page.type, bytes: page.body }, "*"), { once: true });
    const notes = [page.status, page.isCut ? gettext("Only the beginning of this page is here: it is too long.") : ""];
    return [...notes.filter(Boolean).map((note) => this.sentence(note)), frame];
  }

  sentence(text) {
    return element("p", { class: "aside" }, text);
  }
}
