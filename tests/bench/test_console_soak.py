"""Thirty reconnects under output through the whole site: nothing lost, nothing doubled. And that it would be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import console_site
from bench.console_soak import Ledger, soak, written
from bench.server import NotStarted

START = 17  # where the numbers begin in what the program writes


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(first=START, seen=START)
    ledger.note(START, written(0, 40))
    return ledger


def test_what_is_written_is_known_anywhere() -> None:
    assert written(0, 18) == b"00000000000000\r\n00"
    assert written(16 * 255 + 12, 6) == b"55\r\n00"


def test_an_unbroken_stream_has_no_fault(ledger: Ledger) -> None:
    ledger.note(START + 40, written(40, 1000))
    assert (ledger.seen, ledger.lost, ledger.doubled, ledger.wrong) == (START + 1040, 0, 0, 0)


def test_what_is_left_out_is_lost(ledger: Ledger) -> None:
    ledger.note(START + 47, written(47, 10))
    assert (ledger.lost, ledger.doubled, ledger.wrong) == (7, 0, 0)


def test_what_comes_again_is_doubled(ledger: Ledger) -> None:
    ledger.note(START + 30, written(30, 20))
    assert (ledger.seen, ledger.lost, ledger.doubled, ledger.wrong) == (START + 50, 0, 10, 0)


def test_what_came_long_ago_is_doubled_no_more_than_it_is_long(ledger: Ledger) -> None:
    ledger.note(START, written(0, 16))
    assert (ledger.seen, ledger.doubled) == (START + 40, 16)


def test_bytes_under_a_wrong_offset_are_wrong(ledger: Ledger) -> None:
    ledger.note(START + 40, written(41, 32))
    assert ledger.wrong > 0


def test_thirty_reconnects_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    runtime = Path(console_site.__file__).parent.parent / ".runtime"
    try:
        with console_site.serving(tmp_path / "site", runtime if runtime.is_dir() else None, 10) as site:
            soaked = soak(site, 30, 60.0)
    except NotStarted as fault:
        if "cannot do its work" in str(fault):
            pytest.skip(f"this machine has no sandbox: {fault}")
        raise
    assert soaked.reconnects == 30
    assert (soaked.lost, soaked.doubled, soaked.wrong) == (0, 0, 0)
    assert soaked.bytes > 30 * 1024
