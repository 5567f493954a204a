// Where one is, in the bar of the site and in the window's title: the folders of the file as links, then its name. Used by
// element.js.

import { element } from "../site/markup.js";
import { gettext } from "../site/words.js";
import { crumbs, nameOf, parentOf } from "../site/paths.js";

export class Where {
  /** owner: of the files, "" for one's own. */
  constructor({ owner, root = document }) {
    this.query = owner ? `?${new URLSearchParams({ owner })}` : "";
    this.root = root;
    [this.way] = root.getElementsByClassName("where");
    this.files = this.way?.firstElementChild;
  }

  /** path: on the wire, or null for none. */
  show(path, isDirty = false) {
    const name = path ? nameOf(path) : gettext("Editor");
    this.root.title = `${isDirty ? "● " : ""}${name} – ivle`;
    if (path === this.path) return;
    this.path = path;
    const folders = crumbs(parentOf(path ?? "")).map((one) => element("a", { href: `/files/${one.path}/${this.query}` }, element("bdi", {}, one.name)));
    const here = element("span", { "aria-current": "page" }, element("bdi", {}, name));
    this.way?.replaceChildren(...[this.files, ...folders, here].flatMap((one) => [one, " "]));
  }
}
