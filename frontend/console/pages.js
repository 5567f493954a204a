// A program whose output begins with CGI headers: what it printed, as a page for the pane. Pure; used by beside.js.

import { joined } from "./bytes.js";
import { pageOf, sniff } from "./cgi.js";

const PAGE_MAX_BYTES = 4 * 1024 * 1024;

/** Fed with a program's output from its first byte; page is null while there is none to show. */
export class PageWatch {
  constructor() {
    this.begin(0);
  }

  /** A program begins at this offset. */
  begin(offset) {
    this.next = offset;
    this.parts = [];
    this.bytes = 0;
    this.decision = undefined;
  }

  /** True when there is more of a page than before. */
  feed(offset, bytes) {
    if (this.decision === null) return false;
    if (offset !== this.next || this.bytes + bytes.length > PAGE_MAX_BYTES) {
      this.parts = [];
      this.decision = null; // its beginning is not known, or it is too long
      return false;
    }
    this.next += bytes.length;
    this.bytes += bytes.length;
    this.parts.push(bytes.slice());
    this.decision ??= sniff(this.output());
    if (this.decision === null) this.parts = [];
    return Boolean(this.decision);
  }

  get page() {
    return this.decision ? pageOf(this.output(), this.decision) : null;
  }

  output() {
    this.parts = [joined(this.parts)];
    return this.parts[0];
  }
}
