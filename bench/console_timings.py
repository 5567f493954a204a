"""What one person at one console waits for. Every function works alike on ours and on terminado's. Times in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bench.terminal import Terminal

PROMPTS = {"python": b">>> ", "ipython": b"In [1]: "}
KEYS = b"abcdefghijklmnopqrstuvwxyz"
LINE_KEYS = 40  # then the line is emptied, so that it never wraps
EMPTY_THE_LINE = b"\x15"
SETTLING_SECONDS = 0.3
PAUSE_SECONDS = 0.01  # between keys
FLOOD = b'while True: print("x" * 79)\r\r'
FLOODED_SECONDS = 1.0
PAGE_BYTES_PER_SECOND = 5_000_000  # the slowest that xterm.js is said to draw
BULK = b'import sys; [None for _ in range(%d) if not sys.stdout.write(("y" * 78 + "\\n") * 1024)]; print("do" + "ne")'
BULK_BYTES = 80 * 1024  # a newline comes as two bytes
INCOMPLETE, COMPLETION = b'"".casef', b"old"


class Side(Protocol):
    """One of those that are compared."""

    name: str
    pid: int

    def open(self, kind: str) -> Terminal: ...


@contextmanager
def prompted(side: Side, kind: str) -> Iterator[Terminal]:
    """A new console at its prompt; ended afterwards."""
    terminal = side.open(kind)
    try:
        terminal.wait_for(PROMPTS[kind])
        yield terminal
    finally:
        terminal.end()


def prompts(side: Side, kind: str, count: int) -> list[float]:
    """From before the socket is opened, by which the program starts, until the prompt's bytes have come."""
    times = []
    for _ in range(count):
        time.sleep(SETTLING_SECONDS)  # for the next jail to park; as far apart as people come
        begun = time.perf_counter()
        with prompted(side, kind):
            times.append(time.perf_counter() - begun)
    return times


def echoes(terminal: Terminal, count: int) -> list[float]:
    times = []
    for number in range(count):
        if number % LINE_KEYS == 0:
            terminal.type(EMPTY_THE_LINE + b"#")
            terminal.wait_for(b"#")
            time.sleep(SETTLING_SECONDS)
        time.sleep(PAUSE_SECONDS)
        key = KEYS[number % len(KEYS)].to_bytes()
        typed = time.perf_counter()
        terminal.type(key)
        terminal.wait_for(key)
        times.append(time.perf_counter() - typed)
    return times


def first_tabs(side: Side, count: int) -> list[float]:
    times = []
    for _ in range(count):
        with prompted(side, "ipython") as terminal:
            time.sleep(SETTLING_SECONDS)
            terminal.type(INCOMPLETE)
            terminal.wait_for(INCOMPLETE[-1:])
            time.sleep(SETTLING_SECONDS)
            pressed = time.perf_counter()
            terminal.type(b"\t")
            terminal.wait_for(COMPLETION)
            times.append(time.perf_counter() - pressed)
    return times


def interrupts(side: Side, count: int) -> list[float]:
    """Until the prompt is back after Ctrl-C, on a page that draws no faster than the slowest."""
    times = []
    for _ in range(count):
        with prompted(side, "python") as terminal:
            terminal.type(FLOOD)
            draw(terminal, FLOODED_SECONDS)
            pressed = time.perf_counter()
            terminal.interrupt()
            draw(terminal, until=b"KeyboardInterrupt")
            times.append(time.perf_counter() - pressed)
    return times


def draw(terminal: Terminal, seconds: float = 60.0, until: bytes | None = None) -> None:
    """Take output at the pace of a page. Returns early once `until` has been drawn."""
    begun, drawn, tail = time.perf_counter(), 0, b""
    while time.perf_counter() - begun < seconds:
        data = terminal.take()
        drawn += len(data)
        time.sleep(max(0.0, drawn / PAGE_BYTES_PER_SECOND - (time.perf_counter() - begun)))
        tail = tail[-100:] + data
        if until is not None and until in tail:
            return


def output_rate(side: Side, mebibytes: int) -> float:
    """Bytes a second that reach somebody who takes them as they come."""
    with prompted(side, "python") as terminal:
        terminal.type(BULK % (mebibytes * 1024 * 1024 // BULK_BYTES))
        terminal.wait_for(b'"ne")')
        begun = time.perf_counter()
        terminal.type(b"\r")
        count = terminal.wait_for(b"done")
        return count / (time.perf_counter() - begun)
