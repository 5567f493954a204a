// <ivle-guest capability="..." seconds="1200">: a shell for somebody without an account. One terminal, and little else.

import { Connection } from "../console/connection.js";
import { Screen } from "../console/screen.js";
import { Settings } from "../console/settings.js";
import { touchKeys } from "../console/touch_keys.js";
import { button, element } from "../site/markup.js";
import { sizeOf } from "../site/measures.js";
import { gettext, ngettext } from "../site/words.js";
import { onTheme } from "./theme.js";
import { GuestTransport } from "./transport.js";

const CLIENT = "page"; // as the server calls the one page of a shell
const TRIES_MAX = 6;
const NOTICE_MS = 8000;
const KEEPS_NOTHING = { getItem: () => null, setItem: () => {} };
const encoder = new TextEncoder();

export class IvleGuest extends HTMLElement {
  connectedCallback() {
    if (this.screen) return;
    this.ends = Date.now() + 1000 * Number(this.getAttribute("seconds"));
    this.settings = new Settings(KEEPS_NOTHING);
    this.failures = 0;
    this.build();
    onTheme((theme) => this.settings.change({ theme }));
    this.connect();
    this.counting = setInterval(() => this.showLeft(), 1000);
    this.leave = () => this.connection.send("end");
    window.addEventListener("pagehide", this.leave);
    this.take = () => setTimeout(() => this.takeKeyboard());
    window.addEventListener("focus", this.take);
  }

  disconnectedCallback() {
    clearInterval(this.counting);
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("focus", this.take);
    this.leave();
    this.connection.close();
    this.screen.dispose();
    this.screen = null;
    this.replaceChildren();
  }

  build() {
    this.sign = element("span", { class: "console-sign", "aria-hidden": "true" }, "○");
    this.words = element("span", {}, gettext("Starting …"));
    this.now = button(gettext("Reconnect now"), () => this.connection.retry(), { hidden: true });
    this.left = element("span", { class: "shell-left" });
    this.interrupt = button(gettext("Interrupt"), () => this.connection.interrupt(), { title: gettext("Stop what runs, like Ctrl-C") });
    this.end = button(gettext("End"), () => this.send("end"));
    this.reader = button(gettext("Screen reader"), () => this.toggleReader(), { class: "shell-reader", "aria-pressed": "false" });
    this.strip = element(
      "div",
      { class: "console-strip", role: "group", "aria-label": gettext("Shell") },
      element("span", { class: "console-state" }, this.sign, this.words, this.now),
      this.left,
      element("span", { class: "console-buttons" }, this.reader, this.interrupt, this.end),
    );
    this.place = element("div", { class: "console-screen" });
    this.picture = element("img", {});
    const close = button("✕", () => this.closePicture(), { "aria-label": gettext("Close the picture") });
    this.heading = element("h2", { class: "console-pane-title" });
    this.pane = element(
      "section",
      { class: "console-pane", hidden: true, "aria-label": gettext("What the program shows") },
      element("header", {}, this.heading, close),
      element("div", { class: "console-pane-body" }, this.picture),
    );
    this.notice = element("p", { class: "console-notice", hidden: true });
    this.sentence = element("p", {});
    this.again = button(gettext("Start again"), () => location.reload(), { class: "primary" });
    this.over = element("div", { class: "console-ended", hidden: true }, this.sentence, this.again);
    this.live = element("p", { class: "console-live", role: "status" });
    this.replaceChildren(
      this.strip,
      element("div", { class: "console-work" }, element("div", { class: "console-front" }, this.place), this.pane, this.notice),
      this.over,
      this.live,
    );
    this.screen = new Screen(this.place, this.settings, this);
    this.append(touchKeys(this.screen, (text) => this.onTyped(text, true)));
  }

  connect() {
    const address = new URL("socket", location.href);
    const capability = this.getAttribute("capability");
    this.connection = new Connection({
      client: CLIENT,
      listener: this,
      probe: async () => this.whyNot(),
      clock: {
        now: () => Date.now(),
        random: Math.random,
        after: (milliseconds, call) => {
          const timer = setTimeout(call, milliseconds);
          return () => clearTimeout(timer);
        },
      },
      openTransport: (way, { offset }) => new GuestTransport(address, { capability, offset, ...this.connection.size }),
    });
    const { rows, cols } = this.screen.terminal;
    this.connection.resize(rows, cols);
    this.connection.open();
    window.addEventListener("online", () => this.connection.doubt());
  }

  /** A page without an origin can ask nobody; so after some tries it gives up. */
  whyNot() {
    this.failures += 1;
    if (this.failures < TRIES_MAX) return "away";
    return { sentence: gettext("The shell cannot be reached. Perhaps the network here lets no WebSockets through.") };
  }

  // --- What the connection tells (console/connection.js) ---

  onState(state) {
    this.strip.dataset.state = state.name;
    this.now.hidden = state.name !== "waiting";
    this.interrupt.disabled = this.end.disabled = state.name !== "connected";
    this[`on_${state.name}`](state);
  }

  on_connecting() {
    this.sign.textContent = "○";
    this.words.textContent = this.began ? gettext("Connecting …") : gettext("Starting …");
  }

  on_connected() {
    this.failures = 0;
    this.sign.textContent = "●";
    this.words.textContent = gettext("Python");
    if (this.began) this.say(gettext("Connected again."));
  }

  on_waiting() {
    this.sign.textContent = "◌";
    this.words.textContent = gettext("Connection lost, trying again …");
    this.say(this.words.textContent);
  }

  on_closed({ reason, sentence }) {
    this.sign.textContent = "■";
    this.words.textContent = gettext("Ended");
    this.sentence.textContent = sentence || gettext("The shell has ended.");
    this.over.hidden = reason === "left";
    this.left.hidden = this.notice.hidden = true;
    this.place.classList.add("console-closed");
    this.say(this.sentence.textContent);
    if (this.contains(document.activeElement)) this.again.focus();
  }

  onOutput(offset, bytes) {
    this.screen.write(offset, bytes);
  }

  onDropped(bytes) {
    this.tell(gettext("%(size)s of what was typed or pasted did not go to the program.", { size: sizeOf(bytes) }));
  }

  onMessage(message) {
    this[`on_${message.kind}`]?.(message);
  }

  on_welcome() {
    this.screen.replay();
    if (!this.began) this.screen.focus();
    this.began = true;
    this.showLeft();
  }

  /** The page around gives the keyboard to the frame, maybe after the welcome, and to nothing in it. */
  takeKeyboard() {
    if (this.connection.state.name === "connected" && document.activeElement === document.body) this.screen.focus();
  }

  on_replayed() {
    this.screen.replayed();
  }

  on_gap({ from, to }) {
    this.screen.sayMissing(to - from);
  }

  on_usage({ cpu_seconds: used, cpu_limit_seconds: limit }) {
    this.cpuLeft = Math.max(0, limit - used);
    this.showLeft();
  }

  on_display({ title, url }) {
    this.heading.textContent = this.picture.alt = title || gettext("Picture");
    this.picture.src = url;
    this.pane.hidden = false;
  }

  closePicture() {
    this.pane.hidden = true;
    this.screen.focus();
  }

  on_ending({ sentence }) {
    this.tell(sentence);
  }

  on_refused({ sentence }) {
    this.tell(sentence);
  }

  // --- What the screen tells (console/screen.js) ---

  onTyped(text, byPerson) {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    if (!byPerson && !this.connection.drives) return;
    if (!this.connection.type(bytes) && byPerson) this.tell(gettext("Nothing was typed: the shell is not connected."));
  }

  onSize(rows, columns) {
    this.connection?.resize(rows, columns);
  }

  onShown(offset) {
    this.connection.shown(offset);
  }

  onSearch() {}

  onLeave() {
    this.strip.querySelector("button:not([hidden], :disabled)")?.focus();
  }

  // --- What it shows ---

  send(kind) {
    if (!this.connection.send(kind)) this.tell(gettext("Not now: there is no connection."));
  }

  showLeft() {
    const minutes = Math.max(0, Math.ceil((this.ends - Date.now()) / 60_000));
    const time = ngettext("%(count)s minute left", "%(count)s minutes left", minutes);
    this.left.replaceChildren(time);
    if (this.cpuLeft === undefined) return;
    const cpu = gettext(", CPU: %(seconds)s s", { seconds: this.cpuLeft.toFixed(this.cpuLeft < 10 ? 1 : 0) });
    this.left.append(element("span", { class: "shell-cpu" }, cpu));
  }

  toggleReader() {
    const on = !this.settings.screenReader;
    this.settings.change({ screenReader: on });
    this.reader.setAttribute("aria-pressed", String(on));
  }

  say(text) {
    this.live.textContent = text;
  }

  tell(text) {
    this.notice.textContent = text;
    this.notice.hidden = false;
    this.say(text);
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => { this.notice.hidden = true; }, NOTICE_MS);
  }
}

customElements.define("ivle-guest", IvleGuest);
