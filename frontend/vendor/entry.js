// What frontend/console/ uses of xterm.js; build.mjs bundles it into xterm.js.
import { styleElement } from "./style_element.js";

globalThis.ivleStyleElement = styleElement;

export { FitAddon } from "@xterm/addon-fit";
export { Unicode11Addon } from "@xterm/addon-unicode11";
export { WebLinksAddon } from "@xterm/addon-web-links";
export { Terminal } from "@xterm/xterm";
