// <ivle-cpu>: a strip on pages that stay open for long, seen only when the person's CPU for the day is nearly used up.

import { Asking } from "../site/asking.js";

const EVERY_MILLISECONDS = 120_000;
const LATER_MILLISECONDS = [5_000, 25_000]; // not a whole class at once

/** What the strip says of a meter: "" where nothing needs to be said. */
export function sentenceOf({ is_near, is_last, today, state }) {
  return is_near || is_last ? state || today : "";
}

const between = (least, most) => least + Math.random() * (most - least);

export class IvleCpu extends HTMLElement {
  #timer = 0;
  #first = 0;
  #asking = new Asking({});

  connectedCallback() {
    this.setAttribute("role", "status");
    this.#timer = setInterval(() => this.look(), EVERY_MILLISECONDS);
    if (this.hasAttribute("later")) this.#first = setTimeout(() => this.look(), between(...LATER_MILLISECONDS));
    document.addEventListener("visibilitychange", this.#onVisible);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    clearTimeout(this.#first);
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  #onVisible = () => this.look();

  async look() {
    if (document.hidden) return;
    try {
      this.show(sentenceOf(await this.#asking.ask("GET", "/api/allowances/me")));
    } catch {
      // The next look will tell: a page is not disturbed for this.
    }
  }

  show(sentence) {
    this.hidden = !sentence;
    const shown = this.querySelector("span");
    if (sentence && shown.textContent !== sentence) shown.textContent = sentence; // read out once
  }
}

customElements.define("ivle-cpu", IvleCpu);
