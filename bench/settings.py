"""How much a run of the bench measures. Made from the command line, read by every part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    seconds: float = 10.0  # spent on each address in each of three ways: calm, back to back, many clients
    rounds: int = 5  # all addresses take their turn in each
    clients: int = 8
    keep_alive: bool = False
    starts: int = 400  # jail starts of each kind
    crowd: int = 500  # runs alive while others are started
    fair_rounds: int = 4  # of twenty students, idle and beside the greedy one, in each of two ways
    fair_seconds: float = 10.0  # in which the tarpit's share is counted
    repeats: int = 5  # of each program that runs into a limit
    runs: int = 5000  # of the endurance part
    prompts: int = 40  # consoles started of each kind
    echoes: int = 1000  # keys typed at one prompt
    busy_consoles: int = 60  # of which five flood
    idle_consoles: int = 50  # whose memory is counted
    reconnects: int = 1000  # of the soak
    soak_seconds: float = 75.0  # at most
    consoles: int = 2500  # live at once
    page_runs: int = 100  # of Run, pressed in the editor's page
    saves: int = 200
    lints: int = 50
    lists: int = 50
    hand_ins: int = 100  # of a class, at once
    submissions: int = 100  # marked one after the other, and as many at once
    kills: int = 5  # of each kind of process
    at_once: int = 5000
    students: int = 150
    lab_seconds: float = 240.0
    lab_think_seconds: float = 10.0  # between two things that one of them does
    runtime: Path | None = None  # the students' environment


def quick(settings: Settings) -> Settings:
    """Enough to see that everything works; too little to quote."""
    return Settings(
        seconds=1.0, rounds=2, clients=settings.clients, keep_alive=settings.keep_alive, starts=40, crowd=40,
        fair_rounds=1, fair_seconds=2.0,
        repeats=1, runs=300, runtime=settings.runtime, prompts=4, echoes=40, busy_consoles=12, idle_consoles=4,
        reconnects=20, soak_seconds=10.0, consoles=50, page_runs=5, saves=10, lints=5, lists=5,
        submissions=10, hand_ins=10,
        kills=1, at_once=500, students=10, lab_seconds=20.0, lab_think_seconds=1.0,
    )  # fmt: skip
