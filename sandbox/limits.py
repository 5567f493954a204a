"""What one run may use. Numbers and meaning only; enforcement is in cage.py (rlimits), cgroups.py and keeper.py."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """Every field counts for the whole process tree of a run unless said otherwise."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int  # processes and threads together
    file_bytes: int  # one file
    open_files: int  # per process
    tmp_bytes: int  # the run's private /tmp
    output_bytes: int  # stdout and stderr together, counted by the reader

    def as_message(self) -> dict[str, float | int]:
        return dict(vars(self))

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Limits:
        """Raises ValueError for a missing, unknown, non-numeric or non-positive field."""
        names = {field.name for field in fields(cls)}
        if set(message) != names:
            raise ValueError(f"limits want exactly the fields {sorted(names)}")
        for name, value in message.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1 << 50:
                raise ValueError(f"limit {name} is {value!r}; a positive number is wanted")
        return cls(**{name: TYPES[name](value) for name, value in message.items()})


TYPES: dict[str, Any] = {field.name: float if field.type == "float" else int for field in fields(Limits)}

CGI = Limits(
    cpu_seconds=1.0,
    wall_seconds=10.0,
    memory_bytes=256 * MIB,
    processes=32,
    file_bytes=16 * MIB,
    open_files=128,
    tmp_bytes=16 * MIB,
    output_bytes=8 * MIB,
)

CONSOLE = Limits(
    cpu_seconds=60.0,
    wall_seconds=30 * 60.0,
    memory_bytes=512 * MIB,
    processes=64,
    file_bytes=64 * MIB,
    open_files=256,
    tmp_bytes=64 * MIB,
    output_bytes=1024 * MIB,
)

LANGUAGE = Limits(  # a language server, for as long as its editor is open
    cpu_seconds=120.0,
    wall_seconds=2 * 3600.0,
    memory_bytes=512 * MIB,
    processes=64,
    file_bytes=16 * MIB,
    open_files=256,
    tmp_bytes=16 * MIB,
    output_bytes=1024 * MIB,
)

GUEST = Limits(  # a console of somebody without an account
    cpu_seconds=20.0,
    wall_seconds=5 * 60.0,
    memory_bytes=128 * MIB,
    processes=16,
    file_bytes=4 * MIB,
    open_files=64,
    tmp_bytes=4 * MIB,
    output_bytes=1024 * MIB,
)

PROFILES = {"cgi": CGI, "console": CONSOLE}
