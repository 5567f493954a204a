"""What to run, and for whom. Made by a caller; the supervisor reads only the header, the jail only the payload."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.limits import Limits

PAYLOAD_MAX_BYTES = 1024 * 1024
OWNER_MAX_CHARACTERS = 64


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

    def header(self) -> dict[str, Any]:
        """The part the supervisor may read: nothing a student wrote."""
        return {"owner": self.owner, "limits": self.limits.as_message(), "runtime": self.runtime}

    def payload(self) -> bytes:
        """The part that only the student's own process may read."""
        content = {
            "entry": self.entry,
            "argv": list(self.argv),
            "directory": self.directory,
            "environ": dict(self.environ),
        }
        return json.dumps(content).encode("ascii")


def is_owner_name(name: object) -> bool:
    """True for a name that can be one folder and nothing else."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= OWNER_MAX_CHARACTERS
        and name.isascii()
        and name[0].isalnum()
        and all(character.isalnum() or character in "._-" for character in name)
    )
