"""What chaos believes: only whole files that are no older than what was acknowledged, and only refusals in words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.browser import Answer, Wrong, words_of
from bench.chaos_kills import Writer, text_of
from bench.chaos_site import Damaged
from bench.chaos_want import Told, nothing_runs


def writer(file: Path, saved: int, begun: int) -> Writer:
    made = Writer.__new__(Writer)
    made.name, made.file, made.saved, made.begun = file.name, file, saved, begun
    return made


@pytest.mark.parametrize("version", [3, 4, 5])
def test_a_whole_version_since_the_one_acknowledged(tmp_path: Path, version: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(text_of(version))
    writer(file, saved=3, begun=5).check()


@pytest.mark.parametrize("content", [text_of(2), text_of(6), text_of(4)[:-1], text_of(4) + b"x", b"4\n"])
def test_everything_else_is_damage(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(Damaged):
        writer(file, saved=3, begun=5).check()


@pytest.mark.parametrize(
    ("status", "body", "mute"),
    [
        (200, b"", 0),
        (503, b'{"detail": "Try again."}', 0),
        (503, b"", 1),
        (500, b"<main><h1>ivle made a mistake</h1></main>", 1),
    ],
)
async def test_who_is_told(status: int, body: bytes, mute: int) -> None:
    async def answered() -> Answer:
        return Answer(status, {}, body)

    told = Told()
    await told.note("save", answered())
    assert told.mute == mute


async def test_a_connection_that_breaks_tells_nobody() -> None:
    async def broken() -> Any:
        raise ConnectionResetError

    told = Told()
    await told.note("save", broken())
    assert told.mute == 1


def test_words_are_those_of_the_page() -> None:
    assert words_of(b"<style>p {}</style><main id=main><p>Not now.</p></main>").endswith("Not now.")


@pytest.mark.parametrize("status", [{"running": 1, "waiting": 0}, {"running": 0, "waiting": 1}, {}])
async def test_a_turn_that_is_not_given_back(status: dict[str, int]) -> None:
    with pytest.raises(Wrong):
        await nothing_runs(SimpleNamespace(status=lambda: status))  # type: ignore[arg-type]
    await nothing_runs(SimpleNamespace(status=lambda: {"running": 0, "waiting": 0}))  # type: ignore[arg-type]
