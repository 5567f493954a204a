"""What to run, and for whom. Made by a caller; the supervisor reads only the header, the jail only the payload."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.environments import STANDARD
from sandbox.faults import SandboxRefused
from sandbox.limits import Limits

PAYLOAD_MAX_BYTES = 1024 * 1024
OWNER_MAX_CHARACTERS = 64
ID_BYTES = 6
NOBODY = ""  # whose home is an empty one
NOBODYS_NAME = "student"  # as programs in it see it
END = "\0"
ENCODING = ("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Job:
    """A program to run in its owner's home, seen in the jail as /home/<owner>."""

    owner: str  # a folder directly below the supervisor's homes; also the login name inside
    argv: tuple[str, ...]  # argv[0] is the program: a path inside the jail; undecodable bytes as surrogates
    directory: str  # working directory inside the jail
    limits: Limits
    environ: Mapping[str, str] = field(default_factory=dict)  # on top of HOME, PATH, LANG, ...
    entry: str = "script"  # which guest runs it
    runtime: str = "python"  # which zygote it is forked from
    environment: str = STANDARD  # with which packages
    is_service: bool = False  # answers its caller until that ends it; takes no program's turn
    file_bytes: int | None = None  # one file, where that is less than its limits say: a jail that waits has those
    notice: str = ""  # for whoever runs it: on its standard error before it begins
    has_home: bool = True  # else /home/student, empty and gone with the run; the owner only takes turns
    id: str = field(default_factory=lambda: os.urandom(ID_BYTES).hex(), compare=False)  # by which logs name it

    def header(self) -> dict[str, Any]:
        """The part the supervisor may read: nothing a student wrote."""
        return {
            "owner": self.owner,
            "limits": self.limits.as_message(),
            "runtime": self.runtime,
            "environment": self.environment,
            "service": self.is_service,
            "home": self.has_home,
            "job": self.id,
        }

    def payload(self) -> bytes:
        """The part that only the student's own process may read. Raises SandboxRefused for what no program can be
        given: a NUL, half a surrogate pair, more than PAYLOAD_MAX_BYTES."""
        file_bytes = "" if self.file_bytes is None else str(self.file_bytes)
        parts = [self.entry, self.directory, file_bytes, self.notice, str(len(self.argv)), *self.argv]
        for pair in self.environ.items():
            parts += pair
        if any(END in part for part in parts):
            raise SandboxRefused("an argument or a variable has a NUL character in it")
        try:
            payload = END.join(parts).encode(*ENCODING)
        except UnicodeEncodeError as error:
            raise SandboxRefused(f"an argument or a variable is no text: {error.reason}") from error
        if len(payload) > PAYLOAD_MAX_BYTES:
            raise SandboxRefused(f"arguments and environment come to {len(payload)} bytes; {PAYLOAD_MAX_BYTES} fit")
        return payload


@dataclass(frozen=True)
class Work:
    """What a jail reads of a job."""

    entry: str
    directory: str
    argv: list[str]
    environ: dict[str, str]
    file_bytes: int | None = None
    notice: str = ""

    @classmethod
    def from_payload(cls, payload: bytes) -> Work:
        """Plain on purpose: it costs each jail a tenth of the memory that JSON would."""
        entry, directory, file_bytes, notice, count, *rest = payload.decode(*ENCODING).split(END)
        argv, pairs = rest[: int(count)], rest[int(count) :]
        environ = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return cls(entry, directory, argv, environ, int(file_bytes) if file_bytes else None, notice)


def job_id(message: Mapping[str, Any]) -> str:
    """As a header gives it, where it is one."""
    found = message.get("job")
    is_id = isinstance(found, str) and len(found) == 2 * ID_BYTES and found.isascii() and found.isalnum()
    return str(found) if is_id else ""


def is_owner_name(name: object) -> bool:
    """True for a name that can be one folder and nothing else."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= OWNER_MAX_CHARACTERS
        and name.isascii()
        and name[0].isalnum()
        and all(character.isalnum() or character in "._-" for character in name)
    )
