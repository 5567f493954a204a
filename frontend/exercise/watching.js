// Asks for an attempt again and again until it is marked. The server holds the answer back while there is nothing new of one
// that is marked soon. Used by element.js.

import { ngettext, gettext } from "../site/words.js";

const SOON_MS = 250;
const LATER_MS = 1000;
const LONG_MS = 3000;
const EACH_BEFORE_MS = 100;
const HELD_SECONDS = 10; // the server answers sooner when there is something new
const HELD_BEFORE = 8; // of one with more before it the answer comes at once
const SOON_FOR = 8; // times
const LATER_FOR = 60;
export const ASIDE = "aside"; // marking it fails each time

export class Watching {
  /** api.attempt(number) is asked; onNews(attempt) hears each answer, onLost(fault) what went wrong meanwhile. */
  constructor({ api, onNews, onLost, clock = globalThis }) {
    Object.assign(this, { api, onNews, onLost, clock });
    this.number = null;
  }

  /** Promises the attempt once it is marked, or put aside; null where it is no longer watched. */
  async watch(number) {
    this.number = number;
    let before = 0;
    let wasHeld = false;
    for (let count = 0; this.number === number; count += 1) {
      const wait = wasHeld ? 0 : pause(count, before);
      if (count) await new Promise((go) => this.clock.setTimeout(go, wait));
      if (this.number !== number) return null;
      try {
        const asked = this.clock.performance.now();
        const attempt = await this.api.attempt(number, HELD_SECONDS);
        wasHeld = attempt.before_it < HELD_BEFORE && this.clock.performance.now() - asked > SOON_MS;
        if (this.number !== number) return null;
        if (attempt.report || attempt.state === ASIDE) {
          this.number = null;
          return attempt;
        }
        before = attempt.before_it;
        this.onNews(attempt);
      } catch (fault) {
        wasHeld = false;
        if (fault.status === undefined) throw fault;
        if (!fault.isLost) {
          this.number = null;
          throw fault;
        }
        this.onLost(fault);
      }
    }
    return null;
  }

  stop() {
    this.number = null;
  }
}

/** Nothing is known of it yet, and will be. */
export function isAwaited({ state }) {
  return state === "waiting" || state === "marking";
}

/** Whoever has many before them asks seldom: a whole class may be waiting. */
export function pause(count, before = 0) {
  const usual = count < SOON_FOR ? SOON_MS : count < LATER_FOR ? LATER_MS : LONG_MS;
  return Math.max(usual, Math.min(LONG_MS, before * EACH_BEFORE_MS));
}

/** How far it is. tests: how many there are. */
export function sentenceOf({ state, before_it: before, progress, faults }, tests) {
  if (state === ASIDE) {
    return gettext("Your attempt could not be marked, which is our fault. It is kept and costs you no attempt. Tell your lecturer, who can have it marked again; or hand in again.");
  }
  if (state === "marking") {
    return gettext("Being marked: %(done)s of %(tests)s tests are done.", { done: progress.length, tests });
  }
  if (faults) return gettext("Marking broke off, which is our fault and costs you nothing. It is tried again by itself.");
  if (before) return ngettext("Handed in. %(count)s other is marked before yours.", "Handed in. %(count)s others are marked before yours.", before);
  return gettext("Handed in. Yours is next.");
}
