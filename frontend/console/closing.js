// Why a console's connection is closed, in words. Used by strip.js.

import { gettext } from "../site/words.js";

export function closedSentence(reason) {
  const sentences = {
    gone: gettext("This console is not there any more."),
    logged_out: gettext("You are logged out. Log in again, and the console goes on where it was."),
    protocol: gettext("This page and the server do not understand each other. Reload the page."),
    left: gettext("Disconnected."),
  };
  return sentences[reason] ?? gettext("The connection is closed.");
}
