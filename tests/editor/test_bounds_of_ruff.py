"""Texts made to hang Ruff, to fill memory or to be something else than text: the answer is a sentence, and soon."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from editor import questions as asking
from editor import ruff
from editor.format import NotPython, formatted
from editor.lint import PROBLEMS_MAX, lint
from editor.questions import Busy, Questions
from editor.ruff import TooMuch, ask_ruff

pytestmark = pytest.mark.usefixtures("nothing_left")
MIB = 1024 * 1024
HOSTILE = {
    "brackets": "(" * 1_000_000,
    "closed brackets": "[" * 200_000 + "]" * 200_000,
    "nested blocks": "".join(" " * depth + "if 1:\n" for depth in range(1500)) + " " * 1500 + "x\n",
    "one huge line": "x = " + "a + " * 500_000 + "1\n",
    "statements": "a;" * MIB,
    "comparisons": "a" + " < a" * 500_000,
    "minus": "x = " + "-" * 2_000_000 + "1",
    "calls": "a" + "()" * 1_000_000,
    "lambdas": "lambda:" * 280_000 + "1",
    "conditions": "a if b else " * 170_000 + "c",
    "f-strings": 'f"{' * 500_000,
    "NULs": "\0" * 2_000_000,
    "surrogates": "\ud800" * 600_000,
    "undefined names": "".join(f"u{number}\n" for number in range(250_000)),
    "two megabytes": "# comment\n" * (2 * MIB // 10),
}


@pytest.mark.parametrize(
    ("question", "name"),
    [
        *((lint, name) for name in HOSTILE),
        *((formatted, name) for name in ("brackets", "NULs")),
    ],
)
def test_it_answers_or_says_so(question, name: str) -> None:
    started = time.monotonic()
    try:
        answer = question(HOSTILE[name])
    except (TooMuch, NotPython):
        answer = None
    assert time.monotonic() - started < ruff.PATIENCE_SECONDS + 2
    if question is lint and answer:
        assert len(answer.shown) <= PROBLEMS_MAX


def test_a_text_that_is_too_long_is_not_even_asked_about(monkeypatch) -> None:
    monkeypatch.setattr(ruff, "program", lambda: pytest.fail("asked"))
    with pytest.raises(TooMuch):
        lint("x" * (2 * MIB + 1))


def test_the_api_says_it_in_words(script) -> None:
    answer = script.post("/lint", path="a.py", text="(" * 1_000_000)
    assert (answer.status_code, "too deeply nested" in answer.json()["detail"]) == (400, True)


def test_half_a_character_from_a_page(script) -> None:
    """JSON can say it, and no file can have it."""
    answer = script.client.post(
        "/api/editor/lint", b'{"path": "a.py", "text": "x = \'\\ud800\'"}', content_type="application/json"
    )
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize("name", ["ruff.toml", ".ruff.toml", "pyproject.toml"])
def test_settings_of_a_student_are_not_heeded(name: str, tmp_path: Path, monkeypatch) -> None:
    """Wherever they lie: here even where the web process itself stands."""
    prefix = "tool.ruff." if name == "pyproject.toml" else ""
    wish = f'[{prefix}lint.per-file-ignores]\n"*" = ["F401"]\n'
    (tmp_path / "ruff").mkdir()
    for place in (tmp_path / name, tmp_path / "ruff" / name):
        place.write_text(wish)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("RUFF_CONFIG", str(tmp_path / name))
    monkeypatch.setattr(ruff.subprocess.Popen, "__init__", standing(tmp_path, ruff.subprocess.Popen.__init__))
    assert [problem.code for problem in lint("import os\n").shown] == ["F401"]


def standing(folder: Path, begin):
    """A Popen that starts in this folder, whatever it is told."""

    def init(self, *arguments, **named):
        begin(self, *arguments, **{**named, "cwd": folder})

    return init


def stand_in(monkeypatch, script: str) -> None:
    """A program in Ruff's place."""
    monkeypatch.setattr(ruff, "program", lambda: ("/bin/sh", "-c", script, "sh"))


def test_one_that_sleeps(monkeypatch) -> None:
    stand_in(monkeypatch, "exec sleep 60")
    monkeypatch.setattr(ruff, "PATIENCE_SECONDS", 0.3)
    started = time.monotonic()
    with pytest.raises(TooMuch):
        lint("x")
    assert time.monotonic() - started < 30


def test_one_that_closes_its_streams_and_sleeps(monkeypatch) -> None:
    stand_in(monkeypatch, "exec sleep 60 >&- 2>&- <&-")
    monkeypatch.setattr(ruff, "PATIENCE_SECONDS", 0.3)
    with pytest.raises(TooMuch):
        lint("x")


def test_one_that_never_reads(monkeypatch) -> None:
    stand_in(monkeypatch, "exec sleep 60")
    monkeypatch.setattr(ruff, "PATIENCE_SECONDS", 0.3)
    with pytest.raises(TooMuch):
        lint("x" * MIB)


def test_one_that_never_stops_talking(monkeypatch) -> None:
    stand_in(monkeypatch, "exec yes")
    answer = ask_ruff("check", [], "x")
    assert answer.status is None
    assert len(answer.output) == ruff.ANSWER_MAX_BYTES


def test_one_that_complains_without_end(monkeypatch) -> None:
    stand_in(monkeypatch, "exec yes >&2")
    with pytest.raises(TooMuch):
        ask_ruff("check", [], "x")


def test_one_that_uses_the_processor(monkeypatch) -> None:
    stand_in(monkeypatch, "read text; while :; do :; done")
    monkeypatch.setattr(ruff, "PATIENCE_SECONDS", 60.0)
    started = os.times()
    with pytest.raises(TooMuch):
        ask_ruff("check", [], "x")
    assert os.times().children_user - started.children_user < 4


def test_what_it_is_given(monkeypatch) -> None:
    """No variable of ours, no file to write, no descriptor."""
    monkeypatch.setenv("IVLE_SECRET_KEY", "secret")
    stand_in(monkeypatch, "read text; env; ulimit -c; ulimit -f; ulimit -n; ulimit -v; pwd; ls /proc/self/fd")
    said = ask_ruff("check", [], "x\n").output.decode()
    assert "secret" not in said
    assert "IVLE" not in said
    assert said.split("PWD=/\n")[-1].split()[:5] == ["0", "0", "32", str(1024 * 1024), "/"]
    assert said.split()[-4:] == ["0", "1", "2", "3"]  # the last is that of the folder which `ls` reads


def test_it_cannot_write(monkeypatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, f"read text; trap '' XFSZ; echo written > {tmp_path}/file; cat {tmp_path}/file")
    assert b"written" not in ask_ruff("check", [], "x\n").output


async def test_a_few_at_once() -> None:
    """Over all; the others wait their turn."""
    questions, gate, running = Questions(), threading.Event(), []

    def question(number: int) -> None:
        running.append(number)
        gate.wait(10)

    asked = [asyncio.ensure_future(questions.ask(f"person{number}", question, number)) for number in range(10)]
    await asyncio.sleep(0.2)
    assert len(running) == asking.AT_ONCE
    gate.set()
    await asyncio.gather(*asked)
    assert len(running) == 10
    assert not questions.pending


async def test_one_person_cannot_ask_for_all() -> None:
    questions, gate = Questions(), threading.Event()
    asked = [asyncio.ensure_future(questions.ask("student", gate.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await questions.ask("student", gate.wait, 10)
    assert await questions.ask("classmate", lambda: "answered") == "answered"
    gate.set()
    await asyncio.gather(*asked)


async def test_a_full_house(monkeypatch) -> None:
    monkeypatch.setattr(asking, "PENDING_MAX", 4)
    questions, gate = Questions(), threading.Event()
    asked = [asyncio.ensure_future(questions.ask(f"person{number}", gate.wait, 10)) for number in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await questions.ask("late", gate.wait, 10)
    gate.set()
    await asyncio.gather(*asked)
    assert await questions.ask("late", lambda: "answered") == "answered"


async def test_nobody_waits_for_long(monkeypatch) -> None:
    """Whose turn comes too late is told so, and no process is started for them."""
    monkeypatch.setattr(asking, "WAITING_SECONDS_MAX", 0.0)
    with pytest.raises(Busy):
        await Questions().ask("student", lambda: pytest.fail("asked"))


async def test_whoever_leaves_the_queue_is_forgotten() -> None:
    questions, gate = Questions(), threading.Event()
    asked = [asyncio.ensure_future(questions.ask(f"person{number}", gate.wait, 10)) for number in range(asking.AT_ONCE)]
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(questions.ask("student", gate.wait, 10))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert "student" not in questions.pending
    gate.set()
    await asyncio.gather(*asked)


def test_busy_is_said_in_words(script, monkeypatch) -> None:
    monkeypatch.setattr(asking, "PENDING_OF_PERSON_MAX", 0)
    answer = script.post("/lint", path="a.py", text="x")
    assert (answer.status_code, "moment" in answer.json()["detail"]) == (503, True)


def test_it_is_no_part_of_the_sites_own_work(monkeypatch) -> None:
    """To the scheduler, which puts the web process before programs (ivle/priority.py)."""
    stand_in(monkeypatch, "read text; cut -d' ' -f6 /proc/self/stat")
    assert int(ask_ruff("check", [], "x\n").output) != os.getsid(0)
