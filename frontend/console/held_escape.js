const ESCAPE = "\x1b";
const HELD_MS = 500;

/**
 * Escape is the program's, unless Tab follows and leaves the terminal: whatever edits a line would take the next key that
 * is typed there, perhaps much later, for one with Meta.
 */
export class HeldEscape {
  constructor(send, clock = globalThis) {
    this.send = send;
    this.clock = clock;
  }

  /** In order. `atOnce`: the program draws the whole screen; there Escape is a command. */
  type(input, atOnce) {
    this.release();
    if (input === ESCAPE && !atOnce) this.timer = this.clock.setTimeout(() => this.release(), HELD_MS);
    else this.send(input);
  }

  release() {
    if (this.drop()) this.send(ESCAPE);
  }

  /** Whether there was one. */
  drop() {
    const { timer } = this;
    this.timer = undefined;
    this.clock.clearTimeout(timer);
    return timer !== undefined;
  }
}
