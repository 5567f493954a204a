"""How a record of the log becomes a line: of text, or of JSON. settings.LOGGING names both.

Nothing that a student or a stranger wrote comes through: of a fault its kind and the places in our code, its own words
only where they are the system's; of a request the pattern of its address. And no line can be broken out of.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from accounts import request_note
from sandbox.faults import SandboxError
from sandbox.saying import printable

# What a record may carry beside its message, as logging's `extra`.
FIELDS: Final = ("room", "method", "status", "seconds", "bytes", "client", "job", "outcome", "duty", "sign", "deed")
TEXT_MAX_CHARACTERS: Final = 2_000
FRAMES_MAX: Final = 30
CAUSES_MAX: Final = 5
ROOT: Final = Path(__file__).resolve().parent.parent
SECRETS: Final = (
    (re.compile(r"ivle_[A-Za-z0-9_-]{8,}"), "ivle_…"),  # a token
    (re.compile(r"(?<=\S)\?[^\s'\"]+"), "?…"),  # a query
    # A path into somebody's files may have anything in it, quotes too: nobody can say where it ends.
    (re.compile(r"/(?:homes|trash|versions|uploads)/.*", re.DOTALL), "/…"),
    (re.compile(r"//[^/\s@]+@"), "//…@"),
)
# Whose messages have words of faults and addresses of requests in them: of theirs the template alone is told.
STRANGERS: Final = ("daphne", "twisted", "autobahn")


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        about = parts(record)
        fault = about.pop("fault", None)
        head = f"{about.pop('time')} {about.pop('level')} {about.pop('logger')}: {about.pop('message')}"
        about.pop("program")
        line = " ".join([printable(head), *(f"{name}={printable(str(value))}" for name, value in about.items())])
        return line + "".join(f"\n    {printable(one)}" for one in described(fault))


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(parts(record), default=str)


def parts(record: logging.LogRecord) -> dict[str, Any]:
    """What is said of a record, in the order in which it is read."""
    about: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "program": program_name(sys.argv),
        "logger": record.name,
        "message": message_of(record),
    }
    about |= {name: vars(record)[name] for name in FIELDS if vars(record).get(name) is not None}
    if note := request_note.current():
        about["request"] = note.id
        if note.person_pk is not None:
            about["person"] = note.person_pk
        if note.jobs:
            about["jobs"] = list(note.jobs)
    if record.exc_info and record.exc_info[1] is not None:
        about["fault"] = faults(record.exc_info[1])
    return about


def message_of(record: logging.LogRecord) -> str:
    """Django puts the address of a request into its messages, and asyncio the words of faults behind the first line."""
    if hasattr(record, "request") and record.name.startswith("django"):
        match = getattr(record.request, "resolver_match", None)
        place = match.route if match else ""
        return f"{getattr(record, 'status_code', '')} {record.levelname.lower()} at /{place}".lstrip()
    if record.name.partition(".")[0] in STRANGERS:
        return message_of_stranger(record)
    text = record.getMessage()
    if record.name == "asyncio":
        text = text.partition("\n")[0]
    return without_secrets(text)


def message_of_stranger(record: logging.LogRecord) -> str:
    """Some make their template of a whole traceback: its first line has no words of a fault."""
    template = str(record.msg).partition("\n")[0]
    values = record.args.values() if isinstance(record.args, dict) else record.args or ()
    kinds = [type(value).__qualname__ for value in values if isinstance(value, BaseException)]
    return without_secrets(f"{template} ({', '.join(kinds)})" if kinds else template)


def without_secrets(text: str) -> str:
    """Cut before that takes its time; and between words, or half of a secret would look like none."""
    if len(text) > TEXT_MAX_CHARACTERS:
        words = re.match(r".*\s", text[:TEXT_MAX_CHARACTERS], re.DOTALL)
        text = (words[0] if words else "") + "…"
    for pattern, shown in SECRETS:
        text = pattern.sub(shown, text)
    return text[:TEXT_MAX_CHARACTERS]


def faults(error: BaseException) -> list[dict[str, Any]]:
    """The fault, and what led to it."""
    found: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(found) < CAUSES_MAX:
        found.append({"kind": type(current).__qualname__, "words": words_of(current), "at": places(current)})
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def words_of(error: BaseException) -> str:
    """Only where they are the operating system's, or ours and made without a student's text."""
    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(error, SandboxError):
        return without_secrets(str(error))
    return ""


def places(error: BaseException) -> list[str]:
    """The innermost last, without a line of any source."""
    found: list[str] = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{short(code.co_filename)}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    return found[-FRAMES_MAX:]


def short(path: str) -> str:
    file = Path(path)
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else "/".join(file.parts[-3:])


def described(fault: Sequence[dict[str, Any]] | None) -> list[str]:
    lines: list[str] = []
    for one in fault or ():
        lines.append(f"{one['kind']}: {one['words']}" if one["words"] else one["kind"])
        lines += [f"  {place}" for place in one["at"]]
    return lines


def program_name(argv: Sequence[str]) -> str:
    """web, marker, warden; of another command of manage.py its name."""
    name = Path(argv[0]).stem if argv else ""
    return argv[1] if name == "manage" and len(argv) > 1 and argv[1].isidentifier() else name
