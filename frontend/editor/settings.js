// What a person has set about the editor, kept in this browser. Used by element.js and code.js.

import { LOCAL_STORAGE, Settings, following } from "../console/settings.js";

const isShare = (value) => Number.isFinite(value) && value >= 20 && value <= 80;
const isSwitch = (value) => typeof value === "boolean";
const KIND = {
  key: "ivle-editor",
  defaults: { keyMap: "plain", side: "below", wrap: false, marks: true, help: true, codeShare: 58, frontShare: 55 },
  checks: {
    keyMap: (value) => ["plain", "vim", "emacs"].includes(value),
    side: (value) => ["below", "right"].includes(value),
    wrap: isSwitch,
    marks: isSwitch,
    help: isSwitch,
    codeShare: isShare,
    frontShare: isShare,
  },
};

export const settingsOfEditor = () => following(new Settings(LOCAL_STORAGE, KIND));
