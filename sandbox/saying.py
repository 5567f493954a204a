"""What the supervisor says on stderr, as text or as one line of JSON for each event.

It hears nothing of students but names of folders and numbers; even so no field can hold a control character.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import UTC, datetime
from typing import Any

FORMATS = ("text", "json")
_chosen = {"json": False, "tells": False}


def choose(form: str, *, tells: bool) -> None:
    """Once, at the start. With `tells` the ends of programs are said as well."""
    _chosen.update(json=form == "json", tells=tells)


def say(text: str) -> None:
    """Something an administrator should know."""
    write("WARNING", text, {})


def tell(text: str, **fields: Any) -> None:
    """Something that happens all the time."""
    if _chosen["tells"]:
        write("INFO", text, fields)


def write(level: str, text: str, fields: dict[str, Any]) -> None:
    if _chosen["json"]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "level": level, "program": "supervisor", "message": text, **fields})
    else:
        told = [f"{name}={printable(str(value))}" for name, value in fields.items() if value is not None]
        line = " ".join(["\n".join(map(printable, text.splitlines())), *told])
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def printable(text: str) -> str:
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
