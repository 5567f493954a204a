// <ivle-box data-kind data-name data-path>: a box of a tutorial, as the server has written it: code, buttons, status. Until
// somebody uses it, it does nothing but listen. What it becomes then is in work.js.

export class IvleBox extends HTMLElement {
  connectedCallback() {
    if (this.parts) return;
    const names = ["text", "code", "run", "stop", "status", "output", "menu", "undo", "notice"];
    this.parts = Object.fromEntries(names.map((name) => [name, this.querySelector(`.box-${name}`)]));
    const { code, run, stop, menu, undo } = this.parts;
    run?.addEventListener("click", () => this.work((work) => work.run()));
    stop?.addEventListener("click", () => this.work((work) => work.stop()));
    undo?.addEventListener("click", () => this.work((work) => work.undo()));
    menu?.addEventListener("click", ({ target }) => {
      const { doing } = target.closest("[data-doing]")?.dataset ?? {};
      if (!doing) return;
      menu.open = false;
      this.work((work) => work[doing]());
    });
    menu?.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    menu?.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
    });
    if (this.dataset.kind !== "repl") this.listenToCode(code);
    this.addEventListener("pointerenter", () => this.getReady(), { once: true });
  }

  /** Somebody is about to use it: what that takes is fetched while the mouse is on its way to the button. */
  getReady() {
    import("./work.js");
    if (this.dataset.kind !== "web" && this.parts.run?.hidden === false) import("../console/element.js");
  }

  listenToCode(code) {
    code.addEventListener("mouseup", ({ clientX, clientY }) => {
      if (getSelection().isCollapsed) this.work((work) => work.edit({ x: clientX, y: clientY }));
    });
    code.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.work((work) => work.edit());
      else if (event.key === "Enter") this.work((work) => work.run());
      else return;
      event.preventDefault();
    });
  }

  /** Promises whatever it is that is done with what the box has become. */
  async work(act) {
    this.becoming ??= import("./work.js").then(({ Work }) => new Work(this));
    return act(await this.becoming);
  }

  /** What the lecturer wrote. */
  get start() {
    return this.written("start") ?? this.parts.code.textContent;
  }

  /** What runs before it, unseen; "" for nothing. */
  get setup() {
    return this.written("setup") ?? "";
  }

  written(name) {
    return this.querySelector(`template.box-${name}`)?.content.textContent;
  }

  say(text, state = "") {
    this.dataset.state = state;
    if (this.parts.status.textContent !== text) this.parts.status.textContent = text; // else it would be read out again
  }
}
