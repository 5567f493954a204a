"""A ratio has both sides of every round, terminado's faults cost ivle nothing, and every key is accounted for."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from typing import cast

import pytest

from bench import console_crowd
from bench.console import Comparison, add_echoes, keeps_pace
from bench.console_crowd import Typed, type_on
from bench.console_memory import MIB, Memory
from bench.console_site import ConsoleSite
from bench.console_timings import Side
from bench.findings import Section
from bench.settings import Settings
from bench.targets import BUSY_ECHO_MS, ECHO_TO_TERMINADO
from bench.terminado_peer import Terminado
from bench.terminal import Late, Terminal


class Line:
    """In place of a terminal: bytes as they are."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end

    def fileno(self) -> int:
        return self.socket.fileno()

    def type(self, data: bytes) -> None:
        self.socket.sendall(data)

    def take(self) -> bytes:
        return self.socket.recv(100)


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    """The first echoes, the second is silent."""
    pairs = [socket.socketpair() for _ in range(2)]

    def echo(end: socket.socket) -> None:
        while data := end.recv(100):
            end.sendall(data)

    thread = threading.Thread(target=echo, args=(pairs[0][1],))
    thread.start()
    yield [Line(ours) for ours, _ in pairs]
    for ours, _ in pairs:
        ours.close()
    thread.join()
    for _, theirs in pairs:
        theirs.close()


@pytest.fixture
def section() -> Section:
    return Section("console", "", ("", "ivle", "terminado", "ratio"))


@pytest.fixture
def comparison(section: Section) -> Comparison:
    sides = (ConsoleSite(1, 1, ("token",)), Terminado(1, 1))
    return Comparison(section, sides, Settings(rounds=3))


def test_every_key_is_accounted_for(lines: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_crowd, "PATIENCE_SECONDS", 0.1)
    typed = type_on(cast(list[Terminal], lines), keys_per_second=200, seconds=0.3)
    assert typed.unanswered == 1
    assert len(typed.seconds) > 5
    assert max(typed.seconds) >= 0.3  # of the one that was never answered


def test_ratios_are_those_of_the_rounds(section: Section, comparison: Comparison) -> None:
    # 0.1, 0.2 and 0.9 round by round; the ratio of the medians would be 0.4.
    times = {"ivle": iter([0.001, 0.004, 0.009]), "terminado": iter([0.010, 0.020, 0.010])}
    comparison.row("echo", lambda side: [next(times[side.name])], to_peer=ECHO_TO_TERMINADO)
    assert section.rows == [("echo, p50, ms", "4", "10", "0.200 x")]
    assert section.figures[-1].value == pytest.approx(0.2)
    assert section.figures[-1].target == ECHO_TO_TERMINADO


def test_a_fault_of_terminados_is_a_note(section: Section, comparison: Comparison) -> None:
    def measure(side: Side) -> list[float]:
        if side.name == "terminado":
            raise Late("nothing came")
        return [0.001]

    comparison.row("Ctrl-C", measure, own=BUSY_ECHO_MS)
    assert section.rows == [("Ctrl-C, p50, ms", "1", "-", "-")]
    assert section.notes == ["Ctrl-C: terminado: nothing came"] * 3
    assert [figure.verdict for figure in section.figures] == ["reached"]


def test_a_fault_of_ours_is_raised(comparison: Comparison) -> None:
    def measure(side: Side) -> list[float]:
        raise Late("nothing came")

    with pytest.raises(Late):
        comparison.row("Ctrl-C", measure)


def test_keys_without_an_answer_are_told(section: Section) -> None:
    add_echoes(section, "echo", Typed([0.001] * 98 + [5.0, 5.0], unanswered=2), BUSY_ECHO_MS)
    assert [figure.verdict for figure in section.figures] == ["", "NOT reached"]
    assert "2 keys" in section.notes[0]


def test_pace_is_kept_below_fifty_milliseconds() -> None:
    assert keeps_pace(Typed([0.049] * 100))
    assert not keeps_pace(Typed([0.001] * 98 + [0.05] * 2))


def test_keys_go_round_and_lines_are_emptied() -> None:
    keys = list(itertools.islice(console_crowd.keys(2), 2 * console_crowd.LINE_KEYS))
    assert keys[:4] == [b"b", b"b", b"c", b"c"]
    assert keys[-2:] == [console_crowd.EMPTY_THE_LINE] * 2


def test_memory_is_divided_by_the_consoles() -> None:
    before, after = Memory(10 * MIB, 1 * MIB, 100 * MIB), Memory(40 * MIB, 2 * MIB, 150 * MIB)
    assert after.each(before, 10) == (3.0, 0.1, 5.0)
