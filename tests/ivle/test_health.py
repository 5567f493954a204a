"""What monitoring asks."""

from __future__ import annotations

import socket

from django.db import DatabaseError, connection
from django.test import Client


def test_alive_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").content == b"alive\n"


def test_ready_names_what_is_missing(db, client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"supervisor does not answer" in response.content
    assert b"database" not in response.content


def test_ready_when_the_supervisor_answers(db, client: Client, settings) -> None:
    settings.IVLE_SANDBOX_SOCKET.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as supervisor:
        supervisor.bind(str(settings.IVLE_SANDBOX_SOCKET))
        supervisor.listen()
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


def test_ready_without_database(client: Client, monkeypatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"the database does not answer" in response.content
