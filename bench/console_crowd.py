"""Many consoles at once: what a key's echo takes while others type, flood, or paste into what does not read.

Used by console.py. The typists' keys are timed in this process, the floods are read in another one.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import resource
import selectors
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psutil

from bench.console_site import ConsoleSite, NoConsole
from bench.console_timings import EMPTY_THE_LINE, FLOOD, KEYS, LINE_KEYS, PROMPTS, Side
from bench.spread import spread
from bench.terminal import Late, Terminal, readable

FLOODS = 5
PASTE_BYTES = 200_000
NEVER_READS = b"import time, tty; tty.setraw(0); time.sleep(600)\r"
KEYS_PER_SECOND = 5.0  # of one busy typist
MANY_KEYS_PER_SECOND = 100.0  # of all together, where most only read
STEPS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # of as many consoles as were asked for
PATIENCE_SECONDS = 5.0
MEMORY_LEFT_SHARE = 0.08  # nobody goes on below
ECHO_P99_SECONDS = 0.05


@dataclass
class Typed:
    """A key that was never answered counts with the time it was waited for."""

    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0


def type_on(terminals: Sequence[Terminal], keys_per_second: float, seconds: float) -> Typed:
    """Keys at an even pace, one console after the other; one that has not answered yet is passed over."""
    typed = Typed()
    since: dict[Terminal, float] = {}
    turns = zip(itertools.cycle(terminals), keys(len(terminals)), strict=False)
    with selectors.DefaultSelector() as selector:
        for terminal in terminals:
            selector.register(terminal, selectors.EVENT_READ, terminal)
        due = time.perf_counter()
        end = due + seconds
        while (now := time.perf_counter()) < end or (since and now < end + PATIENCE_SECONDS):
            if due <= now < end:
                terminal, key = next(turns)
                if terminal not in since:
                    since[terminal] = time.perf_counter()
                    terminal.type(key)
                due += 1 / keys_per_second
            for ready, _ in selector.select(
                max(0.0, due - time.perf_counter()) if now < end else PATIENCE_SECONDS / 10
            ):
                terminal = ready.data
                if terminal.take() and terminal in since:
                    typed.seconds.append(time.perf_counter() - since.pop(terminal))
    typed.unanswered = len(since)
    typed.seconds += [time.perf_counter() - moment for moment in since.values()]
    return typed


def keys(terminals: int) -> Iterator[bytes]:
    """One for each console, then the next; from time to time the one that empties the line."""
    for number in itertools.count(1):
        key = EMPTY_THE_LINE if number % LINE_KEYS == 0 else KEYS[number % len(KEYS)].to_bytes()
        yield from itertools.repeat(key, terminals)


def beside_floods(side: Side, consoles: int, seconds: float) -> Typed:
    """Of so many consoles five flood, one has a stuck paste, and on all others somebody types."""
    with contextlib.ExitStack() as stack:
        terminals = [opened(side, stack) for _ in range(consoles)]
        floods, stuck, typists = terminals[:FLOODS], terminals[FLOODS], terminals[FLOODS + 1 :]
        stuck.type(NEVER_READS)
        quiet(stuck)
        stuck.type(b"z" * PASTE_BYTES)
        for flood in floods:
            flood.type(FLOOD)
        stack.enter_context(drained(floods))
        time.sleep(1.0)
        return type_on(typists, KEYS_PER_SECOND * len(typists), seconds)


def opened(side: Side, stack: contextlib.ExitStack, kind: str = "python") -> Terminal:
    """At its prompt, until the stack is left. Raises NoConsole, Late and OSError."""
    terminal = side.open(kind)
    stack.callback(terminal.end)
    terminal.wait_for(PROMPTS[kind])
    return terminal


def quiet(terminal: Terminal, seconds: float = 0.5) -> None:
    """Until it has said nothing for so long."""
    while readable([terminal], seconds):
        terminal.take()


@contextlib.contextmanager
def drained(terminals: Sequence[Terminal]) -> Iterator[None]:
    """Their output is taken in another process meanwhile, as pages elsewhere would."""
    process = multiprocessing.get_context("fork").Process(target=drain, args=(terminals,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def drain(terminals: Sequence[Terminal]) -> None:
    while True:
        for terminal in readable(terminals, None):
            terminal.take()


@dataclass
class Many:
    """`steps`: how many were live, and how long the echoes took then. `limit` is what was met first, "" for nothing."""

    steps: list[tuple[int, Typed]] = field(default_factory=list)
    limit: str = ""


def many(site: ConsoleSite, most: int, seconds: float) -> Many:
    """More and more live consoles, each with its page, until there are enough or none more can be had."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = Many()
    with contextlib.ExitStack() as stack:
        terminals: list[Terminal] = []
        for step in STEPS:
            stopped = add_until(terminals, round(most * step), site, stack)
            if not terminals:
                raise NoConsole(stopped)
            for terminal in terminals:
                while readable([terminal], 0):
                    terminal.take()
            typed = type_on(terminals, MANY_KEYS_PER_SECOND, seconds)
            found.steps.append((len(terminals), typed))
            if spread(typed.seconds).p99 >= ECHO_P99_SECONDS:
                found.limit = found.limit or f"with {len(terminals)} an echo takes too long"
            found.limit = found.limit or stopped
            if stopped:
                break
    return found


def add_until(terminals: list[Terminal], count: int, site: ConsoleSite, stack: contextlib.ExitStack) -> str:
    """Until there are so many; else why not."""
    while len(terminals) < count:
        try:
            terminals.append(opened(site, stack))
        except (NoConsole, Late, OSError) as error:
            return f"console {len(terminals) + 1} did not start: {error}"
        memory = psutil.virtual_memory()
        left = memory.available / memory.total
        if left < MEMORY_LEFT_SHARE:
            return f"the machine's memory: {100 * left:.0f} % of it is left"
    return ""
