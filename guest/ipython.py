"""IPython, the real one, in a terminal. The entry "ipython" of a job, in the jail; its zygote is one of its own.

argv is () for an empty one, ("-i", FILE, ARGUMENT...) for a program and then the prompt among its names.

The zygote builds the whole shell and lets it read, run and complete a few lines of ours (`prepare`), over descriptors 0
and 1 of whoever it will be. What a fork adds is the person: home, history, terminal.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guest import completion, history, printed, repl, script
from guest.importable import ivle_display
from guest.screen import TERM, Screen

HISTORY = "ipython_history.sqlite"
CELLS_KEPT = 5000
BUSY_SECONDS = 0.5  # for a history that another session writes
MISSING = "IPython is not installed in the students' Python here; a Python console works without it."
BANNER = "IPython {}, Python {}. TAB completes, name? explains a name, Ctrl-D leaves.\n"
SHOWN = ("image/png", "image/svg+xml", "text/html")
# What the shell does in the zygote, so that no session is the first to do it.
REHEARSAL = (
    b"import os\r",
    b"os.path\r",
    b"os.getc\t()\r",
    b"1 / 0\r",
    b"rehearsal = [n for n in 'ab']\r",
    b"rehears\t\r",
)

shell: Any = None


def prepare() -> None:
    """In the zygote. Leaves no thread and no descriptor behind."""
    global shell
    main, handler = sys.modules.get("__main__"), signal.getsignal(signal.SIGINT)
    with typed_beforehand(REHEARSAL):
        try:
            shell = build()
        except ImportError:
            return
        walk_through()
    signal.signal(signal.SIGINT, handler)
    if main is not None:
        sys.modules["__main__"] = main


def rehearse() -> None:
    """The zygote has done all that can be done without knowing whose it will be."""


def run(argv: list[str]) -> int:
    """The exit status; its process has nothing left to do."""
    os.environ.setdefault("TERM", TERM)
    if shell is None:
        script.renew_streams()
        print(MISSING, file=sys.stderr)
        return 1
    program = argv[1:] if argv[:1] == ["-i"] else []
    become_persons(program)
    inherited_count = len(sys.modules)
    try:
        status = converse(program)
        shell.atexit_operations()
        return script.finish(status, inherited_count)
    except KeyboardInterrupt:
        return script.INTERRUPTED_STATUS


def build() -> Any:
    """The shell, over streams that belong to descriptors 0, 1 and 2, with a home and a history of nobody's."""
    terminal = importlib.import_module("IPython.terminal.interactiveshell")
    profiles = importlib.import_module("IPython.core.profiledir")
    config = importlib.import_module("traitlets.config").Config()
    importlib.import_module("sqlite3")
    connect_to_terminal()

    class Profile(profiles.ProfileDir):  # type: ignore[name-defined, misc]
        def _location_changed(self, change: object) -> None:
            """The folders of a profile are made when something is put into them."""

    config.HistoryManager.enabled = False
    config.HistoryManager.connection_options = {"check_same_thread": False, "timeout": BUSY_SECONDS}
    config.Completer.use_jedi = False
    config.DisplayFormatter.active_types = ["text/plain", *SHOWN]
    shell = terminal.TerminalInteractiveShell.instance(
        config=config, ipython_dir="/", profile_dir=Profile(), simple_prompt=False, term_title=False, enable_tip=False
    )
    sys.modules["__main__"] = shell.user_module
    shell.mime_renderers = {mime: renderer(mime) for mime in SHOWN}
    figures = shell.display_formatter.formatters["image/png"]
    figures.for_type_by_name("matplotlib.figure", "Figure", ivle_display.drawing)
    importlib.import_module("atexit").unregister(shell.atexit_operations)
    make_completion_brief(shell.Completer)
    return shell


def connect_to_terminal() -> None:
    """prompt_toolkit reads descriptor 0 and writes descriptor 1, whatever these are in the end. It never asks the
    terminal where its cursor is: whoever reads the answer would have to be there at that moment."""
    inputs = importlib.import_module("prompt_toolkit.input.vt100").Vt100Input
    outputs = importlib.import_module("prompt_toolkit.output.vt100").Vt100_Output
    inputs._fds_not_a_terminal.add(0)  # no warning: they are none yet
    outputs._fds_not_a_terminal.add(1)
    session = importlib.import_module("prompt_toolkit.application.current").get_app_session()
    session._input = inputs(sys.stdin)
    session._output = outputs.from_pty(sys.stdout, term=TERM)
    session._output.enable_cpr = False


def renderer(mime: str) -> Any:
    """Sends a picture or page beside the terminal; IPython then shows no text for it, so we do."""

    def render(content: object, _metadata: object = None) -> None:
        try:
            ivle_display.send(mime, ivle_display.as_bytes(mime, content))
            print(f"[{mime.partition('/')[2].partition('+')[0].upper()} beside the terminal]")
        except ivle_display.NotShown as reason:
            print(reason)

    return render


def make_completion_brief(completer: Any) -> None:
    """The person's own methods are called for it, and may never return."""
    find = completer.completions

    def completions(text: str, offset: int) -> Any:
        try:
            with completion.interrupted_after(completion.MOMENT_SECONDS):
                found = list(find(text, offset))
        except completion.TookTooLong:
            found = []
        return iter(found)

    completer.completions = completions


def walk_through() -> None:
    """Read, complete, run and show as for a person, then forget all of it."""
    for _ in REHEARSAL:
        shell.run_cell(shell.prompt_for_code(), store_history=True)
    shell.pt_app.app.output.flush()
    forget_rehearsal()


@contextlib.contextmanager
def typed_beforehand(lines: tuple[bytes, ...]) -> Iterator[None]:
    """Descriptor 0 gives these lines; what is written to 1 and 2 is lost."""
    script.renew_streams()
    kept = [os.dup(number) for number in (0, 1, 2)]
    nothing = os.open(os.devnull, os.O_WRONLY)
    typed, keys = os.pipe()
    try:
        os.write(keys, b"".join(lines))
        for number, descriptor in enumerate((typed, nothing, nothing)):
            os.dup2(descriptor, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
        for descriptor in (*kept, nothing, typed, keys):
            os.close(descriptor)


def forget_rehearsal() -> None:
    shell.reset(new_session=False)
    shell.execution_count = 1
    manager = shell.history_manager
    manager.input_hist_parsed[:], manager.input_hist_raw[:] = [""], [""]
    manager.db_input_cache, manager.db_output_cache = [], []
    manager._i00 = manager._i = manager._ii = manager._iii = ""
    shell.pt_app.history._loaded_strings = []
    shell.last_execution_result = None
    shell.compile.reset_compiler_flags()
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)


def become_persons(program: list[str]) -> None:
    home = history.folder()
    shell._trait_values["ipython_dir"] = home
    shell.profile_dir._trait_values["location"] = f"{home}/ipython"
    shell.starting_dir = os.getcwd()
    shell.history_manager.dir_hist[:] = [Path(os.getcwd())]
    remember_in(Path(home, HISTORY))
    sys.modules["__main__"] = shell.user_module
    sys.modules.setdefault("ivle_display", ivle_display)
    sys.argv = program or [""]
    sys.orig_argv = [sys.executable, "-m", "IPython", *(["-i", *program] if program else [])]
    sys.path.insert(0, os.path.dirname(os.path.realpath(program[0])) if program else "")


def remember_in(file: Path) -> None:
    """The person's history, written before each cell runs: a session that is killed has lost none. No thread."""
    manager = shell.history_manager
    errors = importlib.import_module("sqlite3").Error
    manager.hist_file, manager.enabled = file, True
    try:
        manager.init_db()
        manager.db.execute("PRAGMA synchronous=OFF")
        with manager.db:
            manager.db.execute("DELETE FROM history WHERE rowid <= (SELECT max(rowid) FROM history) - ?", (CELLS_KEPT,))
        manager.new_session()
    except errors:
        manager._switch_to_memory_history()
    store_inputs = manager.store_inputs

    def store(line_num: int, source: str, source_raw: str | None = None) -> None:
        store_inputs(line_num, source, source_raw)
        with contextlib.suppress(errors):
            manager.writeout_cache()

    manager.store_inputs = store
    shell.pt_app.history._loaded_strings = list(shell.pt_app.history.load_history_strings())


def converse(program: list[str]) -> int:
    """The exit status."""
    screen = Screen()
    ask = shell.prompt_for_code

    def ask_on_a_sane_screen() -> Any:
        screen.mend()
        return ask()

    shell.prompt_for_code = ask_on_a_sane_screen
    try:
        if program:
            run_apart(program[0])
            shell.user_ns["__file__"] = program[0]
        else:
            sys.stdout.write(BANNER.format(importlib.import_module("IPython").__version__, sys.version.split()[0]))
        shell.mainloop()
    except SystemExit as request:
        return script.status_of(request)
    except (EOFError, OSError):  # the terminal is gone
        return script.FLUSH_FAILED_STATUS
    return 0


def run_apart(path: str) -> None:
    """The program before the prompt. What it prints is marked; tracebacks, which IPython prints too, are not, and have
    no frames of ours."""
    with printed.apart() as plain:
        show, find = shell._showtraceback, shell._get_exc_info

        def find_theirs(failure: Any = None) -> tuple[Any, ...]:
            kind, error, steps = find(failure)
            return kind, error, repl.without_ours(steps)

        def show_plainly(*failure: object) -> None:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            with contextlib.redirect_stdout(plain):
                show(*failure)

        shell._showtraceback, shell._get_exc_info = show_plainly, find_theirs
        try:
            shell.safe_execfile(path, shell.user_ns, exit_ignore=False)
        finally:
            shell._showtraceback, shell._get_exc_info = show, find
