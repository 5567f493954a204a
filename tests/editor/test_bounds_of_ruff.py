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
HOSTILE = {
    "brackets": "(" * 250_000,
    "closed brackets": "[" * 130_000 + "]" * 130_000,
    "nested blocks": "".join(" " * depth + "if 1:\n" for depth in range(700)) + " " * 700 + "x\n",
    "one huge line": "x = " + "a + " * 65_000 + "1\n",
    "statements": "a;" * 130_000,
    "comparisons": "a" + " < a" * 65_000,
    "minus": "x = " + "-" * 250_000 + "1",
    "calls": "a" + "()" * 130_000,
    "lambdas": "lambda:" * 37_000 + "1",
    "conditions": "a if b else " * 21_000 + "c",
    "f-strings": 'f"{' * 85_000,
    "NULs": "\0" * 250_000,
    "surrogates": "\ud800" * 250_000,
    "undefined names": "".join(f"u{number}\n" for number in range(36_000)),
    "as much as may be": "# comment\n" * (ruff.TEXT_MAX_BYTES // 10),
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
        lint("x" * (256 * 1024 + 1))


@pytest.mark.parametrize(
    ("text", "words"), [("((((\n", "too deeply nested"), ("#" * (256 * 1024 + 1), "up to 256 KiB")]
)
@pytest.mark.parametrize("question", ["/lint", "/format"])
def test_the_api_says_it_in_words(script, monkeypatch, question: str, text: str, words: str) -> None:
    stand_in(monkeypatch, "read text; kill -SEGV $$")
    answer = script.post(question, path="a.py", text=text)
    assert (answer.status_code, words in answer.json()["detail"]) == (400, True)


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
        lint("x" * 250_000)


def test_one_that_never_stops_talking(monkeypatch) -> None:
    stand_in(monkeypatch, "exec yes")
    answer = ask_ruff("check", [], "x")
    assert answer.status is None
    assert len(answer.output) == ruff.ANSWER_MAX_BYTES


def test_one_that_complains_without_end(monkeypatch) -> None:
    stand_in(monkeypatch, "exec yes >&2")
    monkeypatch.setattr(ruff, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(TooMuch):
        ask_ruff("check", [], "x")


def test_one_that_uses_the_processor(monkeypatch) -> None:
    stand_in(monkeypatch, "read text; while :; do :; done")
    monkeypatch.setattr(ruff, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(ruff, "NICE", 0)  # else it takes long to use it on a busy machine
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
    questions, came, gate, running = Questions(), threading.Semaphore(0), threading.Event(), []

    def question(number: int) -> None:
        running.append(number)
        came.release()
        gate.wait(10)

    asked = [asyncio.ensure_future(questions.ask(f"person{number}", question, number)) for number in range(10)]
    for _ in range(asking.AT_ONCE):
        await asyncio.to_thread(came.acquire, timeout=10)
    await asyncio.sleep(0.2)
    assert len(running) == asking.AT_ONCE
    gate.set()
    await asyncio.gather(*asked)
    assert len(running) == 10
    assert not questions.pending


async def test_a_thread_that_cannot_be_begun_leaves_nothing_taken(monkeypatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("can't start new thread")

    questions = Questions()
    with monkeypatch.context() as short:
        short.setattr(questions.threads, "submit", fail)
        for _ in range(asking.PENDING_OF_PERSON_MAX + 1):
            with pytest.raises(RuntimeError):
                await questions.ask("student", lambda: "answered")
    assert not questions.pending
    assert await questions.ask("student", lambda: "answered") == "answered"


async def test_one_person_cannot_ask_for_all() -> None:
    questions, gate = Questions(), threading.Event()
    asked = [asyncio.ensure_future(questions.ask("student", gate.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await questions.ask("student", gate.wait, 10)
    assert await questions.ask("classmate", lambda: "answered") == "answered"
    gate.set()
    await asyncio.gather(*asked)


async def test_one_person_s_questions_take_turns() -> None:
    """One that runs is waited for although nobody waits for its answer any more."""
    questions, came, gate, running = Questions(), threading.Event(), threading.Event(), []

    def question(number: int) -> int:
        running.append(number)
        came.set()
        gate.wait(10)
        return number

    asked = [asyncio.ensure_future(questions.ask("student", question, number)) for number in range(2)]
    await asyncio.to_thread(came.wait, 10)
    asked[0].cancel()
    await asyncio.sleep(0.1)
    assert running == [0]
    gate.set()
    assert await asked[1] == 1
    assert not questions.pending


async def test_whose_turn_does_not_come_is_told_so(monkeypatch) -> None:
    questions, began, gate = Questions(), threading.Event(), threading.Event()

    def question() -> None:
        began.set()
        gate.wait(10)

    first = asyncio.ensure_future(questions.ask("student", question))
    await asyncio.to_thread(began.wait, 10)
    monkeypatch.setattr(asking, "WAITING_SECONDS_MAX", 0.1)
    with pytest.raises(Busy):
        await questions.ask("student", gate.wait, 10)
    assert questions.pending == 1
    gate.set()
    await first


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
    assert questions.pending == asking.AT_ONCE
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


def test_it_is_behind_what_people_wait_for(monkeypatch) -> None:
    """As a process, and as the group that its session is where the kernel has such groups."""
    stand_in(monkeypatch, "read text; nice; cat /proc/self/autogroup")
    nice, *group = ask_ruff("check", [], "x\n").output.decode().splitlines()
    assert int(nice) == ruff.NICE
    if group and os.geteuid() == 0:  # others are let do so ten times a second
        assert group[0].endswith(f" nice {ruff.NICE}")
