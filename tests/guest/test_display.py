"""What a program shows beside the terminal."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from guest.importable import ivle_display
from tests.guest.terminal import Console, Shown

Open = Callable[..., Console]
PNG = b"\x89PNG\r\n\x1a\n"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()\nprint(plt.get_fignums())\n"


@pytest.mark.parametrize("entry", ["script", "repl", "ipython"])
def test_a_plot_of_a_program(open_console: Open, home: Path, entry: str) -> None:
    (home / "plot.py").write_text(PLOT)
    console = open_console(entry, *([] if entry == "script" else ["-i"]), str(home / "plot.py"))
    console.wait_for("[]\n")
    shown = console.shown()
    assert shown.mime == "image/png"
    assert shown.title == "Figure 1"
    assert shown.content.startswith(PNG)


def test_a_plot_of_a_program_started_by_a_shell(open_console: Open, home: Path) -> None:
    (home / "plot.py").write_text(PLOT)
    console = open_console("bash")
    console.wait_for("$ ")
    console.type("python3 plot.py\r")
    console.wait_for("[]\n")
    assert console.shown().content.startswith(PNG)


def test_an_animation_keeps_its_figure(open_console: Open, home: Path) -> None:
    (home / "plot.py").write_text(
        "import matplotlib.pyplot as plt\nplt.ion()\nfor n in range(3):\n    plt.plot([n, 2])\n    plt.pause(0.01)\n"
        "print(plt.get_fignums())\n"
    )
    console = open_console("script", str(home / "plot.py"))
    console.wait_for("[1]\n")
    assert [console.shown().title for _ in range(3)] == ["Figure 1"] * 3


def test_matplotlib_is_not_imported_for_nothing(prompt: Console) -> None:
    assert prompt.ask("import sys; 'matplotlib' in sys.modules, 'numpy' in sys.modules") == "(False, False)\n"


VALUES = {
    "png": ("_repr_png_", f"return bytes.fromhex('{PNG.hex()}')", Shown("image/png", "Value", PNG)),
    "svg": ("_repr_svg_", "return '<svg>ä</svg>'", Shown("image/svg+xml", "Value", "<svg>ä</svg>".encode())),
    "html": ("_repr_html_", "return '<b>bold</b>'", Shown("text/html", "Value", b"<b>bold</b>")),
    "bundle": ("_repr_mimebundle_", "return {'text/html': '<i>'}, {}", Shown("text/html", "Value", b"<i>")),
}


def make_value(console: Console, method: str, body: str, prompt: str = ">>> ") -> None:
    console.type(f'exec("class Value:\\n def {method}(self, *a, **k): {body}\\nvalue = Value()")\r')
    console.wait_for(prompt)


@pytest.mark.parametrize(("method", "body", "wanted"), VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("line", ["value", "display(value)"])
def test_a_value_at_the_prompt(prompt: Console, line: str, method: str, body: str, wanted: Shown) -> None:
    make_value(prompt, method, body)
    assert "Value object at" in prompt.ask(line)
    assert prompt.shown() == wanted


@pytest.mark.parametrize("line", ["value", "display(value)"])
def test_a_value_in_ipython(open_console: Open, line: str) -> None:
    console = open_console("ipython")
    console.wait_for("In [1]: ")
    make_value(console, "_repr_html_", "return '<b>bold</b>'", "In [2]: ")
    console.type(line + "\r")
    shown = console.shown()
    assert (shown.mime, shown.content) == ("text/html", b"<b>bold</b>")
    console.wait_for("In [3]: ")


def test_a_class_is_not_its_value(prompt: Console) -> None:
    make_value(prompt, "_repr_html_", "return 'x'")
    assert prompt.ask("Value") == "<class '__main__.Value'>\n"
    assert "Mock" in prompt.ask("from unittest.mock import MagicMock; MagicMock()")


def test_a_value_that_fails(prompt: Console) -> None:
    make_value(prompt, "_repr_html_", "1 / 0")
    assert "could not be shown beside the terminal: ZeroDivisionError" in prompt.ask("value")


def test_too_large(prompt: Console) -> None:
    make_value(prompt, "_repr_html_", "return 'x' * 9000000")
    assert "too large to be shown beside the terminal: 8.6 MB; at most 8 MB" in prompt.ask("value")
    make_value(prompt, "_repr_html_", "return 'x' * 8000000")
    prompt.type("value\r")
    assert len(prompt.shown().content) == 8_000_000


def test_no_channel(open_console: Open, home: Path) -> None:
    (home / "plot.py").write_text(PLOT)
    console = open_console("script", str(home / "plot.py"), displays=False)
    console.wait_for("Pictures can be shown in a console only")
    console.wait_for("[]\n")


def test_a_channel_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("IVLE_DISPLAY", str(tmp_path / "file"))
    with pytest.raises(ivle_display.NotShown):
        ivle_display.send("text/html", b"x")


def test_messages_never_mix(open_console: Open, home: Path) -> None:
    (home / "many.py").write_text(
        "import os\nfrom ivle_display import send\nchildren = [os.fork(), os.fork()]\n"
        "for n in range(20): send('text/html', bytes([65 + os.getpid() % 26]) * 200_000)\n"
        "for child in children: os.waitpid(child, 0) if child else None\n"
    )
    console = open_console("script", str(home / "many.py"))
    for _ in range(80):
        content = console.shown().content
        assert len(content) == 200_000
        assert len(set(content)) == 1


def test_ctrl_c_leaves_no_half_message(open_console: Open, home: Path) -> None:
    (home / "large.py").write_text(
        "from ivle_display import send\nprint('up')\n"
        "def flood():\n    while True: send('text/html', b'x' * 4_000_000)\ntry: flood()\n"
        "except KeyboardInterrupt: pass\nsend('text/html', b'last')\n"
    )
    console = open_console("script", str(home / "large.py"))
    console.wait_for("up")
    console.shown()
    console.type("\x03")
    while (content := console.shown().content) != b"last":
        assert len(content) == 4_000_000


def test_nobody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "channel"
    os.mkfifo(path)
    monkeypatch.setenv("IVLE_DISPLAY", str(path))
    monkeypatch.setattr(ivle_display, "PATIENCE_SECONDS", 0.05)
    with pytest.raises(ivle_display.NotShown):  # nobody has it open
        ivle_display.send("text/html", b"x")
    reader = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    with pytest.raises(ivle_display.NotShown, match="nobody takes"):
        ivle_display.send("text/html", b"x" * 1_000_000)
    other = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(ivle_display.NotShown, match="busy"):
        ivle_display.send("text/html", b"x")
    os.close(other)
    os.close(reader)
