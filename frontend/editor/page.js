// The page of the editor: the editor itself, kept clear of a screen keyboard.

import "./element.js";

// What a screen keyboard leaves of the window.
const fit = () => document.documentElement.style.setProperty("--window-height", `${visualViewport.height}px`);
visualViewport?.addEventListener("resize", fit);
