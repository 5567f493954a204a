// What frontend/console/ uses of xterm.js when somebody searches; build.mjs bundles it into xterm_search.js.
export { SearchAddon } from "@xterm/addon-search";
