"""What the warden finds, and how it is told: by a program and to an address that are really there."""

from __future__ import annotations

import asyncio
import http.server
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from marks.models import State
from operations import alarms, heartbeat, probe, telling, watch
from operations.alarms import Letter
from operations.backups import making
from operations.watch import Watch
from sandbox.outcome import Ended, Outcome
from tests.operations.supervisor import AnsweringSupervisor

WRITE = "import sys; open(sys.argv[1], 'a').write(sys.stdin.readline())"
FINE = {
    "kind": "ended",
    "outcome": Outcome(Ended.FINISHED, 0, None, cpu_seconds=0.0, wall_seconds=0.0, memory_bytes=None).as_message(),
}


@pytest.fixture(autouse=True)
def _nothing_is_set(settings) -> None:
    settings.IVLE_ALARM_COMMAND = ()
    settings.IVLE_ALARM_WEBHOOK = ""
    settings.IVLE_ALARM_AFTER_SECONDS = 60


@pytest.fixture
def told(settings, tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    """A program is told, and writes it down."""
    file = tmp_path / "told"
    settings.IVLE_ALARM_COMMAND = (sys.executable, "-c", WRITE, str(file))
    return lambda: [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server: Any = self.server
        server.got.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook(settings) -> Iterator[Any]:
    server: Any = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    server.got, server.status = [], 204
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.IVLE_ALARM_WEBHOOK = f"http://bot:s%40y@127.0.0.1:{server.server_port}/hook?room=ops"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def signs(of: Watch | None = None) -> dict[str, str | None]:
    return async_to_sync((of or Watch()).signs)()


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """By the clock of the watch alone."""
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: 1e6 + seconds, time=time.time))


def troubles() -> set[str]:
    return {sign for sign, sentence in signs().items() if sentence}


def test_where_all_is_well_every_sign_is_known(db, supervisor: AnsweringSupervisor) -> None:
    supervisor.run = FINE
    found = signs()
    assert set(found) == set(alarms.SIGNS)
    assert not any(found.values())


def test_a_supervisor_that_is_away_says_nothing_of_its_queue(db, settings) -> None:
    found = signs()
    assert found["supervisor"]
    assert not {"queue", "consoles", "jails", "crashing", "interpreter"} & set(found)


def test_backups_that_are_not_made_any_more(db, supervisor: AnsweringSupervisor, settings) -> None:
    supervisor.run = FINE
    note = settings.IVLE_DATA / making.LAST
    for age, is_trouble in ((timedelta(hours=30), False), (timedelta(days=3), True)):
        note.write_text(json.dumps({"made": (datetime.now(UTC) - age).isoformat()}))
        assert ("backup" in troubles()) is is_trouble


def test_a_queue_that_is_full(db, supervisor: AnsweringSupervisor, settings) -> None:
    supervisor.run = FINE
    supervisor.answer["waiting"] = int(settings.IVLE_RUNS_WAITING * 0.9) + 1
    supervisor.answer["sessions"] = settings.IVLE_CONSOLES_MAX
    assert troubles() == {"queue", "consoles"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"kind": "failed", "text": "no jail was ready in time"}, "could not be run: no jail was ready in time"),
        ({**FINE, "outcome": {**FINE["outcome"], "exit_status": 2}}, "ended as “finished”"),
        ({**FINE, "outcome": {**FINE["outcome"], "ended": "memory", "exit_status": None}}, "ended as “memory”"),
    ],
)
def test_jails_that_do_not_start(db, supervisor: AnsweringSupervisor, answer: dict[str, Any], words: str) -> None:
    supervisor.run = answer
    assert words in (signs()["jails"] or "")


def test_a_jail_that_hangs(db, supervisor: AnsweringSupervisor, monkeypatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE_SECONDS", 0.1)
    assert "was not run within" in (signs()["jails"] or "")


def test_a_probe_that_waits_says_nothing_of_jails(db, supervisor: AnsweringSupervisor, monkeypatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE_SECONDS", 0.1)
    supervisor.owners = {probe.OWNER: {"running": 0, "waiting": 1, "services": 0}}
    assert "jails" not in signs()


def test_a_machine_short_of_memory(db, supervisor: AnsweringSupervisor, monkeypatch) -> None:
    """Whoever waits is sent away and comes back, so that at some looks nobody does."""
    supervisor.run = FINE
    watching = Watch()
    for waiting, seconds, is_short in ((0, 0, False), (1, 5, True), (0, 10, True), (0, 40, False)):
        supervisor.answer["waiting_for_memory"] = waiting
        at(monkeypatch, seconds)
        assert bool(signs(watching)["memory"]) is is_short


def test_a_probe_that_finds_no_memory(db, supervisor: AnsweringSupervisor) -> None:
    supervisor.run = {"kind": "machine_short", "text": "later", "retry_after_seconds": 5, "ahead": 0}
    found = signs()
    assert "short of memory" in (found["memory"] or "")
    assert "jails" not in found


def test_no_turn_though_nothing_may_wait(db, supervisor: AnsweringSupervisor, settings, monkeypatch) -> None:
    settings.IVLE_RUNS_WAITING = 0
    watching = Watch()
    busy = {"kind": "busy", "text": "later", "retry_after_seconds": 3}
    answers = ((busy, 0), (FINE, 100), (busy, 200), (busy, 450), (busy, 510), (FINE, 600))
    for answer, seconds in answers:
        supervisor.run = answer
        at(monkeypatch, seconds)
        assert bool(signs(watching)["queue"]) is (seconds == 510)


def test_a_probe_that_finds_no_turn_says_nothing_of_jails(db, supervisor: AnsweringSupervisor) -> None:
    supervisor.run = {"kind": "busy", "text": "later", "retry_after_seconds": 3}
    assert "jails" not in signs()


def test_the_probe_is_seldom(db, supervisor: AnsweringSupervisor) -> None:
    supervisor.run = FINE
    watching = Watch()
    for _ in range(3):
        assert signs(watching)["jails"] is None
    assert [message["kind"] for message in supervisor.asked].count("run") == 1


def test_an_interpreter_that_keeps_dying(db, supervisor: AnsweringSupervisor) -> None:
    status = supervisor.reply({"kind": "status"})
    watching = Watch()
    nursery = status["consoles"]["python"]
    assert watching.sign_of_deaths(status, 0.0) is None
    nursery["zygote_deaths"] = 3
    assert "died 3 times" in (watching.sign_of_deaths(status, 10.0) or "")
    assert watching.sign_of_deaths(status, 10.0 + watch.DEATHS_SECONDS + 1) is None
    status["counts"]["boot"] = "another"  # begins to count anew
    nursery["zygote_deaths"] = 30
    assert watching.sign_of_deaths(status, 500.0) is None


def test_marking_that_is_stuck(db, supervisor: AnsweringSupervisor, attempt, settings) -> None:
    supervisor.run = FINE
    attempt(State.WAITING, minutes=settings.IVLE_ALARM_MARKING_MINUTES - 1)
    assert troubles() == set()
    attempt(State.MARKING, minutes=settings.IVLE_ALARM_MARKING_MINUTES + 1)
    assert troubles() == {"marking"}


def test_it_is_told_once_and_once_when_it_is_over(supervisor, told) -> None:
    """By a warden that is restarted with each look."""
    for second in range(0, 1000, 5):
        watching = Watch()
        watching.note({"disk": "it is full" if second < 500 else None}, 1e9 + second)
        if second % 100 == 0:
            asyncio.run(watching.tell())
    assert [(letter["state"], letter["sentence"]) for letter in told()] == [
        ("trouble", "it is full"), ("over", "it is full"),
    ]  # fmt: skip
    assert told()[0]["since"] == "2001-09-09T01:46:40+00:00"
    assert told()[0]["id"] != told()[1]["id"]


def test_an_alarm_is_in_the_log_whether_anybody_is_told_or_not(supervisor, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        watching = Watch()
        for second in (0, 60, 120, 180):
            watching.note({"disk": "it is full" if second < 100 else None}, 1e9 + second)
    assert [record.getMessage() for record in caplog.records] == ["Alarm: it is full", "It is over: it is full"]
    assert watching.known().letters == []


def test_the_address_is_posted_to(supervisor, webhook) -> None:
    watching = Watch()
    watching.known().letters.append(Letter(telling.WEBHOOK, {"sign": "disk"}))
    asyncio.run(watching.tell())
    [(path, headers, body)] = webhook.got
    assert (path, body) == ("/hook?room=ops", {"sign": "disk"})
    assert headers["Host"] == f"127.0.0.1:{webhook.server_port}"
    assert headers["Authorization"] == "Basic Ym90OnNAeQ=="
    assert watching.known().letters == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_address_that_refuses_is_tried_again_later_and_at_last_given_up(supervisor, webhook, status: int) -> None:
    webhook.status = status
    letter = Letter(telling.WEBHOOK, {"sign": "disk"})
    now, tries = 1e9, 0
    while not asyncio.run(telling.try_once(letter, now)):
        tries += 1
        assert letter.due > now
        now = letter.due
    assert tries == len(telling.PAUSES_SECONDS)
    assert len(webhook.got) == tries + 1


def test_a_new_alarm_does_not_wait_behind_an_old_one(supervisor, webhook) -> None:
    watching = Watch()
    old = Letter(telling.WEBHOOK, {"sign": "disk", "n": 1}, tries=3, due=time.time() + 200)
    watching.known().letters += [
        old, Letter(telling.WEBHOOK, {"sign": "disk", "n": 2}), Letter(telling.WEBHOOK, {"sign": "queue"}),
    ]  # fmt: skip
    asyncio.run(watching.tell())
    assert [body["sign"] for _, _, body in webhook.got] == ["queue"]
    old.due = time.time() + 1e6  # the clock was set back
    asyncio.run(watching.tell())
    assert [body.get("n") for _, _, body in webhook.got] == [None, 1, 2]


def test_one_way_that_fails_does_not_hold_up_the_other(supervisor, webhook, settings) -> None:
    settings.IVLE_ALARM_COMMAND = ("/there/is/no/such/program",)
    watching = Watch()
    watching.note({"disk": "it is full"}, 1e9)
    watching.note({"disk": "it is full"}, 1e9 + 60)
    asyncio.run(watching.tell())
    assert len(webhook.got) == 1
    [left] = watching.known().letters
    assert (left.hook, left.tries) == (telling.COMMAND, 1)
    assert left.due > time.time()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/there/is/no/such/program",), "cannot be started"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "status 3"),
        (("sleep", "60"), "did not end within"),
        ((sys.executable, "-c", "import os, time; os.fork() or os.setsid(); time.sleep(60)"), "did not end within"),
    ],
)
def test_a_program_that_fails_or_hangs(settings, monkeypatch, command: tuple[str, ...], words: str) -> None:
    monkeypatch.setattr(telling, "COMMAND_SECONDS", 1.0)
    settings.IVLE_ALARM_COMMAND = command
    with pytest.raises(telling.NotTold, match=words):
        asyncio.run(telling.send(telling.COMMAND, {"sign": "disk"}))


def test_a_program_that_does_not_read_and_prints_without_end_does_no_harm(settings) -> None:
    settings.IVLE_ALARM_COMMAND = (sys.executable, "-c", "print('x' * 10_000_000)")
    asyncio.run(telling.send(telling.COMMAND, {"sign": "disk", "sentence": "x" * 1_000_000}))


def test_a_program_is_given_no_secret(settings, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("IVLE_SECRET_KEY", "love-letter")
    code = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))"
    settings.IVLE_ALARM_COMMAND = (sys.executable, "-c", code, str(tmp_path / "environ"))
    asyncio.run(telling.send(telling.COMMAND, {}))
    environ = (tmp_path / "environ").read_text()
    assert "PATH" in environ
    assert "love-letter" not in environ


async def drip(writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("answers", ["never", "drop by drop", "nonsense"])
def test_an_address_that_makes_us_wait(settings, monkeypatch, answers: str) -> None:
    monkeypatch.setattr(telling, "WEBHOOK_SECONDS", 0.5)

    talks: list[Any] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        with closing(writer):
            if answers == "drop by drop":
                await drip(writer)
            elif answers == "nonsense":
                writer.write(b"\r\n" * 10)
            else:
                await reader.read()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        settings.IVLE_ALARM_WEBHOOK = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(telling.NotTold):
            await asyncio.wait_for(telling.send(telling.WEBHOOK, {}), 3)
        server.close()
        await asyncio.gather(*talks)

    asyncio.run(main())


def test_letters_that_nobody_takes_are_bounded(supervisor, settings) -> None:
    settings.IVLE_ALARM_COMMAND = ("/there/is/no/such/program",)
    watching = Watch()
    for second in (0, 60):
        watching.note({f"sign{number}": "it is full" for number in range(300)}, 1e9 + second)
    assert len(watching.known().letters) == watch.LETTERS_MAX


def test_where_nothing_can_be_written_it_is_told_all_the_same(settings, told, caplog) -> None:
    """There is no folder for the book."""
    watching = Watch()
    for second in range(0, 100, 5):
        watching.note({"disk": "it is full"}, 1e9 + second)
    asyncio.run(watching.tell())
    assert [letter["state"] for letter in told()] == ["trouble"]
    assert [record.getMessage()[:17] for record in caplog.records].count("Alarms cannot be ") == 1


def test_a_disk_that_hangs_holds_nothing_up(supervisor, told, monkeypatch) -> None:
    monkeypatch.setattr(watch, "ANSWER_SECONDS", 0.05)
    let_go = threading.Event()

    def hang(_: object) -> None:
        assert let_go.wait(5), "it was waited for"

    monkeypatch.setattr(alarms, "write", hang)
    watching = Watch()
    for second in (0, 60):
        watching.note({"disk": "it is full"}, 1e9 + second)
    asyncio.run(watching.tell())
    let_go.set()
    assert [letter["state"] for letter in told()] == ["trouble"]


def test_what_changes_while_the_disk_hangs_is_written_once_it_is_back(supervisor, monkeypatch) -> None:
    monkeypatch.setattr(watch, "ANSWER_SECONDS", 0.05)
    let_go, write, texts = threading.Event(), alarms.write, []

    def hang(text: str) -> None:
        assert let_go.wait(20)
        texts.append(text)
        write(text)

    monkeypatch.setattr(alarms, "write", hang)
    watching = Watch()
    for second in (0, 60):
        watching.note({"disk": "it is full"}, 1e9 + second)
    assert watching.writing.asked is not None
    let_go.set()
    watching.writing.asked.result(20)
    monkeypatch.setattr(watch, "ANSWER_SECONDS", 20)
    for second in (65, 70):  # nothing is new
        watching.note({"disk": "it is full"}, 1e9 + second)
    assert [alarm.sign for alarm in alarms.read_told()] == ["disk"]
    assert len(texts) == 2


def test_an_answer_about_an_earlier_text_is_not_taken_for_this_one(supervisor, monkeypatch) -> None:
    watching = Watch()
    monkeypatch.setattr(watching.writing, "ask", lambda: "of an earlier book")
    watching.note({"disk": "it is full"}, 1e9)
    assert not watching.is_written


def test_the_command_sends_a_test(told, webhook, capsys) -> None:
    call_command("alarm", "--test")
    assert [letter["state"] for letter in told()] == ["test"]
    assert webhook.got[0][2]["sentence"] == "This is a test. Nothing is wrong."
    assert capsys.readouterr().out == "command: told.\nwebhook: told.\n"


def test_the_command_says_what_did_not_work(settings, webhook, capsys) -> None:
    webhook.status = 500
    with pytest.raises(CommandError):
        call_command("alarm", "--test")
    assert capsys.readouterr().out == "webhook: not told, it answered 500.\n"


def test_the_command_without_anybody_to_tell() -> None:
    with pytest.raises(CommandError, match="IVLE_ALARM_COMMAND"):
        call_command("alarm", "--test")


def test_the_command_lists_what_is_not_over(supervisor, capsys) -> None:
    watching = Watch()
    for second in (0, 60):
        watching.note({"disk": "it is full", "queue": None}, 1e9 + second)
    call_command("alarm")
    assert "disk  it is full" in capsys.readouterr().out


async def test_a_beat(settings) -> None:
    (settings.IVLE_DATA / "run").mkdir()
    assert heartbeat.age_seconds() is None
    await heartbeat.beat()
    age = heartbeat.age_seconds()
    assert age is not None
    assert age < heartbeat.LATE_SECONDS
