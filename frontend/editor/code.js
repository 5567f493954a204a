// The text of one file on the screen: CodeMirror with our languages, keys and marks. Used by element.js.

import {
  Annotation, Compartment, EditorSelection, EditorState, EditorView, Prec, autocompletion, bracketMatching, closeBrackets,
  closeBracketsKeymap, completionKeymap, crosshairCursor, defaultKeymap, drawSelection, dropCursor, foldGutter, foldKeymap,
  highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, history, historyKeymap, indentLess, indentMore,
  indentOnInput, indentUnit, keymap, lineNumbers, lintGutter, rectangularSelection, setDiagnostics,
} from "../vendor/codemirror/codemirror.js";
import { gettext } from "../site/words.js";
import { keysAsIn } from "./key_maps.js";
import { languageOf } from "./languages.js";
import { colours, darkness } from "./look.js";
import { phrases } from "./phrases.js";

const INDENT = "    ";
const OFFERING = { activateOnTypingDelay: 30 }; // ms: the answer itself takes less
const ofFile = Annotation.define(); // a change that is not the person's

/** listener: onEdited(text), onCursor({line, column, selected}), commands: {run, keep, save, format}, each a function. */
export class Code {
  constructor({ path, settings, listener }) {
    Object.assign(this, { path, settings, listener });
    this.parts = Object.fromEntries(["keys", "language", "locked", "dark", "help", "wrap", "lines", "search"].map((name) => [name, new Compartment()]));
    this.darkness = matchMedia("(prefers-color-scheme: dark)");
    this.view = new EditorView({ state: this.state("", "\n") });
    this.restyle = () => this.set("dark", darkness(this.darkness.matches));
    this.obey = () => this.applySettings();
    this.darkness.addEventListener("change", this.restyle);
    settings.addEventListener("change", this.obey);
    this.loadLanguage();
    this.applySettings();
  }

  dispose() {
    this.darkness.removeEventListener("change", this.restyle);
    this.settings.removeEventListener("change", this.obey);
    this.view.destroy();
  }

  get element() {
    return this.view.dom;
  }

  get text() {
    return this.view.state.sliceDoc();
  }

  state(text, newline) {
    const { parts } = this;
    return EditorState.create({
      doc: text,
      extensions: [
        parts.keys.of([]), // before all others: vim and emacs take keys first
        Prec.high(keymap.of(this.ownKeys())),
        phrases(),
        lintGutter(), lineNumbers(), foldGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(),
        indentOnInput(), bracketMatching(), closeBrackets(), autocompletion(OFFERING), rectangularSelection(), crosshairCursor(),
        highlightActiveLine(), highlightActiveLineGutter(),
        EditorState.allowMultipleSelections.of(true), indentUnit.of(INDENT), EditorState.tabSize.of(4), colours,
        keymap.of([
          ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap,
          { key: "Tab", run: indent, shift: indentLess },
        ]),
        parts.language.of([]), parts.locked.of([]), parts.help.of([]), parts.wrap.of([]), parts.search.of([]),
        parts.lines.of(linesOf(newline)),
        parts.dark.of(darkness(this.darkness.matches)),
        EditorView.contentAttributes.of({ "aria-label": gettext("Text of the file. Escape, then Tab, leaves it."), tabindex: "0" }),
        EditorView.updateListener.of((update) => this.onUpdate(update)),
      ],
    });
  }

  ownKeys() {
    const { commands } = this.listener;
    const command = (call) => () => {
      call();
      return true;
    };
    return [
      { key: "Mod-Enter", run: command(commands.run) },
      { key: "Shift-Mod-Enter", run: command(commands.keep) },
      { key: "Mod-s", run: command(commands.save), preventDefault: true },
      { key: "Shift-Alt-f", run: command(commands.format), preventDefault: true },
      { key: "F8", run: command(() => commands.problem(1)), shift: command(() => commands.problem(-1)) },
      { key: "Mod-f", run: command(() => this.find()) },
      { key: "Mod-Alt-g", run: command(() => this.find("gotoLine")) },
    ];
  }

  onUpdate(update) {
    if (update.docChanged && !update.transactions.every((one) => one.annotation(ofFile))) this.listener.onEdited(this.text);
    if (update.docChanged || update.selectionSet) this.tellCursor();
  }

  tellCursor() {
    const { state } = this.view;
    const { main } = state.selection;
    const line = state.doc.lineAt(main.head);
    const column = [...line.text.slice(0, main.head - line.from)].length + 1;
    this.listener.onCursor({ line: line.number, column, selected: main.to - main.from });
  }

  // --- What is set from outside ---

  set(part, extension) {
    this.view.dispatch({ effects: this.parts[part].reconfigure(extension) });
  }

  async loadLanguage() {
    this.set("language", await languageOf(this.path).load().catch(() => []));
  }

  async applySettings() {
    const { keyMap, wrap } = this.settings;
    this.set("wrap", wrap ? EditorView.lineWrapping : []);
    const extension = await keysAsIn(keyMap, () => this.listener.commands.save());
    if (keyMap === this.settings.keyMap) this.set("keys", extension);
  }

  lock(isLocked) {
    if (this.isLocked === isLocked) return;
    this.isLocked = isLocked;
    this.set("locked", isLocked ? [EditorState.readOnly.of(true)] : []);
  }

  /** The text as it was read: nothing of it can be undone. */
  begin(text, { newline }) {
    const keep = ["keys", "language", "locked", "help", "wrap", "search"].map((name) => this.parts[name]);
    const kept = keep.map((part) => [part, part.get(this.view.state)]);
    this.view.setState(this.state(text, newline));
    this.view.dispatch({ effects: kept.map(([part, extension]) => part.reconfigure(extension)) });
    this.tellCursor();
  }

  /** As one change, which can be undone, that leaves alone what is the same at both ends. */
  replace(text, { newline } = {}, byPerson = false) {
    if (newline !== undefined) this.set("lines", linesOf(newline));
    const old = this.text;
    let from = 0;
    while (from < old.length && old[from] === text[from]) from += 1;
    let same = 0;
    while (same < Math.min(old.length, text.length) - from && old.at(-1 - same) === text.at(-1 - same)) same += 1;
    this.view.dispatch({
      changes: { from, to: old.length - same, insert: text.slice(from, text.length - same) },
      annotations: byPerson ? [] : ofFile.of(true),
    });
  }

  edit(changes) {
    this.view.dispatch({ changes, userEvent: "input.fix" });
  }

  mark(diagnostics) {
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  /** A line counts from 1, a column in characters from 1. */
  positionOf({ line, column }) {
    const { doc } = this.view.state;
    const found = doc.line(Math.min(Math.max(1, line), doc.lines));
    const before = [...found.text].slice(0, Math.max(0, column - 1)).join("");
    return found.from + before.length;
  }

  goTo(line, column = 1) {
    const at = this.positionOf({ line, column });
    this.view.dispatch({
      selection: EditorSelection.cursor(at),
      effects: EditorView.scrollIntoView(at, { y: "center" }),
    });
    this.focus();
  }

  /** Search is fetched when somebody searches, and knows its own keys from then on. */
  async find(command = "openSearchPanel") {
    const { [command]: run, highlightSelectionMatches, search, searchKeymap } = await import("../vendor/codemirror/search.js");
    if (!this.searches) this.set("search", [search({ top: true }), highlightSelectionMatches(), keymap.of(searchKeymap)]);
    this.searches = true;
    run(this.view);
  }

  focus() {
    this.view.focus();
  }
}

/** Line ends of several kinds stay as they are: then only "\n" ends a line. */
function linesOf(newline) {
  return newline === null ? EditorState.lineSeparator.of("\n") : [];
}

/** Tab: the selected lines further in, else on to the next stop. */
function indent(view) {
  const { state, dispatch } = view;
  if (state.readOnly) return false;
  if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  dispatch(
    state.update(
      state.changeByRange(({ head }) => {
        const line = state.doc.lineAt(head);
        const insert = " ".repeat(INDENT.length - ((head - line.from) % INDENT.length));
        return { changes: { from: head, insert }, range: EditorSelection.cursor(head + insert.length) };
      }),
      { scrollIntoView: true, userEvent: "input" },
    ),
  );
  return true;
}
