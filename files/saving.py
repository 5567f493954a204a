"""A save that is kept as a version, with what a program had written before it. For the API, uploads and restoring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from files import quota, versions
from files.writing import ABSENT, Absent, Etag, Saved, save

Parts = tuple[bytes, ...]


@dataclass(frozen=True)
class Keeper:
    """Saves in an owner's home. `why` is one of versions.REASONS."""

    owner: str
    home: int
    why: str

    def save(
        self, parts: Parts, chunks: Iterable[bytes], *, size_bytes: int | None, must_be: Etag | Absent | None
    ) -> tuple[Saved, str | None]:
        """With the id of the version; None where it is not kept. Raises what writing.save raises."""
        if must_be is not ABSENT:
            versions.keep_what_programs_wrote(self.owner, parts, self.home)
        room = quota.room_for(self.owner)
        saved = save(self.home, parts, chunks, size_bytes=size_bytes, must_be=must_be, room=room)
        return saved, versions.keep(self.owner, parts, self.home, self.why)
