// What a person may choose about text that is not saved: a draft, a conflict, a save that failed. Used by element.js, for
// the buttons of notices.js.

import { ask } from "../site/dialogs.js";
import { nameOf } from "../site/paths.js";
import { gettext } from "../site/words.js";

/** editor: the element, whose sheet it is about. */
export function choicesOf(editor) {
  const restore = () => {
    editor.sheet.file.restore();
    editor.sheet.code.focus();
    editor.say(gettext("Restored. It is not saved yet."));
  };

  const discard = () => {
    editor.sheet.file.discard();
    editor.sheet.code.focus();
    editor.say(gettext("Discarded."));
  };

  const show = async (what) => {
    const { showDifference } = await import("./difference.js");
    await showDifference(editor, { path: editor.sheet.path, ...what });
  };

  const compare = () => {
    const { file } = editor.sheet;
    return show({
      heading: gettext("What was not saved"),
      about: gettext("What was typed, compared with the file as it is saved."),
      theirs: { name: gettext("Saved"), text: file.savedText },
      mine: { name: gettext("Not saved"), text: file.offer.text },
      isEditable: false,
      choices: [
        { label: gettext("Restore"), call: restore, isPrimary: true },
        { label: gettext("Discard"), call: discard },
      ],
    });
  };

  const saveAgain = async (file) => {
    const question = { heading: gettext("Save it again?"), text: file.failure, yes: gettext("Save mine"), no: gettext("Back") };
    if (await ask(editor, question)) await file.settle(file.text);
  };

  const settle = () => {
    const { file, path } = editor.sheet;
    if (file.conflict.text === null) return saveAgain(file);
    return show({
      heading: gettext("%(name)s was changed elsewhere", { name: nameOf(path) }),
      about: gettext("You can still change your text here. Nothing is saved until you choose."),
      theirs: { name: gettext("Saved elsewhere"), text: file.conflict.text },
      mine: { name: gettext("Yours"), text: file.text },
      isEditable: true,
      choices: [
        { label: gettext("Save mine"), call: (text) => file.settle(text), isPrimary: true },
        { label: gettext("Take theirs"), call: () => file.takeTheirs() },
      ],
    });
  };

  return { restore, discard, compare, settle, retry: () => editor.doings.save() };
}
