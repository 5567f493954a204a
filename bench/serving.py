"""A CGI hello through HTTP, side by side: ours on both its addresses, and every peer that is installed.

All servers stay up; each round gives every address its turn, so that a noisy moment meets them all alike.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench import interpreter, ours, targets
from bench.findings import Figure, Section
from bench.load import Address, Load, press
from bench.peers import PEERS, Apache, serving
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import median, spread
from bench.table import number

WARM_UP_REQUESTS = 20
CALM_PAUSE_SECONDS = 0.04  # between requests of one person who clicks as fast as a class of people does


@dataclass
class Tally:
    """What one address showed, round by round: one calm client, one client without a pause, many clients."""

    address: Address
    calm: list[Load] = field(default_factory=list)
    back_to_back: list[Load] = field(default_factory=list)
    crowd: list[Load] = field(default_factory=list)
    busy_seconds: float = 0.0  # of all cores together, while the crowd was served

    def loads(self) -> list[Load]:
        return [*self.calm, *self.back_to_back, *self.crowd]

    def errors(self) -> Counter[str]:
        return sum((load.errors for load in self.loads()), Counter[str]())

    def answers(self) -> int:
        return sum(len(load.seconds) for load in self.loads())

    def rates(self) -> list[float]:
        return [load.per_second for load in self.crowd]

    def busy_ms_per_answer(self) -> float:
        return 1000 * self.busy_seconds / sum(len(load.seconds) for load in self.crowd)

    def is_measured(self) -> bool:
        return all(load.seconds for load in self.loads())


def p50s_ms(loads: list[Load]) -> list[float]:
    return [1000 * spread(load.seconds).p50 for load in loads]


def p99_ms(loads: list[Load]) -> float:
    return 1000 * spread([seconds for load in loads for seconds in load.seconds]).p99


def busy_seconds() -> float:
    """What all cores have done since the machine started, whoever made them."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def measure(settings: Settings) -> Section:
    """Starts everything, measures in turns, stops everything."""
    section = Section(
        "serving",
        f"CGI hello over HTTP: one calm client, one back to back, {settings.clients} at once",
        (
            "server",
            "calm p50 ms",
            "p99 ms",
            "back to back p50 ms",
            "p99 ms",
            f"{settings.clients} clients, answers/s",
            "busy CPU ms per answer",
            "answers",
            "errors",
        ),
    )
    chosen = interpreter.choose(settings.runtime)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        addresses = started(stack, folder, chosen.executable, settings, section)
        tallies = in_turns(addresses, settings)
    if chosen.note:
        section.notes.append(chosen.note)
    connection = "kept open where the server allows it" if settings.keep_alive else "a new one for each request"
    section.notes.append(f"connection: {connection}; hello.py on Python {chosen.version}; {settings.rounds} rounds")
    report(section, tallies)
    return section


def started(
    stack: contextlib.ExitStack, folder: Path, executable: str, settings: Settings, section: Section
) -> list[Address]:
    """Every server that can be started; a note about each that cannot."""
    addresses: list[Address] = []
    try:
        addresses += stack.enter_context(ours.serving(folder / "site", settings.runtime))
    except NotStarted as error:
        section.notes.append(f"ours: {error}")
        section.complete = False
    for peer in PEERS:
        try:
            address = stack.enter_context(serving(peer, folder / peer.folder_name, executable))
            addresses.append(address)
            section.notes.append(f"{peer.name}: {peer.version(peer.program(executable) or '')}")
        except NotStarted as error:
            section.notes.append(str(error))
    return addresses


def in_turns(addresses: list[Address], settings: Settings) -> list[Tally]:
    tallies = [Tally(address) for address in addresses]
    turn_seconds, keep = settings.seconds / settings.rounds, settings.keep_alive
    for tally in tallies:
        press(tally.address, clients=1, seconds=turn_seconds, most_requests=WARM_UP_REQUESTS)
    for _ in range(settings.rounds):
        for tally in tallies:
            tally.calm.append(press(tally.address, 1, turn_seconds, pause_seconds=CALM_PAUSE_SECONDS, keep_alive=keep))
        for tally in tallies:
            tally.back_to_back.append(press(tally.address, 1, turn_seconds, keep_alive=keep))
        for tally in tallies:
            before = busy_seconds()
            tally.crowd.append(press(tally.address, settings.clients, turn_seconds, keep_alive=keep))
            tally.busy_seconds += busy_seconds() - before
    return tallies


def report(section: Section, tallies: list[Tally]) -> None:
    """Rows, figures and, beside Apache, the ratios that were promised."""
    apache = next((tally for tally in tallies if tally.address.name == Apache().name and tally.is_measured()), None)
    for tally in tallies:
        if tally.errors():
            section.notes.append(f"{tally.address.name}: errors: {dict(tally.errors())}")
        if not tally.is_measured():
            section.rows.append((tally.address.name, *"------", str(tally.answers()), str(tally.errors().total())))
            continue
        add_measured(section, tally)
        if apache and tally.address.name in ours.NAMES:
            add_ratios(section, tally, apache)


def add_measured(section: Section, tally: Tally) -> None:
    name = tally.address.name
    calm, back_to_back, rate = median(p50s_ms(tally.calm)), median(p50s_ms(tally.back_to_back)), median(tally.rates())
    milliseconds = (calm, p99_ms(tally.calm), back_to_back, p99_ms(tally.back_to_back))
    section.rows.append(
        (
            name,
            *(f"{value:.2f}" for value in milliseconds),
            number(rate),
            f"{tally.busy_ms_per_answer():.1f}",
            str(tally.answers()),
            str(tally.errors().total()),
        )
    )
    section.figures += [
        Figure(f"{name}: calm p50", calm, "ms"),
        Figure(f"{name}: calm p99", p99_ms(tally.calm), "ms"),
        Figure(f"{name}: back to back p50", back_to_back, "ms"),
        Figure(f"{name}: back to back p99", p99_ms(tally.back_to_back), "ms"),
        Figure(f"{name}: throughput", rate, "answers/s"),
        Figure(f"{name}: busy CPU per answer", tally.busy_ms_per_answer(), "ms"),
        Figure(f"{name}: errors", float(tally.errors().total()), ""),
    ]


def add_ratios(section: Section, tally: Tally, apache: Tally) -> None:
    name = tally.address.name
    calm = ratio(p50s_ms(tally.calm), p50s_ms(apache.calm))
    back_to_back = ratio(p50s_ms(tally.back_to_back), p50s_ms(apache.back_to_back))
    section.figures += [
        Figure(f"{name}: calm p50 / Apache's", calm, "x", targets.LATENCY_TO_APACHE),
        Figure(f"{name}: back to back p50 / Apache's", back_to_back, "x", targets.LATENCY_TO_APACHE),
        Figure(
            f"{name}: throughput / Apache's", ratio(tally.rates(), apache.rates()), "x", targets.THROUGHPUT_TO_APACHE
        ),
    ]


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios: both sides of each were measured within seconds."""
    return median([mine / other for mine, other in zip(ours, theirs, strict=True)])
