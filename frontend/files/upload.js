// One file on its way to the server, in parts, so that a lost connection costs one part only. Used by uploads.js.

const FIRST_PART_BYTES = 256 * 1024;
const PART_MAX_BYTES = 4 * 1024 * 1024;
const PART_SECONDS = 1; // about how long one part shall take, so that the bar moves
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];
const RESTARTS_MAX = 3;
const REFUSALS_MAX = 8;

/**
 * state: waiting, sending, lost (tries again by itself), exists (replace() or cancel()), done, failed (retry()), cancelled.
 * clock: {now(), after(ms, call) -> cancel}. kept: {get, set, delete} of upload ids, to go on after a reload of the page.
 */
export class Upload {
  constructor({ file, folder, name, unzip = false, replace = false, api, clock, kept = new Map(), onChange = () => {} }) {
    Object.assign(this, { file, folder, name, unzip, replaces: replace, api, clock, kept, onChange });
    this.state = "waiting";
    this.sent_bytes = 0;
    this.sentence = "";
    this.result = null;
    this.id = null;
    this.part_bytes = FIRST_PART_BYTES;
    this.losses = 0;
    this.restarts = 0;
    this.refusals = 0;
  }

  get key() {
    return [this.folder, this.name, this.file.size, this.file.lastModified, this.unzip].join("|");
  }

  get isOver() {
    return ["done", "failed", "cancelled", "exists"].includes(this.state);
  }

  change(state, sentence = "") {
    this.state = state;
    this.sentence = sentence;
    this.onChange(this);
  }

  /** Promises when there is nothing more to do for now: it is done, failed, cancelled or waits for an answer. */
  async run() {
    this.abort = new AbortController();
    this.change("sending");
    while (this.state === "sending" || this.state === "lost") {
      try {
        await this.step();
        this.losses = 0;
      } catch (fault) {
        if (this.state === "cancelled") return;
        await this.on_fault(fault);
      }
    }
  }

  async step() {
    if (this.id === null) await this.open();
    else if (this.state === "lost") await this.find();
    else await this.send();
  }

  async open() {
    const known = this.kept.get(this.key);
    if (known) {
      this.id = known;
      return this.find();
    }
    const wish = { folder: this.folder, name: this.name, size_bytes: this.file.size, unzip: this.unzip, replace: this.replaces };
    const { id, offset, done } = await this.api.startUpload(wish, this.abort.signal);
    this.id = id;
    this.kept.set(this.key, id);
    return this.took({ offset, done });
  }

  /** How far the server has it. */
  async find() {
    this.took(await this.api.upload(this.id, this.abort.signal));
  }

  async send() {
    const from = this.sent_bytes;
    const part = this.file.slice(from, from + this.part_bytes);
    const began = this.clock.now();
    const answer = await this.api.sendPart(this.id, from, part, this.abort.signal);
    const seconds = Math.max(0.05, (this.clock.now() - began) / 1000);
    const wanted = (part.size / seconds) * PART_SECONDS;
    this.part_bytes = Math.round(Math.min(PART_MAX_BYTES, Math.max(FIRST_PART_BYTES, this.part_bytes * 2, wanted)));
    this.took(answer);
  }

  took({ offset, done }) {
    this.sent_bytes = offset;
    if (!done) {
      if (this.state !== "cancelled") this.change("sending");
      return;
    }
    this.kept.delete(this.key);
    this.sent_bytes = this.file.size;
    this.result = done;
    this.change("done");
  }

  async on_fault(fault) {
    const { status = -1, isLost = false } = fault;
    if (isLost || status === 429) return this.on_lost(fault.message);
    if (status === 404 && this.id !== null && this.restarts < RESTARTS_MAX) {
      this.forget(); // the server has thrown the beginning away: from the start
      this.restarts += 1;
      return undefined;
    }
    if (status === 409 && this.id !== null && !fault.content.taken && this.refusals < REFUSALS_MAX) {
      this.refusals += 1; // the two do not agree how far it is, or a part that seemed lost is still being written
      if (!("offset" in fault.content)) return this.on_lost(fault.message);
      this.took({ offset: fault.content.offset });
      return undefined;
    }
    const id = this.id;
    this.forget();
    if (id !== null) this.api.cancelUpload(id).catch(() => {});
    this.change(fault.content?.taken ? "exists" : "failed", fault.message);
    return undefined;
  }

  async on_lost(sentence) {
    const wait = WAITS_MS[Math.min(this.losses, WAITS_MS.length - 1)];
    this.losses += 1;
    this.change("lost", sentence);
    await new Promise((resolve) => {
      this.wake = resolve;
      this.stopWaiting = this.clock.after(wait, resolve);
    });
    this.stopWaiting();
  }

  forget() {
    this.kept.delete(this.key);
    this.id = null;
    this.sent_bytes = 0;
  }

  /** The connection may be back: not waited for longer. */
  hurry() {
    if (this.state === "lost") this.wake?.();
  }

  replace() {
    this.replaces = true;
    return this.run();
  }

  retry() {
    return this.run();
  }

  cancel() {
    const id = this.id;
    if (this.state === "done") return;
    this.forget();
    this.change("cancelled");
    this.wake?.();
    this.abort?.abort();
    if (id !== null) this.api.cancelUpload(id).catch(() => {}); // what stays there the server throws away by itself
  }
}

/** Runs uploads, two at a time, in the order in which they came. */
export class UploadQueue {
  constructor(atOnce = 2) {
    this.atOnce = atOnce;
    this.running = 0;
    this.waiting = [];
  }

  /** Promises when it has had its run. */
  add(upload, start = () => upload.run()) {
    return new Promise((resolve) => {
      this.waiting.push({ upload, start, resolve });
      this.next();
    });
  }

  async next() {
    if (this.running >= this.atOnce || !this.waiting.length) return;
    const { upload, start, resolve } = this.waiting.shift();
    this.running += 1;
    if (upload.state !== "cancelled") await start();
    this.running -= 1;
    resolve(upload);
    this.next();
  }
}
