"""The web server as a process."""

from __future__ import annotations

import resource
import sys

import pytest

from ivle import web


@pytest.fixture
def soft_limit():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1] - 1, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_it_may_hold_as_many_connections_as_can_be(soft_limit, monkeypatch) -> None:
    """A page on a console is two descriptors, and a student may have very many pages."""
    limits: list[tuple[int, int]] = []

    class Server:
        listening_addresses = ("somewhere",)

        def run(self) -> None:
            limits.append(resource.getrlimit(resource.RLIMIT_NOFILE))

    monkeypatch.setattr(web, "make_server", lambda *what: Server())
    monkeypatch.setattr(web, "refuse_demo", lambda data: None)
    monkeypatch.setattr(sys, "argv", ["web", "--fd", "0"])
    assert web.main() == 0
    [(soft, hard)] = limits
    assert soft == hard
