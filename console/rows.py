"""A console as lists and the API show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from console.programs import Program
from console.watching import how_it_ended, program_name
from sandbox.consoles import SessionInfo


@dataclass(frozen=True)
class Row:
    id: str
    name: str  # among its owner's: of the doors that want one
    title: str
    program: str  # in words
    owner: str
    started: datetime
    last_input: datetime
    ended: str  # a sentence; "" while the program runs
    watchers: list[str]
    rows: int
    columns: int
    start_offset: int
    end_offset: int
    cpu_left_seconds: float
    cpu_limit_seconds: float
    memory_bytes: int | None

    @classmethod
    def of(cls, info: SessionInfo) -> Self:
        over = info.outcome is not None or info.fault is not None
        return cls(
            id=info.id,
            name=info.about["name"],
            title=Program.recall(info.about).title,
            program=program_name(info),
            owner=info.owner,
            started=datetime.fromtimestamp(info.started, UTC),
            last_input=datetime.fromtimestamp(info.last_input, UTC),
            ended=how_it_ended(info.outcome, info.fault) if over else "",
            watchers=sorted({watcher.name for watcher in info.watchers}),
            rows=info.size.rows,
            columns=info.size.columns,
            start_offset=info.start_offset,
            end_offset=info.end_offset,
            cpu_left_seconds=max(0.0, info.cpu_limit_seconds - info.cpu_seconds),
            cpu_limit_seconds=info.cpu_limit_seconds,
            memory_bytes=info.memory_bytes,
        )
