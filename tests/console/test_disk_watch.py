"""Whose programs are stopped for the disk: those whose owners are above their quota and still grow."""

from __future__ import annotations

from typing import Any

import pytest

from console import disk_watch
from files import quota
from sandbox import consoles
from sandbox.consoles import SessionGone
from sandbox.outcome import Ended, Outcome
from tests.console.conftest import FakeSandbox, story

MIB = 1024 * 1024
FINISHED = Outcome(Ended.FINISHED, 0, None, 0.0, 0.0, None)


@pytest.fixture
def stopped(monkeypatch, settings, home) -> list[str]:
    """Home and quota are the student's."""
    settings.IVLE_QUOTA_MB = 1
    done: list[str] = []

    async def stop_session(_socket: object, session_id: str, why: Ended) -> None:
        assert why is Ended.DISK
        if session_id == "gone":
            raise SessionGone("it ended meanwhile")
        done.append(session_id)

    monkeypatch.setattr(consoles, "stop_session", stop_session)
    return done


def looks(home: Any, *sizes: int) -> None:
    """Once for each size that the home then has."""

    async def telling() -> None:
        before: dict[str, int] = {}
        for size in sizes:
            (home / "data").write_bytes(bytes(size))
            quota.forget("student")
            before = await disk_watch.look(before)

    story(telling)


def test_who_grows_past_the_quota_is_stopped(sandbox: FakeSandbox, stopped, home) -> None:
    sandbox.add(session_id="s1")
    sandbox.add(session_id="gone")
    sandbox.add(session_id="s2")
    sandbox.add(session_id="ended", outcome=FINISHED)
    sandbox.add(session_id="other", owner="classmate")
    looks(home, MIB // 2, MIB + 1)
    assert stopped == ["s1", "s2"]


@pytest.mark.parametrize(
    "sizes",
    [
        (MIB // 4, MIB // 2),  # there is room
        (2 * MIB,),  # it was so before the program began, which can write nothing
        (2 * MIB, 2 * MIB),
        (3 * MIB, 2 * MIB),  # it deletes
    ],
)
def test_others_go_on(sandbox: FakeSandbox, stopped, home, sizes) -> None:
    sandbox.add(session_id="s1")
    looks(home, *sizes)
    assert stopped == []


def test_from_round_to_round(sandbox: FakeSandbox, stopped, home, monkeypatch) -> None:
    monkeypatch.setattr(disk_watch, "_before", {})
    sandbox.add(session_id="s1")
    for size in (MIB // 2, MIB + 1):
        (home / "data").write_bytes(bytes(size))
        quota.forget("student")
        story(disk_watch.watch)
    assert stopped == ["s1"]
