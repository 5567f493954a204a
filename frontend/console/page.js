// The page of one console: leaves when it is closed, warns before it is left, keeps clear of a screen keyboard.

import "./element.js";

const console_ = document.querySelector("ivle-console");
let leaving = false;

document.addEventListener("click", ({ target }) => {
  if (target.closest("a[href]")) leaving = true;
});
document.addEventListener("submit", () => { leaving = true; });

// A tab closed by mistake (Ctrl-W); the console itself goes on either way. An installed window gets those keys.
window.addEventListener("beforeunload", (event) => {
  if (!leaving && console_.busy && !matchMedia("(display-mode: standalone)").matches) event.preventDefault();
});
window.addEventListener("pageshow", () => { leaving = false; });

// One that had to wait for its beginning has an address of its own then, to which Reload leads.
if (!console_.hasAttribute("session")) {
  console_.addEventListener("console-opened", ({ detail }) => {
    history.replaceState(null, "", new URL(`${detail.session}/`, new URL(console_.dataset.list, location)));
  });
}

console_.addEventListener("console-closed", ({ detail }) => {
  if (detail.reason === "ended") {
    leaving = true;
    location.assign(console_.dataset.list);
  }
});

// What a screen keyboard leaves of the window.
const fit = () => document.documentElement.style.setProperty("--window-height", `${visualViewport.height}px`);
visualViewport?.addEventListener("resize", fit);
