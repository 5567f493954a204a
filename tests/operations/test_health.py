"""What monitoring asks: alive, ready, and why not."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from operations import glance as glance_module
from operations import heartbeat, readiness
from operations.glance import glance


def lines(client: Client) -> list[str]:
    response = client.get("/readyz")
    text = response.content.decode()
    assert response.status_code == (200 if text == "ready\n" else 503)
    return text.splitlines()


def test_alive_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").content == b"alive\n"


def test_ready_when_nothing_is_missing(db, client: Client, supervisor) -> None:
    assert lines(client) == ["ready"]


def test_each_thing_that_is_missing_has_its_line(db, client: Client) -> None:
    said = lines(client)
    assert [line.split()[1] for line in said] == ["sandbox", "data", "warden"]


def test_a_supervisor_that_takes_calls_and_does_not_answer(db, client: Client, supervisor, monkeypatch) -> None:
    monkeypatch.setattr(readiness, "ANSWER_SECONDS", 0.2)
    supervisor.answer = None
    assert [line[:22] for line in lines(client)] == ["the sandbox supervisor"]


def test_a_dead_interpreter(db, client: Client, supervisor) -> None:
    supervisor.answer["consoles"]["ipython"]["zygote_pid"] = None
    assert lines(client) == ["the students' interpreter is not running (ipython), so programs wait or fail"]


def test_without_database(db, client: Client, supervisor, monkeypatch) -> None:
    def fail() -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", fail)
        assert lines(client) == ["the database does not answer"]


def test_with_pending_migrations(db, client: Client, supervisor, monkeypatch) -> None:
    monkeypatch.setattr(readiness, "_migrated", set())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'marks'")
    [line] = lines(client)
    assert "pending" in line


def test_a_data_folder_that_cannot_be_written_to(db, client: Client, supervisor, monkeypatch) -> None:
    def fail(**_: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(readiness.tempfile, "TemporaryFile", fail)
    assert lines(client) == ["the data folder cannot be written to: Read-only file system"]


def test_a_disk_down_to_its_reserve(db, client: Client, supervisor, settings) -> None:
    settings.IVLE_DISK_RESERVE_MB = 1 << 30
    [line] = lines(client)
    assert "reserve" in line


def test_a_warden_that_is_dead(db, client: Client, supervisor) -> None:
    os.utime(heartbeat.place(), (0, 0))
    [line] = lines(client)
    assert line.startswith("the warden has not been seen")


def test_a_clock_that_was_set_back_does_no_harm(db, client: Client, supervisor) -> None:
    os.utime(heartbeat.place(), (1 << 33, 1 << 33))
    assert lines(client) == ["ready"]


def test_a_thousand_who_ask_are_one_look(monkeypatch) -> None:
    looks = []

    async def look() -> list[readiness.Lack]:
        looks.append(1)
        await asyncio.sleep(0)
        return [readiness.Lack("disk", "it is full")]

    async def ask() -> None:
        everybody = await asyncio.gather(*(glance.lacks() for _ in range(1000)))
        assert all(lacks[0].sign == "disk" for lacks in everybody)
        await glance.lacks()

    monkeypatch.setattr(readiness, "lacks", look)
    asyncio.run(ask())
    assert len(looks) == 1
    monkeypatch.setattr(glance_module, "GLANCE_SECONDS", -1.0)
    glance.forget()
    asyncio.run(ask())
    assert len(looks) > 1


@pytest.mark.parametrize("from_where", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}])
def test_strangers_are_told_whether_and_not_why(db, client: Client, from_where: dict[str, str]) -> None:
    response = client.get("/readyz", **from_where)
    assert (response.status_code, response.content) == (503, b"not ready\n")


def test_the_answer_is_not_kept(db, client: Client) -> None:
    assert "no-store" in client.get("/readyz").headers["Cache-Control"]
