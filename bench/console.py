"""Consoles: ours through the whole site over WebSockets, beside terminado with the same programs, in turns.

Opening a socket starts the program, there as here. Ours has a token, rights and a jail to see to before the prompt.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import console_crowd, console_memory, console_site, console_soak, console_timings, targets, terminado_peer
from bench.console_site import ConsoleSite, NoConsole
from bench.console_timings import Side
from bench.findings import Bound, Figure, Section, Target
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import median, spread
from bench.table import number
from bench.terminal import Late

Measure = Callable[[Side], list[float]]
FAULTS = (NoConsole, Late, OSError)
ROOM = 100  # consoles more than are measured at once
INTERPRETERS = {"python": "Python", "ipython": "IPython"}
BULK_MIB = 24
MILLISECONDS, MEBIBYTES = 1e3, 1 / (1024 * 1024)


def measure(settings: Settings) -> Section:
    section = Section("console", "Consoles, each as its page has it", ("", "ivle", "terminado", "ratio"))
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            folder.chmod(0o755)
            room = settings.consoles + ROOM
            site = stack.enter_context(console_site.serving(folder / "site", settings.runtime, room))
            sides: list[Side] = [site]
            try:
                sides.append(stack.enter_context(terminado_peer.serving(folder / "terminado", python_of(settings))))
            except NotStarted as error:
                section.notes.append(str(error))
            Comparison(section, sides, settings).all()
            of_ours(section, site, settings)
    except (NotStarted, *FAULTS) as error:
        section.complete = False
        section.notes.append(f"ours: {error}")
    return section


def python_of(settings: Settings) -> str:
    """Raises NotStarted."""
    if settings.runtime is None:
        raise NotStarted("no students' runtime is there, which terminado would run; see --runtime")
    return str(settings.runtime / "bin" / "python")


class Comparison:
    """Each row is measured in rounds, both sides in turn; a ratio is the median of the rounds' ratios."""

    def __init__(self, section: Section, sides: Sequence[Side], settings: Settings) -> None:
        self.section = section
        self.sides = sides
        self.settings = settings

    def all(self) -> None:
        each = max(1, self.settings.prompts // self.settings.rounds)
        for kind, target in (("python", targets.PYTHON_PROMPT), ("ipython", targets.IPYTHON_PROMPT)):
            self.prompts(kind, each, target)
        self.echo()
        self.row(
            "first TAB in IPython",
            lambda side: console_timings.first_tabs(side, max(1, each // 4)),
            own=targets.FIRST_TAB_MS,
        )
        self.row(
            "Ctrl-C under flood",
            lambda side: console_timings.interrupts(side, 1),
            own=targets.INTERRUPT_MS,
        )
        self.row(
            "output to a reading page",
            lambda side: [console_timings.output_rate(side, BULK_MIB)],
            unit="MiB/s",
            scale=MEBIBYTES,
            to_peer=targets.OUTPUT_TO_TERMINADO,
        )

    def prompts(self, kind: str, each: int, target: Target) -> None:
        name = f"{INTERPRETERS[kind]}: click to prompt"
        for side in self.sides:
            console_timings.prompts(side, kind, 1)  # compiles, fills caches
        self.row(name, lambda side: console_timings.prompts(side, kind, each), to_peer=target)

    def echo(self) -> None:
        """At one prompt of each, which stays."""
        with contextlib.ExitStack() as stack:
            terminals = {side.name: console_crowd.opened(side, stack) for side in self.sides}
            count = max(1, self.settings.echoes // self.settings.rounds)
            self.row(
                "Python: echo of a key",
                lambda side: console_timings.echoes(terminals[side.name], count),
                to_peer=targets.ECHO_TO_TERMINADO,
            )

    def row(
        self,
        name: str,
        measure: Measure,
        *,
        unit: str = "ms",
        scale: float = MILLISECONDS,
        to_peer: Target | None = None,
        own: Target | None = None,
    ) -> None:
        """A fault of the peer's is a note; one of ours is raised."""
        rounds: dict[str, list[list[float]]] = {side.name: [] for side in self.sides}
        for _ in range(self.settings.rounds):
            for side in self.sides:
                try:
                    rounds[side.name].append([scale * value for value in measure(side)])
                except FAULTS as error:
                    if isinstance(side, ConsoleSite):
                        raise
                    self.section.notes.append(f"{name}: {side.name}: {error}")
        medians = {side: [median(values) for values in kept] for side, kept in rounds.items() if kept}
        ours, theirs = medians[ConsoleSite.name], medians.get(terminado_peer.Terminado.name, [])
        ratio = ratio_of(ours, theirs)
        self.section.rows.append(
            (
                f"{name}, p50, {unit}",
                number(median(ours)),
                number(median(theirs)) if theirs else "-",
                "-" if ratio is None else f"{number(ratio)} x",
            )
        )
        for whose, values in medians.items():
            target = own if whose == ConsoleSite.name else None
            self.section.figures.append(Figure(f"{name}, {whose}: p50", median(values), unit, target))
        if ratio is not None:
            self.section.figures.append(Figure(f"{name}: {ConsoleSite.name} / terminado", ratio, "x", to_peer))


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """None where a round has not both."""
    if not theirs or len(ours) != len(theirs):
        return None
    return median([mine / other for mine, other in zip(ours, theirs, strict=True)])


def of_ours(section: Section, site: ConsoleSite, settings: Settings) -> None:
    """What is promised whoever else does what."""
    crowd(section, site, settings)
    for kind, target in (("python", targets.PYTHON_MEMORY_MIB), ("ipython", targets.IPYTHON_MEMORY_MIB)):
        memory(section, site, settings, kind, target)
    soak(section, site, settings)
    live(section, site, settings)


def crowd(section: Section, site: ConsoleSite, settings: Settings) -> None:
    typed = console_crowd.beside_floods(site, settings.busy_consoles, settings.seconds)
    name = f"echo, {settings.busy_consoles} consoles, {console_crowd.FLOODS} of them flood, one has a stuck paste"
    add_echoes(section, name, typed, targets.BUSY_ECHO_MS)


def add_echoes(section: Section, name: str, typed: console_crowd.Typed, target: Target | None) -> None:
    seen = spread([MILLISECONDS * value for value in typed.seconds])
    section.rows.append((f"{name}, p50, ms", number(seen.p50), "-", "-"))
    section.rows.append((f"{name}, p99, ms", number(seen.p99), "-", "-"))
    section.figures += [
        Figure(f"{name}: p50", seen.p50, "ms"),
        Figure(f"{name}: p99", seen.p99, "ms", target),
    ]
    if typed.unanswered:
        section.notes.append(f"{name}: {typed.unanswered} keys were not answered")


def memory(section: Section, site: ConsoleSite, settings: Settings, kind: str, target: Target) -> None:
    processes, kernel, unavailable = console_memory.each_idle(site, kind, settings.idle_consoles)
    name = f"memory of an idle {INTERPRETERS[kind]} console"
    section.rows.append((f"{name}, MiB", number(processes + kernel), "-", "-"))
    section.figures.append(Figure(name, processes + kernel, "MiB", target))
    section.notes.append(
        f"{name}: processes {number(processes)} MiB, the kernel for them {number(kernel)} MiB; the machine had "
        f"{number(unavailable)} MiB less"
    )


def soak(section: Section, site: ConsoleSite, settings: Settings) -> None:
    soaked = console_soak.soak(site, settings.reconnects, settings.soak_seconds)
    section.rows.append((f"bytes lost in {soaked.reconnects} reconnects", str(soaked.lost), "-", "-"))
    section.rows.append((f"bytes doubled in {soaked.reconnects} reconnects", str(soaked.doubled), "-", "-"))
    section.figures += [
        Figure("reconnects under output: bytes lost", soaked.lost, "", targets.NOTHING_MORE),
        Figure("reconnects under output: bytes doubled", soaked.doubled, "", targets.NOTHING_MORE),
        Figure("reconnects under output: bytes wrong", soaked.wrong, "", targets.NOTHING_MORE),
    ]
    section.notes.append(f"{soaked.reconnects} reconnects while {soaked.bytes} bytes came")


def live(section: Section, site: ConsoleSite, settings: Settings) -> None:
    found = console_crowd.many(site, settings.consoles, settings.seconds)
    for count, typed in found.steps:
        is_last = count == found.steps[-1][0]
        add_echoes(section, f"echo, {count} live consoles", typed, targets.MANY_ECHO_MS if is_last else None)
    limit = found.limit or "none, there were as many as had been asked for"
    section.notes.append(f"live consoles: asked for {settings.consoles}; the limit met first: {limit}")
    most = max((count for count, typed in found.steps if keeps_pace(typed)), default=0)
    section.figures.append(
        Figure("live consoles with an echo p99 below 50 ms", most, "", Target(Bound.AT_LEAST, settings.consoles))
    )


def keeps_pace(typed: console_crowd.Typed) -> bool:
    return spread(typed.seconds).p99 < console_crowd.ECHO_P99_SECONDS
