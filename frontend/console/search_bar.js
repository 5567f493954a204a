// Finding text in the output: a bar over the terminal. Used by element.js.

import { button, element } from "../site/markup.js";
import { gettext } from "../site/words.js";

export class SearchBar {
  constructor(screen) {
    this.screen = screen;
    this.input = element("input", {
      type: "search", "aria-label": gettext("Find in the output"), oninput: () => this.find(-1, true),
    });
    this.found = element("span", { class: "console-found", role: "status" });
    this.element = element(
      "div",
      { class: "console-search", hidden: true, role: "search", onkeydown: (event) => this.onKey(event) },
      this.input,
      this.found,
      button("↑", () => this.find(-1), { "aria-label": gettext("The one before") }),
      button("↓", () => this.find(1), { "aria-label": gettext("The next one") }),
      button("✕", () => this.close(), { "aria-label": gettext("Close the search") }),
    );
  }

  /** Most consoles are never searched. */
  load() {
    this.loading ??= import("../vendor/xterm_search.js").then(({ SearchAddon }) => {
      this.search = new SearchAddon();
      this.screen.terminal.loadAddon(this.search);
      this.search.onDidChangeResults(({ resultIndex, resultCount }) => this.onResults(resultIndex, resultCount));
    }, () => { this.loading = null; });
    return this.loading;
  }

  open() {
    this.load();
    this.element.hidden = false;
    this.input.select();
    this.input.focus();
  }

  close() {
    this.element.hidden = true;
    this.search?.clearDecorations();
    this.screen.focus();
  }

  onKey(event) {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.target === this.input) this.find(event.shiftKey ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The newest output is at the bottom, so the first one found is the last one there. */
  async find(direction, incremental = false) {
    await this.load();
    if (!this.search) return;
    const { theme } = this.screen.terminal.options;
    const options = {
      incremental,
      decorations: {
        matchBackground: theme.selectionInactiveBackground, matchOverviewRuler: theme.blue,
        activeMatchBackground: theme.selectionBackground, activeMatchColorOverviewRuler: theme.red,
      },
    };
    if (direction < 0) this.search.findPrevious(this.input.value, options);
    else this.search.findNext(this.input.value, options);
    if (!this.input.value) this.found.textContent = "";
  }

  onResults(index, count) {
    if (!count) this.found.textContent = this.input.value ? gettext("Not there") : "";
    else this.found.textContent = gettext("%(number)s of %(all)s", { number: index + 1, all: count });
  }
}
