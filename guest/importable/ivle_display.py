"""Pictures and pages beside the terminal of a console. Programs may use it: `from ivle_display import display`.

Matplotlib finds its backend here (MPLBACKEND=module://ivle_display) and imports it from the file, as any program may;
repl.py and ipython.py use `send`. Matplotlib itself is imported when a program has done so, never before.
"""

from __future__ import annotations

import base64
import fcntl
import io
import json
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHANNEL_VARIABLE = "IVLE_DISPLAY"  # names another channel; for tests
CHANNEL = "/run/display"  # a FIFO; only consoles have it
MB = 1024 * 1024
MESSAGE_MAX_BYTES = 8 * MB  # with its header; the reader cuts off whoever sends more
TITLE_MAX_CHARACTERS = 200
PATIENCE_SECONDS = 10.0  # for another writer, or a reader that does not read
PIECE_BYTES = 64 * 1024
METHODS = {"image/png": "_repr_png_", "image/svg+xml": "_repr_svg_", "text/html": "_repr_html_"}
BACKEND_NAMES = ("FigureCanvas", "FigureManager")


class NotShown(Exception):
    """It cannot be shown beside the terminal. The message says why, to the person at the terminal."""


def display(*values: object) -> None:
    """Show each value beside the terminal if it knows how to look there, and as text in the terminal."""
    for value in values:
        show(value)
        print(repr(value))


def show(value: object, title: str = "") -> None:
    """Beside the terminal, if the value knows how to look there. What goes wrong is told in the terminal."""
    try:
        if picture := picture_of(value):
            send(*picture, title or type(value).__name__)
    except NotShown as reason:
        tell(str(reason))
    except Exception as error:
        tell(f"This {type(value).__name__} could not be shown beside the terminal: {type(error).__name__}: {error}")


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def picture_of(value: object) -> tuple[str, bytes] | None:
    """A mime type and its bytes, by the first of the value's methods that gives any. Its class is asked and not the
    value, of which some have every attribute one asks for. Raises whatever the value's methods raise."""
    kind = type(value)
    if is_figure(value):
        return "image/png", drawing(value)
    bundle = getattr(kind, "_repr_mimebundle_", None)
    found = without_metadata(bundle(value)) if bundle else None
    if not isinstance(found, dict):
        found = {}
    for mime, name in METHODS.items():
        method = getattr(kind, name, None)
        content = found.get(mime) or (without_metadata(method(value)) if method else None)
        if content:
            return mime, as_bytes(mime, content)
    return None


def without_metadata(answer: object) -> Any:
    """The methods may give metadata beside what is to be shown (IPython's rule)."""
    return answer[0] if isinstance(answer, tuple) and answer else answer


def as_bytes(mime: str, content: object) -> bytes:
    if isinstance(content, bytes | bytearray):
        return bytes(content)
    text = str(content)
    return base64.b64decode(text) if mime == "image/png" else text.encode("utf-8", "replace")


def is_figure(value: object) -> bool:
    return any((kind.__module__, kind.__name__) == ("matplotlib.figure", "Figure") for kind in type(value).__mro__)


def drawing(figure: Any) -> bytes:
    """A Matplotlib figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue()


def send(mime: str, content: bytes, title: str = "") -> None:
    """One message to whoever watches the console; returns when it is on its way. Raises NotShown."""
    header = {"mime": mime, "bytes": len(content), "title": title[:TITLE_MAX_CHARACTERS]}
    line = json.dumps(header).encode("ascii") + b"\n"
    length = len(line) + len(content)
    if length + 4 > MESSAGE_MAX_BYTES:
        raise NotShown(
            f"This is too large to be shown beside the terminal: {length / MB:.1f} MB; "
            f"at most {MESSAGE_MAX_BYTES / MB:g} MB can be."
        )
    with open_channel() as channel, whole_messages():
        write_all(channel, length.to_bytes(4, "big") + line + content)


@contextmanager
def open_channel() -> Iterator[int]:
    """The channel, ours alone until we close it. Raises NotShown where there is none."""
    try:
        path = os.environ.get(CHANNEL_VARIABLE) or CHANNEL
        # Without O_NONBLOCK this would wait for a reader; with it, there is one or an error.
        channel = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise NotShown("Pictures can be shown in a console only, and this program does not run in one.") from None
    try:
        if not stat.S_ISFIFO(os.fstat(channel).st_mode):
            raise NotShown("Pictures cannot be shown: the console's channel for them is gone.")
        wait_for_turn(channel)
        yield channel
    finally:
        os.close(channel)


def wait_for_turn(channel: int) -> None:
    """Other programs of the console may be writing: messages never mix."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return fcntl.flock(channel, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise NotShown("This could not be shown: another program has been busy showing something.") from None
            time.sleep(0.01)


@contextmanager
def whole_messages() -> Iterator[None]:
    """Ctrl-C waits until the message is out: half of one would spoil the next."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def write_all(channel: int, message: bytes) -> None:
    rest = memoryview(message)
    writable = select.poll()
    writable.register(channel, select.POLLOUT)
    while rest:
        if not writable.poll(PATIENCE_SECONDS * 1000):
            raise NotShown("This could not be shown: nobody takes what is to be shown.")
        try:
            rest = rest[os.write(channel, rest[:PIECE_BYTES]) :]
        except BlockingIOError:  # room, but not for this piece
            time.sleep(0.001)
        except OSError:
            raise NotShown("This could not be shown: the console is gone.") from None


def __getattr__(name: str) -> Any:
    """What makes this module a Matplotlib backend, when Matplotlib asks for it."""
    if name not in BACKEND_NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals().update(make_backend())
    return globals()[name]


def make_backend() -> dict[str, Any]:
    """show() sends every figure as a picture, returns at once and closes them, as in a notebook. `block=False`, which
    plt.pause() uses, keeps them: an animation goes on with the same figure."""
    backends = sys.modules["matplotlib.backend_bases"]
    figures = sys.modules["matplotlib._pylab_helpers"].Gcf
    agg = __import__("matplotlib.backends.backend_agg", fromlist=["FigureCanvasAgg"])

    class FigureManager(backends.FigureManagerBase):  # type: ignore[name-defined, misc]
        def show(self) -> None:
            show(self.canvas.figure, str(self.get_window_title() or f"Figure {self.num}"))

        @classmethod
        def pyplot_show(cls, *, block: bool | None = None) -> None:
            try:
                for manager in figures.get_all_fig_managers():
                    manager.show()
            finally:
                if block is not False:
                    figures.destroy_all()

    class FigureCanvas(agg.FigureCanvasAgg):  # type: ignore[name-defined, misc]
        manager_class = FigureManager

    return {"FigureCanvas": FigureCanvas, "FigureManager": FigureManager}
