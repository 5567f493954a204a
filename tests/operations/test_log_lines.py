"""What the log says, and above all what it does not: nothing of a student's, no secret, no line that is not ours."""

from __future__ import annotations

import contextvars
import json
import logging
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve
from twisted.logger import LogLevel
from twisted.python.failure import Failure

from accounts import request_note
from operations import log_hooks
from operations.log_lines import JsonLines, TextLines, program_name, without_secrets
from sandbox.faults import SandboxError

FORMATTERS = [TextLines(), JsonLines()]
HOSTILE = [
    "x\n2026-01-01 CRITICAL root: all is lost",
    "x\r\x1b[2J\x1b]0;title\x07",
    "x\x00\x85\u2028\u2029\u202e",
    '", "level": "CRITICAL", "x": "',
    "\udc80",
]
UNDER_DAPHNE = """
import logging
from daphne.server import Server, reactor
from django.conf import settings
settings.configure()
from operations import log_hooks
from twisted.logger import Logger

class Lines(logging.Formatter):
    def format(self, record):
        kind = record.exc_info[0].__name__ if record.exc_info else "nothing"
        return f"{record.levelname} {record.name}: {record.getMessage()} {kind}"

def fail():
    try:
        raise ValueError("love letter")
    except ValueError:
        Logger().failure("Unhandled")
    reactor.stop()

handler = logging.StreamHandler()
handler.setFormatter(Lines())
logging.getLogger("twisted").addHandler(handler)
log_hooks.observe_twisted()
soon = lambda: reactor.callLater(0, fail)
Server(None, endpoints=["tcp:0:interface=127.0.0.1"], signal_handlers=False, ready_callable=soon, verbosity=0).run()
"""


def line(formatter: logging.Formatter, message: str, *args: object, **extra: Any) -> str:
    fault = extra.pop("fault", None)
    record = logging.LogRecord("files.saving", logging.ERROR, "file.py", 1, message, args, None)
    if fault is not None:
        record.exc_info = (type(fault), fault, fault.__traceback__)
    record.name = extra.pop("logger", record.name)
    vars(record).update(extra)
    return formatter.format(record)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as fault:
        return fault


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_nobody_writes_a_line_of_their_own(formatter: logging.Formatter, hostile: str) -> None:
    """Neither by a message, nor a field, nor the words of a fault."""
    said = line(formatter, "%s was not saved", hostile, client=hostile, fault=raised(SandboxError(hostile)))
    first, *others = said.split("\n")
    assert all(other.startswith("    ") for other in others)
    assert all(part.isprintable() for part in (first, *others))
    said.encode()
    if isinstance(formatter, JsonLines):
        assert not others
        assert json.loads(first)["level"] == "ERROR"


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("cannot open /srv/ivle/homes/student/love-letter.py", "love-letter"),
        ("cannot open '/srv/ivle/homes/student/a love letter.py'", "letter"),
        ("cannot open '/srv/ivle/homes/student/it's a love letter.py'", "letter"),
        ('cannot open "/srv/ivle/homes/student/it\'s a love letter.py"', "letter"),
        ("can't open /srv/ivle/homes/student/it's a\nlove letter.py", "letter"),
        ("x " * 985 + "postgres://ivle:love-letter-to-everybody@db/ivle is gone", "love"),
        ("cannot open '/srv/ivle/trash/student/3/love-letter.py'", "love-letter"),
        ("no such token: ivle_abcdefghijklmnop1234", "abcdefgh"),
        ("GET /files/?path=love-letter.py&token=1", "love-letter"),
        ("postgres://ivle:love-letter@db/ivle is gone", "love-letter"),
    ],
)
def test_what_is_cut_out_of_messages(formatter: logging.Formatter, message: str, secret: str) -> None:
    assert secret not in line(formatter, message)
    assert secret not in line(formatter, "%s", message)


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    "error",
    [
        ValueError("invalid literal for int(): 'love letter'"),
        KeyError("love letter"),
        FileNotFoundError(2, "No such file or directory", "/srv/ivle/homes/student/love letter.py"),
        UnicodeDecodeError("utf-8", b"love letter", 0, 1, "love letter"),
        SyntaxError("love letter", ("love letter.py", 1, 1, "love letter")),
    ],
)
def test_of_a_fault_the_kind_and_the_place(formatter: logging.Formatter, error: Exception) -> None:
    said = line(formatter, "it failed", fault=raised(RuntimeError("love letter"), raised(error)))
    assert "love" not in said
    assert type(error).__qualname__ in said
    assert "tests/operations/test_log_lines.py:" in said


def test_the_system_s_own_words_are_told() -> None:
    fault = raised(PermissionError(13, "Permission denied", "/srv/ivle/homes/student/love-letter.py"))
    assert "PermissionError: Permission denied" in line(TextLines(), "it failed", fault=fault)


@pytest.mark.parametrize(
    ("logger", "message", "args"),
    [
        ("daphne.server", "Exception inside application: %s", (ValueError("love letter"),)),
        ("daphne.server", "Application instance %r for connection %s took too long", ("love", "<love /letter>")),
        ("daphne.http_protocol", "Traceback (most recent call last):\n  ValueError: love letter", ()),
        ("autobahn.websocket", "%(love)s", ({"love": "love letter"},)),
    ],
)
def test_of_libraries_that_quote_requests_the_template_alone(logger: str, message: str, args: Any) -> None:
    said = line(TextLines(), message, *args, logger=logger)
    assert "love letter" not in said
    assert "<love" not in said
    if args and isinstance(args[0], ValueError):
        assert "Exception inside application: %s (ValueError)" in said


def test_a_long_text_costs_no_time() -> None:
    """Before, each sign of a path was a beginning from which all others were looked at: minutes for so many."""
    for sign in ("/", "a/", "'", "?", "//x", "ivle_"):
        began = time.process_time()
        without_secrets(sign * 200_000)
        assert time.process_time() - began < 0.5, sign


def test_what_twisted_and_python_would_print_are_lines_of_the_log(caplog) -> None:
    failure = Failure(raised(ValueError("love letter")))
    log_hooks.on_event({"log_level": LogLevel.critical, "log_failure": failure, "log_format": "Unhandled, 100 %"})
    log_hooks.on_event({"log_level": LogLevel.info, "log_format": "love letter"})
    fault = failure.value
    about = SimpleNamespace(exc_type=ValueError, exc_value=fault, exc_traceback=fault.__traceback__, object="love")
    log_hooks.on_unraisable(about)
    log_hooks.on_end_of_thread(about)  # type: ignore[arg-type]
    log_hooks.on_end(ValueError, fault, fault.__traceback__)
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [one["level"] for one in lines] == ["CRITICAL", "ERROR", "ERROR", "CRITICAL"]
    assert lines[0]["message"] == "Unhandled, 100 %"
    assert all(one["fault"][0]["kind"] == "ValueError" and one["fault"][0]["at"] for one in lines)
    assert "love" not in json.dumps(lines)


def test_twisted_s_failures_are_one_line_each_under_daphne_too() -> None:
    """In a process of its own, as Twisted's log begins once in each."""
    ran = subprocess.run([sys.executable, "-c", UNDER_DAPHNE], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "CRITICAL twisted: Unhandled ValueError\n")


def test_the_programs_of_a_site_have_those_hooks(monkeypatch) -> None:
    for holder, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(holder, name, getattr(holder, name))
    monkeypatch.setattr(log_hooks, "observe_twisted", lambda: None)
    monkeypatch.setattr(sys, "argv", ["/srv/ivle/ivle/web.py"])
    log_hooks.set_up()
    assert sys.excepthook is log_hooks.on_end
    assert sys.unraisablehook is log_hooks.on_unraisable
    assert threading.excepthook is log_hooks.on_end_of_thread


def test_a_loop_says_nothing_of_what_its_tasks_stumbled_over() -> None:
    message = "Task exception was never retrieved\nfuture: <Task finished exception=ValueError('love letter')>"
    assert "love" not in line(TextLines(), message, logger="asyncio")


def test_django_s_messages_have_the_pattern_of_an_address() -> None:
    request = RequestFactory().get("/files/?path=love-letter")
    request.resolver_match = resolve("/files/")
    said = line(
        JsonLines(), "Internal Server Error: %s", "/files/love-letter",
        request=request, status_code=500, logger="django.request",
    )  # fmt: skip
    assert "love" not in said
    assert json.loads(said)["message"] == "500 error at /files/"


def test_only_fields_that_are_known_are_told() -> None:
    told = json.loads(line(JsonLines(), "a request", room="serve", status=200, source="print(1)"))
    assert (told["room"], told["status"]) == ("serve", 200)
    assert "source" not in told


def test_a_line_says_for_which_request_and_whom() -> None:
    def in_a_request() -> dict[str, Any]:
        request_note.begin("0123456789abcdef")
        request_note.note_person(7)
        request_note.note_job("aabbccddeeff")
        found: dict[str, Any] = json.loads(line(JsonLines(), "it happened"))
        return found

    told = contextvars.copy_context().run(in_a_request)
    assert (told["request"], told["person"], told["jobs"]) == ("0123456789abcdef", 7, ["aabbccddeeff"])


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["/srv/ivle/ivle/web.py", "--fd", "3"], "web"),
        (["manage.py", "marker"], "marker"),
        (["manage.py"], "manage"),
        (["manage.py", "../x"], "manage"),
        ([], ""),
    ],
)
def test_which_program_says_it(argv: list[str], name: str) -> None:
    assert program_name(argv) == name
