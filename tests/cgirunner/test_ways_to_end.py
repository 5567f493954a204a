"""Limits, crashes and our own failures: what the browser gets before the first byte and after it."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Awaitable, Callable

import pytest
from django.db import OperationalError

from sandbox.outcome import Ended
from tests.cgirunner.conftest import WAIT, Exchange, Gate

HTML = "print('Content-Type: text/html\\n\\n<p>one', flush=True)\n"
KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def let_go_after(output: bytes, gate: Gate) -> Callable[[Exchange], Awaitable[None]]:
    """What a program does behind its WAIT, it does once the browser has this."""

    async def story(exchange: Exchange) -> None:
        await exchange.until(lambda reply: reply.status and reply.body == output)
        await gate.open()

    return story


@pytest.mark.parametrize(
    ("ended", "status", "sentence"),
    [
        (Ended.CPU, 504, "The program used its CPU second and was stopped. Is there a loop that never ends?"),
        (Ended.WALL, 504, "The program was stopped after 10 seconds. Was it waiting for something?"),
        (Ended.MEMORY, 500, "The program wanted more than its 256 MB of memory and was stopped."),
        (Ended.KILLED, 500, "The program was stopped from outside."),
        (Ended.CRASHED, 500, "The program crashed: Killed."),
    ],
)
class TestStopped:
    def test_before_it_printed(self, run, supervisor, ended, status, sentence) -> None:
        supervisor.ended = ended
        reply = run(f"import sys; print('<oops>', file=sys.stderr); {KILLED}")
        assert (reply.status, reply.whole, reply["Content-Type"]) == (status, True, "text/html; charset=utf-8")
        assert sentence in reply.text
        assert "&lt;oops&gt;" in reply.text

    def test_a_visitor_gets_one_sentence(self, anybody, home, supervisor, ended, status, sentence) -> None:
        supervisor.ended = ended
        home.write("program.py", f"import sys; print('oops', file=sys.stderr); {KILLED}")
        home.publish()
        reply = anybody.ask("/~student/program.py")
        assert (reply.status, sentence in reply.text, "oops" in reply.text) == (status, True, False)

    def test_while_text_streams(self, owner, home, gate, supervisor, ended, status, sentence) -> None:
        supervisor.ended = ended
        home.write("program.py", f"print('one')\n{WAIT}\n{KILLED}")
        reply = owner.during("/serve/student/program.py", let_go_after(b"one\n", gate))
        assert (reply.status, reply.whole, reply.text) == (200, True, f"one\n\n\n[ivle] {sentence}\n")

    def test_while_html_streams(self, owner, home, gate, supervisor, ended, status, sentence) -> None:
        supervisor.ended = ended
        home.write("program.py", f"{HTML}{WAIT}\n{KILLED}")
        reply = owner.during("/serve/student/program.py", let_go_after(b"<p>one\n", gate))
        assert (reply.status, reply.body, reply.whole, reply.aborted) == (200, b"<p>one\n", False, True)


def test_a_failure_without_output(run) -> None:
    reply = run("raise SystemExit(3)")
    assert (reply.status, "exit status 3" in reply.text) == (500, True)


def test_a_visitor_never_sees_standard_error(anybody, home) -> None:
    home.write("silent.py", "1 / 0")
    home.write("loud.py", "print('one'); 1 / 0")
    home.publish()
    silent, loud = anybody.ask("/~student/silent.py?report"), anybody.ask("/~student/loud.py?report")
    assert (silent.status, loud.status, loud.body) == (500, 200, b"one\n")
    assert "ZeroDivisionError" not in silent.text + loud.text
    assert "Traceback" not in silent.text


class TestOutputLimit:
    @pytest.fixture(autouse=True)
    def limits(self, settings) -> None:
        settings.CGI_LIMITS = dataclasses.replace(settings.CGI_LIMITS, output_bytes=100_000)

    def test_text_is_cut_with_a_note(self, run, supervisor) -> None:
        reply = run("while True: print('0123456789' * 100)")
        text, _, note = reply.text.partition("\n\n[ivle] ")
        assert (len(text), note) == (
            100_000,
            "The program wrote more than 0.1 MB. The rest was cut off and the program stopped.\n",
        )
        assert (reply.status, reply.whole) == (200, True)
        assert supervisor.stops == ["output"]

    def test_html_is_broken_off(self, run) -> None:
        reply = run(HTML + "while True: print('0123456789' * 100)")
        assert (reply.whole, reply.aborted, reply.body.startswith(b"<p>one\n0123")) == (False, True, True)

    def test_standard_error_counts(self, run, supervisor) -> None:
        run("import sys\nwhile True: sys.stderr.write('0123456789' * 100)")
        assert supervisor.stops == ["output"]


def test_of_standard_error_the_beginning_is_kept(run) -> None:
    reply = run("import sys; sys.stderr.write('start' + 'x' * 1_000_000 + 'end'); sys.exit(1)")
    assert ("startx" in reply.text, "xend" in reply.text) == (True, False)
    assert len(reply.body) < 80_000


@pytest.mark.parametrize(
    ("answer", "status", "sentence", "detail"),
    [
        ({"kind": "busy", "text": "full", "retry_after_seconds": 7}, 503, "Try again in 7 seconds.", ""),
        ({"kind": "unavailable", "text": "no user namespaces"}, 503, "cannot run programs", "no user namespaces"),
        ({"kind": "failed", "text": "zygote died"}, 502, "ivle&#x27;s fault", "zygote died"),
        ({"kind": "refused", "text": "no such home"}, 502, "ivle&#x27;s fault", "no such home"),
        ({"kind": "nonsense"}, 502, "ivle&#x27;s fault", "nonsense"),
    ],
)
def test_our_own_failures(run, anybody, home, supervisor, answer, status, sentence, detail) -> None:
    supervisor.answer = answer
    home.publish()
    seen, public = run("print('x')"), anybody.ask("/~student/program.py")
    for reply in (seen, public):
        assert (reply.status, sentence in reply.text, reply.whole) == (status, True, True)
        assert reply["Retry-After"] == ("7" if answer["kind"] == "busy" else None)
    assert detail in seen.text
    assert not detail or detail not in public.text


def test_the_sandbox_vanishes(owner, home, gate, supervisor) -> None:
    supervisor.vanishes = True
    home.write("program.py", f"print('one', flush=True)\n{WAIT}")
    reply = owner.during("/serve/student/program.py", let_go_after(b"one\n", gate))
    assert reply.text.startswith("one\n\n\n[ivle] ivle could not run the program.")


def test_no_sandbox(run, settings) -> None:
    settings.IVLE_SANDBOX_SOCKET = settings.IVLE_DATA / "none.sock"
    assert run("print('x')").status == 502


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (OperationalError("database is locked"), "The database does not answer at the moment."),
        (OSError(errno.EMFILE, "Too many open files"), "Very many people are here at the moment."),
    ],
)
def test_what_the_machine_is_short_of(owner, home, monkeypatch, fault, sentence) -> None:
    def fail(*_arguments: object) -> None:
        raise fault

    home.write("program.py", "print()")
    monkeypatch.setattr("cgirunner.asgi.serve_visit", fail)
    reply = owner.ask("/serve/student/program.py")
    assert (reply.status, reply["Retry-After"]) == (503, "10")
    assert sentence in reply.text


def test_a_home_that_cannot_be_opened_for_want_of_descriptors_is_there(owner, home, monkeypatch) -> None:
    """What is only short must not be said to be gone."""

    def fail(*_arguments: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    home.write("program.py", "print()")
    monkeypatch.setattr("cgirunner.visit.open_home", fail)
    assert owner.ask("/serve/student/program.py").status == 503


def test_not_even_a_page_can_be_made(owner, home, monkeypatch) -> None:
    def fail(*_arguments: object, **_settings: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    home.write("program.py", "print()")
    monkeypatch.setattr("cgirunner.visit.open_home", fail)
    monkeypatch.setattr("cgirunner.notice.render_now", fail)
    reply = owner.ask("/serve/student/program.py")
    assert (reply.status, reply["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert reply.text.startswith("Very many people are here at the moment.")
