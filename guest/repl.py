"""The prompt of plain Python, as `python3 -i` shows it. The entry "repl" of a job, in the jail.

argv is () for an empty one, ("-i", FILE, ARGUMENT...) for a program and then the prompt among its names.
"""

from __future__ import annotations

import ast
import builtins
import codeop
import contextlib
import ctypes
import importlib
import importlib.machinery
import linecache
import os
import signal
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from guest import completion, printed, question, script
from guest.history import History, folder
from guest.importable import ivle_display
from guest.screen import TERM, Screen

HISTORY = "python_history"
BANNER = f"Python {sys.version.split()[0]}. TAB completes, name? explains a name, Ctrl-D leaves."
INPUT_NAME = "<python-input-{}>"  # as Python from 3.13 on: a traceback can then show the line
INPUTS_KEPT = 500
WITH_PROGRAM = "-i"
INTERRUPT = {signal.SIGINT}


def run(argv: list[str]) -> int:
    """The exit status; its process has nothing left to do."""
    script.renew_streams()
    os.environ.setdefault("TERM", TERM)
    editor = load_readline_again()
    program = argv[1:] if argv[:1] == [WITH_PROGRAM] else []
    prompt = Prompt(become_main(program), editor)
    inherited_count = len(sys.modules)
    path = program[0] if program else None
    status: int | None = None
    while status is None:
        try:
            status = prompt.run(path) if prompt.is_new else prompt.go_on()
        except KeyboardInterrupt:  # between two steps of ours
            continue
    try:
        return int(heard(script.finish, status, inherited_count))
    except KeyboardInterrupt:  # in a destructor
        return script.INTERRUPTED_STATUS


def prepare() -> None:
    """In the zygote: to load the library that edits lines costs a session more than all else, 0.6 MiB for one. It asks
    for TERM then."""
    before = os.environ.get("TERM")
    os.environ["TERM"] = TERM
    editor = load_readline()
    if editor is not None:
        leave_size_to_terminal(editor)
    if before is None:
        del os.environ["TERM"]


def rehearse() -> None:
    """In a parked console: the path of a session up to its prompt."""
    if os.isatty(0):
        prompt = Prompt({"__builtins__": builtins}, None)
        prompt.take("rehearsal = 1")
        completion.Completion(prompt.namespace).find("rehears")
        linecache.cache.clear()


def leave_size_to_terminal(editor: Any) -> None:
    """readline puts LINES and COLUMNS into the environment of whatever is started, where they do not follow the
    terminal."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        library = ctypes.CDLL(editor.__file__)
        ctypes.c_int.in_dll(library, "rl_change_environment").value = 0
    for name in ("LINES", "COLUMNS"):
        os.unsetenv(name)


def load_readline() -> Any:
    """None where this Python was built without."""
    with contextlib.suppress(ImportError):
        return importlib.import_module("readline")
    return None


def load_readline_again() -> Any:
    """It sets its handler of SIGWINCH as it is loaded; the zygote took that away. One that is there already would be
    called by the new one, which is the same function, for ever."""
    signal.signal(signal.SIGWINCH, signal.SIG_DFL)
    sys.modules.pop("readline", None)
    return load_readline()


def become_main(program: list[str]) -> dict[str, Any]:
    """The names of a new __main__, with sys.argv and the search path as a program with these words has them."""
    sys.argv = program or [""]
    sys.orig_argv = [sys.executable, *([WITH_PROGRAM, *program] if program else [])]
    main = types.ModuleType("__main__")
    names = main.__dict__
    names.update(__builtins__=builtins, __annotations__={})
    if program:
        place = os.path.dirname(os.path.realpath(program[0]))
        loader: Any = importlib.machinery.SourceFileLoader("__main__", program[0])
        names.update(__file__=program[0], __cached__=None)
    else:
        place, loader = "", importlib.machinery.BuiltinImporter
    names["__loader__"] = loader
    sys.modules["__main__"] = main
    sys.modules.setdefault("ivle_display", ivle_display)
    sys.path.insert(0, place)
    script.let_files_hide_modules(place or ".")
    return names


class Prompt:
    """Reads, runs and shows, until it is told to leave."""

    def __init__(self, namespace: dict[str, Any], editor: Any) -> None:
        self.namespace = namespace
        self.editor = editor
        self.compiler = codeop.CommandCompiler()
        self.streams = sys.stdin, sys.stdout, sys.stderr
        self.screen = Screen()
        self.history = History(os.path.join(folder(), HISTORY) if editor else os.devnull)
        self.lines: list[str] = []  # of a statement that is not complete yet
        self.input_count = 0
        self.is_new = True

    def run(self, program: str | None) -> int:
        """The exit status."""
        signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)
        self.is_new = False
        if program is not None:
            self.load(program)
        else:
            self.say(f"{BANNER}\n")
        self.set_up()
        return self.go_on()

    def go_on(self) -> int:
        """The exit status."""
        try:
            while True:
                try:
                    self.converse()
                except KeyboardInterrupt:
                    self.lines.clear()
                    self.say("\nKeyboardInterrupt\n")
        except EOFError:
            self.say("" if self.editor else "\n")  # an editor that takes pasted text has gone to the next line itself
            return 0
        except OSError:  # the terminal is gone
            return script.FLUSH_FAILED_STATUS
        except SystemExit as request:
            return script.status_of(request)

    def set_up(self) -> None:
        sys.ps1, sys.ps2 = ">>> ", "... "
        sys.displayhook = show_value
        builtins.display = ivle_display.display  # type: ignore[attr-defined]
        if self.editor is None:
            return
        for line in self.history.load():
            self.editor.add_history(line)
        self.editor.set_auto_history(False)  # what a program asks for is no line of Python
        self.editor.set_completer(completion.Completion(self.namespace).offer)
        self.editor.parse_and_bind("tab: complete")
        self.editor.parse_and_bind("set show-all-if-ambiguous on")
        with contextlib.suppress(OSError):
            self.editor.read_init_file()

    def load(self, path: str) -> None:
        """The program before the prompt. However it ends, the prompt comes."""
        try:
            with open(path, "rb") as file:
                code = script.compile_program(file.read(), path)
        except OSError as error:
            self.say(f"python3: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n")
        except Exception as error:
            self.report(error.with_traceback(None))
        else:
            with contextlib.suppress(KeyboardInterrupt):  # a second one, while the first was shown
                self.execute(code, leaves=False, within=printed.apart)
        for name in ("__file__", "__cached__"):  # Python too has them while the program runs and no longer
            self.namespace.pop(name, None)

    def converse(self) -> None:
        while True:
            self.screen.mend()
            line = self.ask(prompt_text("ps2" if self.lines else "ps1"))
            if self.history.add(line) and self.editor is not None:
                self.editor.add_history(line)
            self.take(line)

    def ask(self, prompt: str) -> str:
        """A line, whatever the program has made of sys.stdin and sys.stdout. Raises EOFError, KeyboardInterrupt."""
        if any(stream.closed for stream in self.streams):
            script.renew_streams()
            self.streams = sys.stdin, sys.stdout, sys.stderr
        theirs = sys.stdin, sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = self.streams
        self.let_paste(True)
        try:
            return str(heard(input, prompt))
        finally:
            sys.stdin, sys.stdout, sys.stderr = theirs
            self.let_paste(False)

    def let_paste(self, allowed: bool) -> None:
        """A pasted text comes as one, with its empty lines and tabs: here only, never to a program's own input()."""
        if self.editor is not None:
            self.editor.parse_and_bind(f"set enable-bracketed-paste {'on' if allowed else 'off'}")

    def take(self, line: str) -> None:
        """One more line, or a pasted text of several."""
        asked = None if self.lines else question.parse(line)
        if asked is not None:
            return self.answer(asked)
        self.lines.append(line)
        source = "\n".join(self.lines)
        name = INPUT_NAME.format(self.input_count)
        try:
            is_pasted = any("\n" in part for part in self.lines)
            codes = self.compile_all(source, name) if is_pasted else [self.compiler(source, name, "single")]
        except Exception as error:
            self.lines.clear()
            return self.report(error.with_traceback(None))
        if None in codes:
            return None  # there is more to come
        self.lines.clear()
        self.remember(source, name)
        for code in codes:
            if code is not None and not self.execute(code):
                break
        return None

    def compile_all(self, source: str, name: str) -> list[types.CodeType | None]:
        """The statements of a pasted text, one by one, so that each shows its value."""
        source = source.rstrip() + "\n"
        try:
            statements = ast.parse(source, name).body
        except SyntaxError:
            return [self.compiler(source, name, "exec")]  # not complete, or wrong
        return [self.compiler.compiler(ast.Interactive([node]), name, "single") for node in statements]  # type: ignore[arg-type]

    def remember(self, source: str, name: str) -> None:
        """For tracebacks and name??."""
        lines = [f"{line}\n" for line in source.split("\n")]
        linecache.cache[name] = (len(source), None, lines, name)
        linecache.cache.pop(INPUT_NAME.format(self.input_count - INPUTS_KEPT), None)
        self.input_count += 1

    def answer(self, asked: question.Question) -> None:
        try:
            text = heard(question.answer, asked, self.namespace)
        except Exception as error:
            self.report(error)
        else:
            self.say(text)

    def execute(
        self,
        code: types.CodeType,
        *,
        leaves: bool = True,
        within: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> bool:
        """Whether it went well. SystemExit is for our caller, if it `leaves`."""
        try:
            with within():
                heard(exec, code, self.namespace)
        except BaseException as error:
            if leaves and isinstance(error, SystemExit):
                raise
            failure = error
        else:
            return True
        self.report(failure)  # outside of the handler, or what a hook raises would be chained to it
        return False

    def report(self, failure: BaseException) -> None:
        """The traceback, without our own frames, by the program's own hook if it has set one."""
        shown = without_ours(failure.__traceback__)
        sys.last_type, sys.last_value, sys.last_traceback = type(failure), failure, shown
        vars(sys)["last_exc"] = failure.with_traceback(shown)
        try:
            heard(sys.excepthook, type(failure), failure, shown)
        except SystemExit:
            raise
        except BaseException as error:
            second = error.with_traceback(without_ours(error.__traceback__))
            self.say("Error in sys.excepthook:\n" + "".join(traceback.format_exception(second)))
            self.say("\nOriginal exception was:\n" + "".join(traceback.format_exception(failure)))

    def say(self, text: str) -> None:
        """To whatever the program has made of sys.stderr, if it still takes anything."""
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except Exception:
            self.streams[2].write(text)


def heard(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call with Ctrl-C on. Our own code runs with it off: however many come, one waits, and each prompt meets one."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPT)
        return function(*arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPT)


def prompt_text(name: str) -> str:
    """As Python: any object may be sys.ps1, and is asked for its text every time."""
    try:
        return str(heard(str, getattr(sys, name)))
    except Exception:
        return ""


def show_value(value: object) -> None:
    """sys.displayhook: the value as text, and beside the terminal if it knows how to look there."""
    sys.__displayhook__(value)
    if value is not None:
        ivle_display.show(value)


def without_ours(steps: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without the frames that are ours, which may lie between those of the program."""
    kept = []
    while steps is not None:
        if not is_ours(steps.tb_frame.f_globals):
            kept.append(steps)
        steps = steps.tb_next
    rest: types.TracebackType | None = None
    for step in reversed(kept):
        rest = types.TracebackType(rest, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return rest


def is_ours(names: dict[str, Any]) -> bool:
    return names is globals() or any(names is vars(ours) for ours in (printed, question, ivle_display))
