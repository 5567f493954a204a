"""A folder on the disk of a whole site, filled and looked at behind its back. Used by the tests of this folder."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folder:
    path: Path

    def clear(self) -> None:
        if not self.path.exists():
            return
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def write(self, name: str | bytes, content: str | bytes = "") -> None:
        """As its owner's own program would have made it."""
        place = Path(os.fsdecode(os.path.join(os.fsencode(self.path), os.fsencode(name))))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        self.own(place)

    def make(self, name: str) -> None:
        (self.path / name).mkdir(parents=True)
        self.own(self.path / name)

    def own(self, place: Path) -> None:
        status = self.path.stat()
        while place != self.path:
            os.chown(place, status.st_uid, status.st_gid, follow_symlinks=False)
            place = place.parent

    def names(self, below: str = "") -> set[bytes]:
        return set(os.listdir(os.fsencode(self.path / below)))

    def read(self, name: str) -> str:
        return (self.path / name).read_text()
