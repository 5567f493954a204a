"""What the supervisor tells of one console: made by session.py, read by consoles.py and whoever calls that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard

from sandbox.outcome import Outcome

NAME_MAX_CHARACTERS = 64
SIDE_MAX = 500


@dataclass(frozen=True)
class Size:
    rows: int
    columns: int

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Size:
        """Raises KeyError, TypeError or ValueError unless both are there and 1 to 500."""
        rows, columns = message["rows"], message["columns"]
        if not (is_side(rows) and is_side(columns)):
            raise ValueError(f"a terminal has 1 to {SIDE_MAX} rows and columns")
        return cls(rows, columns)


@dataclass(frozen=True)
class WatcherInfo:
    client: str  # a random id of one browser page
    name: str  # the login shown to others
    drives: bool

    def as_message(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class SessionInfo:
    id: str
    owner: str
    about: dict[str, Any]  # the opener's own notes, opaque to the supervisor
    size: Size
    started: float  # Unix seconds, as is the next
    last_input: float
    start_offset: int  # of the scrollback, by bytes since the session began
    end_offset: int
    cpu_seconds: float
    cpu_limit_seconds: float
    memory_bytes: int | None
    watchers: tuple[WatcherInfo, ...]
    outcome: Outcome | None  # once the program has ended
    fault: str | None = None  # once it has ended by a fault of ours

    def as_message(self) -> dict[str, Any]:
        return {
            **vars(self),
            "size": vars(self.size),
            "watchers": [watcher.as_message() for watcher in self.watchers],
            "outcome": self.outcome and self.outcome.as_message(),
        }

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> SessionInfo:
        outcome = message["outcome"]
        changed = {
            "size": Size(**message["size"]),
            "watchers": tuple(WatcherInfo(**watcher) for watcher in message["watchers"]),
            "outcome": Outcome.from_message(outcome) if outcome else None,
        }
        return cls(**{**message, **changed})


def is_side(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value <= SIDE_MAX


def is_session_id(name: object) -> bool:
    """Of a session or of a client: letters, digits, "-" and "_"."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= NAME_MAX_CHARACTERS
        and name.isascii()
        and name.replace("-", "x").replace("_", "x").isalnum()
    )


def is_shown_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= NAME_MAX_CHARACTERS and name.isprintable()
