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
    repeats: int = 5  # of each program that runs into a limit
    runs: int = 5000  # of the endurance part
    runtime: Path | None = None  # the students' environment


def quick(settings: Settings) -> Settings:
    """Enough to see that everything works; too little to quote."""
    return Settings(
        seconds=1.0, rounds=2, clients=settings.clients, keep_alive=settings.keep_alive, starts=40, crowd=40,
        repeats=1, runs=300, runtime=settings.runtime,
    )  # fmt: skip
