// Keys as in other editors, with those that save there; fetched when somebody wants them. Used by code.js.

const MAPS = {
  plain: async () => [],
  vim: async (save) => {
    const { Vim, vim } = await import("../vendor/codemirror/vim.js");
    Vim.defineEx("write", "w", save);
    return vim({ status: true });
  },
  emacs: async (save) => {
    const { EmacsHandler, emacs } = await import("../vendor/codemirror/emacs.js");
    EmacsHandler.bindKey("C-x C-s", save);
    return emacs();
  },
};

/** Promises the extension; nothing where it cannot be fetched. */
export function keysAsIn(name, save) {
  return MAPS[name](save).catch(() => []);
}
