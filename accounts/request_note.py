"""What becomes known about a request while it is answered: whose it is, what it ran. Its line in the log has it then.

operations/requests.py makes one for each request; whoever finds something out notes it here.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

JOBS_MAX: Final = 8  # of one request: a page may ask for no more than it follows local redirects


@dataclass
class RequestNote:
    id: str
    person_pk: int | None = None
    route: str = ""  # the pattern of its address, never the address
    jobs: list[str] = field(default_factory=list)


_note: ContextVar[RequestNote | None] = ContextVar("request_note", default=None)


def begin(request_id: str) -> RequestNote:
    """For all that is done in this context from now on, in threads and tasks too."""
    note = RequestNote(request_id)
    _note.set(note)
    return note


def current() -> RequestNote | None:
    return _note.get()


def note_person(person_pk: int) -> None:
    if note := _note.get():
        note.person_pk = person_pk


def note_job(job_id: str) -> None:
    note = _note.get()
    if note is not None and len(note.jobs) < JOBS_MAX:
        note.jobs.append(job_id)
