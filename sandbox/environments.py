"""The Pythons that students' programs can run on: which there are, and where each is at the moment.

`standard` is always there. Every other is a folder of its own below one folder, with a virtual environment for each
state it has been in; generations.py makes those. A name comes from people, so it is checked here before it is a path.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STANDARD: Final = "standard"
CURRENT, PREVIOUS = "current", "previous"  # links to two of the states
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class Environments:
    folder: Path | None = None  # of those with a name; None: there is the standard one alone
    standard: Path | None = None  # as it was installed with ivle; None: the bare interpreter of this process

    def place(self, name: str) -> Path | None:
        """Where all states of one are kept, whether there are any; None for what cannot be a name."""
        return self.folder / name if self.folder and is_environment_name(name) else None

    def has(self, name: str) -> bool:
        return name == STANDARD or bool(self.states(name))

    def names(self) -> list[str]:
        """The standard one first."""
        try:
            found = sorted(os.listdir(self.folder)) if self.folder else []
        except OSError:
            found = []
        return [STANDARD, *(name for name in found if name != STANDARD and self.states(name))]

    def states(self, name: str) -> list[Path]:
        """The folder it is now, and then what may stand in for it where that does not start. Empty: there is none."""
        place = self.place(name)
        kept = [place / link for link in (CURRENT, PREVIOUS)] if place else []
        found = list(dict.fromkeys(link.resolve() for link in kept if link.exists()))
        if not (place and (place / CURRENT).exists()):
            found = []
        if name == STANDARD and self.standard is not None:
            found.append(self.standard)
        return found


def is_environment_name(name: object) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None
