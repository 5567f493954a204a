// <ivle-shell>: a button that opens a Python shell, on any page of a site that may embed it. docs/guests.md of ivle.
//
//   <script src="https://ivle.example.edu/shells/embed.js" async></script>
//   <ivle-shell theme="dark" height="24rem" label="Try Python">What stands here while there is no shell.</ivle-shell>
//
// It needs of a strict policy: script-src, connect-src and frame-src with the address of ivle. It sets no cookie,
// makes no markup from strings, and leaves the page's styles alone; style the button by ::part(button).
(() => {
  if (customElements.get("ivle-shell")) return;
  const script = document.currentScript ?? document.querySelector('script[src$="/shells/embed.js"]');
  const base = new URL(".", script.src);
  const ASK_AGAIN_MS = 60_000;
  const KNOWN_MS = 5000;
  const LOOKS = `
    :host { display: block; }
    :host([hidden]) { display: none; }
    button { font: inherit; padding: 0.5em 1em; min-height: 44px; border: 1px solid currentColor; border-radius: 6px; background: none; color: inherit; cursor: pointer; }
    button:focus-visible { outline: 2px solid; outline-offset: 2px; }
    iframe { display: block; box-sizing: border-box; width: 100%; height: 24rem; border: 1px solid #8886; border-radius: 6px; }
    [hidden] { display: none; }
  `;
  let asked = null;

  /** "room", "full", "off", "away", or "unknown": one question for all elements of a page. */
  function state(how = {}) {
    if (!asked) {
      asked = fetch(new URL("status", base), { credentials: "omit", ...how })
        .then((answer) => answer.json())
        .then((answer) => answer.state)
        .catch(() => {
          console.warn(`ivle-shell: ${base.origin} gives no answer to this page. Is ${location.origin} in its IVLE_GUEST_SITES?`);
          return "unknown";
        });
      const known = asked;
      setTimeout(() => { if (asked === known) asked = null; }, KNOWN_MS);
    }
    return asked;
  }

  /** Whatever was seen before. */
  function stateNow() {
    asked = null;
    return state({ cache: "no-store" });
  }

  class IvleShell extends HTMLElement {
    static observedAttributes = ["theme", "height", "label"];

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(LOOKS);
      root.adoptedStyleSheets = [sheet];
      this.instead = document.createElement("slot");
      this.button = document.createElement("button");
      Object.assign(this.button, { type: "button", part: "button", hidden: true, onclick: () => this.launch() });
      root.append(this.instead, this.button);
    }

    connectedCallback() {
      this.attributeChangedCallback();
      this.look();
      this.onSeen = () => document.visibilityState === "visible" && this.look();
      document.addEventListener("visibilitychange", this.onSeen);
    }

    disconnectedCallback() {
      document.removeEventListener("visibilitychange", this.onSeen);
      clearTimeout(this.asking);
      this.frame?.remove();
      this.frame = null;
    }

    attributeChangedCallback(name) {
      this.button.textContent = this.getAttribute("label") ?? "Launch interactive shell";
      if (!this.frame) return;
      this.frame.style.height = this.getAttribute("height") ?? "";
      if (name === "theme") this.frame.contentWindow?.postMessage({ ivleTheme: this.getAttribute("theme") ?? "" }, "*"); // it has no origin
    }

    /** A page may have been open for hours: the switch may be off by now. What is full or away the frame says itself. */
    async launch() {
      if (this.launching) return;
      this.launching = true;
      const found = await stateNow();
      this.launching = false;
      if (!this.isConnected || this.frame) return;
      if (found === "off" || found === "unknown") this.look();
      else this.open();
    }

    async look() {
      const found = await state();
      if (!this.isConnected || this.frame) return;
      this.setAttribute("state", found);
      this.button.hidden = found !== "room";
      this.instead.hidden = found === "room";
      clearTimeout(this.asking);
      if (found === "full" || found === "away") this.asking = setTimeout(() => this.look(), ASK_AGAIN_MS);
    }

    open() {
      clearTimeout(this.asking);
      this.frame = document.createElement("iframe");
      this.frame.title = this.button.textContent;
      this.frame.setAttribute("sandbox", "allow-scripts");
      this.frame.setAttribute("credentialless", "");
      this.frame.referrerPolicy = "origin";
      this.frame.part = "frame";
      this.frame.style.height = this.getAttribute("height") ?? "";
      const theme = this.getAttribute("theme") ?? "";
      this.frame.src = `${new URL("frame", base)}#${new URLSearchParams({ theme })}`;
      this.frame.addEventListener("load", () => this.frame?.focus(), { once: true });
      this.button.replaceWith(this.frame);
      this.setAttribute("state", "open");
    }
  }

  customElements.define("ivle-shell", IvleShell);
})();
