// Which entries of a list are selected, and where the keyboard is. Pure; table.js shows it.

export class Selection {
  constructor() {
    this.order = [];
    this.chosen = new Set();
    this.focus = null; // the path the arrow keys go from
    this.anchor = null; // the other end of what Shift selects
  }

  /** The list as it is now. What is gone from it is not selected any more; the focus goes to its neighbour. */
  setOrder(order) {
    const there = new Set(order);
    this.chosen = new Set([...this.chosen].filter((path) => there.has(path)));
    if (!there.has(this.focus)) {
      const index = this.order.indexOf(this.focus);
      const later = this.order.slice(index + 1).find((path) => there.has(path));
      const earlier = this.order.slice(0, Math.max(0, index)).findLast((path) => there.has(path));
      this.focus = (index < 0 ? null : later ?? earlier) ?? order[0] ?? null;
    }
    if (!there.has(this.anchor)) this.anchor = this.focus;
    this.order = order;
  }

  has(path) {
    return this.chosen.has(path);
  }

  /** In the order of the list. */
  get paths() {
    return this.order.filter((path) => this.chosen.has(path));
  }

  only(path) {
    this.chosen = new Set(path === null ? [] : [path]);
    this.focus = this.anchor = path ?? this.focus;
  }

  toggle(path) {
    if (!this.chosen.delete(path)) this.chosen.add(path);
    this.focus = this.anchor = path;
  }

  extendTo(path) {
    const ends = [this.order.indexOf(this.anchor ?? path), this.order.indexOf(path)].sort((a, b) => a - b);
    this.chosen = new Set(this.order.slice(Math.max(0, ends[0]), ends[1] + 1));
    this.focus = path;
  }

  all() {
    this.chosen = new Set(this.order);
  }

  none() {
    this.chosen = new Set();
  }

  click(path, { ctrl = false, shift = false } = {}) {
    if (shift) this.extendTo(path);
    else if (ctrl) this.toggle(path);
    else this.only(path);
  }

  /** By a number of rows, or to "first" or "last". Ctrl moves the focus alone, Shift extends. */
  move(step, { ctrl = false, shift = false } = {}) {
    if (!this.order.length) return;
    const last = this.order.length - 1;
    const here = this.order.indexOf(this.focus);
    const wanted = { first: 0, last }[step] ?? here + step;
    const path = this.order[Math.min(last, Math.max(0, wanted))];
    if (shift) this.extendTo(path);
    else if (ctrl) this.focus = path;
    else this.only(path);
  }
}
