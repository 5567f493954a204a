"""What a console has put out, kept by offset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from sandbox.scrollback import MARGIN_BYTES, SCROLLBACK_BYTES, Scrollback


@given(some.lists(some.binary(max_size=300), max_size=60))
def test_it_keeps_the_last_bytes(pieces: list[bytes]) -> None:
    """What is promised is there, whatever was added and in what pieces; memory is bounded."""
    scrollback = Scrollback(kept_bytes=100, margin_bytes=50)
    everything = b""
    for piece in pieces:
        scrollback.add(piece)
        everything += piece
        assert scrollback.end == len(everything)
        assert scrollback.start == max(0, len(everything) - 100)
        assert scrollback.forgotten <= scrollback.start
        assert scrollback.read(scrollback.start, 1000) == everything[scrollback.start :]
        assert scrollback.read(scrollback.forgotten, 1000) == everything[scrollback.forgotten :]
        assert scrollback.read(scrollback.end, 1000) == b""
        assert len(scrollback.memory) <= 2 * 150 + 300


def test_who_is_a_credit_behind_misses_nothing() -> None:
    """And what the kernel still held when the program ended, at the worst moment for it."""
    scrollback = Scrollback()
    for _ in range(100):
        scrollback.add(bytes(40_000))
        assert scrollback.end - scrollback.forgotten >= min(scrollback.end, SCROLLBACK_BYTES + MARGIN_BYTES)
