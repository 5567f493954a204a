"""Every request has an id, is counted and has its line in the log."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from accounts import request_note
from operations import web_counts
from operations.log_lines import JsonLines
from operations.requests import Watched, request_id

PROXY_ID = b"f0f0-1234.ABC_9"


def scope(kind: str = "http", *headers: tuple[bytes, bytes], path: str = "/serve/student/love-letter.py") -> dict:
    return {
        "type": kind, "method": "GET", "path": path, "headers": list(headers), "client": ["10.0.0.9", 4000],
        "query_string": b"love=letter",
    }  # fmt: skip


def answering(*messages: dict[str, Any], room: str = "serve") -> Any:
    async def application(scope: dict, receive: Any, send: Any) -> None:
        scope["ivle.room"] = room
        request_note.note_person(7)
        request_note.note_job("aabbccddeeff")
        for message in messages:
            await send(message)

    return application


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


BODY = {"type": "http.response.body", "body": b"12345"}


def call(application: Any, scope: dict) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Watched(application)(scope, None, send))
    return sent


def counted(name: str) -> float:
    return sum(of_one[name] for of_one in web_counts.all_counts().values())


@pytest.fixture(autouse=True)
def folder(settings) -> None:
    (settings.IVLE_DATA / "run").mkdir()


def test_the_answer_has_the_id_and_no_program_makes_one_up() -> None:
    [head, _] = call(answering(start(200, (b"X-Request-Id", b"mine"), (b"a", b"b")), BODY), scope())
    ids = [value for name, value in head["headers"] if name.lower() == b"x-request-id"]
    assert len(ids) == 1
    assert len(ids[0]) == 16
    assert (b"a", b"b") in head["headers"]


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, [PROXY_ID], True),
        (0, [PROXY_ID], False),  # anybody may have written it
        (1, [PROXY_ID, PROXY_ID], False),
        (1, [b"short"], False),
        (1, [b"x" * 65], False),
        (1, [b"12345678\n"], False),
        (1, [b"1234\x1b[2J5678"], False),
        (1, [b"12345678 level=ERROR"], False),
        (1, ["12345678é".encode()], False),
        (1, [], False),
    ],
)
def test_a_proxy_s_id_is_taken_where_it_can_be_nothing_else(proxies: int, given: list[bytes], is_taken: bool) -> None:
    found = request_id([(b"x-request-id", value) for value in given], proxies)
    assert (found == PROXY_ID.decode()) is is_taken
    assert is_taken or len(found) == 16


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_the_line_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    log, handler = logging.getLogger("ivle.requests"), Lines()
    monkeypatch.setattr(log, "handlers", [handler])
    monkeypatch.setattr(log, "level", logging.INFO)
    log.manager._clear_cache()
    [head, _] = call(answering(start(201), BODY), scope())
    lines = handler.lines
    told = json.loads(lines[0])
    assert {name: told[name] for name in ("room", "method", "status", "bytes", "client", "person", "jobs")} == {
        "room": "serve", "method": "GET", "status": 201, "bytes": 5, "client": "10.0.0.9", "person": 7,
        "jobs": ["aabbccddeeff"],
    }  # fmt: skip
    assert (b"x-request-id", told["request"].encode()) in head["headers"]
    assert "love" not in lines[0]


@pytest.mark.parametrize(
    ("kind", "messages", "name"),
    [
        ("http", [start(204), BODY], "requests serve 2xx"),
        ("http", [start(503), BODY], "requests serve 5xx"),
        ("http", [], "requests serve left"),
        ("websocket", [{"type": "websocket.accept"}, {"type": "websocket.close"}], "requests socket 1xx"),
        ("websocket", [{"type": "websocket.close"}], "requests socket 4xx"),
        ("websocket", [{"type": "websocket.http.response.start", "status": 400}], "requests socket 4xx"),
    ],
)
def test_it_is_counted_by_room_and_status(kind: str, messages: list[dict[str, Any]], name: str) -> None:
    call(answering(*messages), scope(kind))
    assert counted(name) == 1


def test_the_api_is_a_room_of_its_own() -> None:
    call(answering(start(), room="site"), scope(path="/api/files/love"))
    assert counted("requests api 2xx") == 1


def test_one_that_fails_is_counted_and_fails() -> None:
    async def fail(scope: dict, receive: Any, send: Any) -> None:
        await send(start(200))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        call(fail, scope())
    assert counted("requests none 2xx") == 1


def test_waiting_ends_with_the_beginning_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((100.0, 100.4, 900.0))
    monkeypatch.setattr("operations.requests.time", SimpleNamespace(monotonic=lambda: next(clock)))
    call(answering(start(), BODY), scope())
    assert counted("wait_seconds serve") == pytest.approx(0.4)


def test_django_s_requests_note_their_pattern_and_person(client_of, student) -> None:
    """Through the whole of Django's middleware."""

    def visit() -> request_note.RequestNote:
        note = request_note.begin("0123456789abcdef")
        client_of(student).get("/courses/")
        return note

    note = contextvars.copy_context().run(visit)
    assert (note.person_pk, note.route) == (student.pk, "courses/")


def test_errors_are_counted() -> None:
    record = logging.LogRecord("files", logging.ERROR, "file.py", 1, "it failed", (), None)
    web_counts.CountErrors().emit(record)
    assert counted("errors") == 1
