// Above the list: the way to this folder, whether it is published, and how much room is used. Used by element.js.

import { element } from "../site/markup.js";
import { percentOf, sizeOf } from "../site/measures.js";
import { crumbs } from "../site/paths.js";
import { gettext } from "../site/words.js";
import { addressOf } from "./place.js";

const NEAR_PERCENT = 90;
const ADDRESSES_SHOWN = 3;

export class Head {
  /** onGo(place): a link of it was followed. */
  constructor(onGo) {
    this.onGo = onGo;
    this.way = element("ol", { class: "files-crumbs" });
    this.note = element("p", { class: "files-address", hidden: true });
    this.meter = element("meter", { min: 0, "aria-label": gettext("Room used") });
    this.used = element("span", {});
    this.quota = element("div", { class: "files-quota", hidden: true }, this.meter, this.used);
    this.element = element("header", { class: "files-head" }, element("nav", { "aria-label": gettext("Way to this folder") }, this.way), this.note, this.quota);
  }

  showWay({ path, view, owner }) {
    const home = owner ? gettext("Files of %(owner)s", { owner }) : gettext("Files");
    const steps = [{ name: home, path: "" }, ...(view === "trash" ? [] : crumbs(path))];
    const parts = steps.map(({ name, path: there }, index) => {
      const isHere = view !== "trash" && index === steps.length - 1;
      return element("li", {}, isHere ? this.here(name) : this.link(name, { path: there, owner }));
    });
    if (view === "trash") parts.push(element("li", {}, this.here(gettext("Trash"))));
    this.way.replaceChildren(...parts);
  }

  /** Of the steps of the way, that onto which something is dragged. */
  markTarget(path) {
    for (const link of this.way.querySelectorAll("a")) link.classList.toggle("files-target", link.dataset.path === path);
  }

  here(name) {
    return element("h1", { "aria-current": "page" }, element("bdi", {}, name));
  }

  link(name, place) {
    const go = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.onGo(place);
    };
    return element("a", { href: addressOf(place), onclick: go, draggable: "false", "data-path": place.path }, element("bdi", {}, name));
  }

  /** Whether everybody may look at this folder, and where. */
  showPublished(addresses) {
    this.note.hidden = !addresses.length;
    if (!addresses.length) return;
    const link = (address) => element("a", { href: address, target: "_blank", rel: "noopener" }, address);
    this.note.replaceChildren(
      element("span", { class: "files-published" }, gettext("Published")),
      ...addresses.slice(0, ADDRESSES_SHOWN).flatMap((address) => [" ", link(address)]),
    );
  }

  showQuota(quota) {
    this.quota.hidden = !quota;
    if (!quota) return;
    const { used_bytes: used, limit_bytes: limit } = quota;
    const isNear = percentOf(used, limit) >= NEAR_PERCENT;
    Object.assign(this.meter, { max: limit, high: (limit * NEAR_PERCENT) / 100, optimum: 0, value: used });
    const words = gettext("%(used)s of %(limit)s used", { used: sizeOf(used), limit: sizeOf(limit) });
    this.used.textContent = isNear ? `⚠ ${words}` : words;
    this.quota.classList.toggle("files-near", isNear);
  }
}
