"""An older version back into its file, or into one that was deleted. For api_versions.py."""

from __future__ import annotations

from files import quota, versions
from files.faults import Taken
from files.folders import make_folder
from files.saving import Keeper
from files.spot import hold
from files.writing import Saved

Parts = tuple[bytes, ...]


def restore(owner: str, home: int, parts: Parts, version_id: str) -> tuple[Saved, str | None]:
    """As Keeper.save. What is there now is kept first; folders that are gone are made anew.

    Raises NotKept, and what Keeper.save raises.
    """
    _, content = versions.read(owner, version_id)
    make_way(owner, home, parts[:-1])
    versions.keep_what_programs_wrote(owner, parts, home, why="before_restore")
    keeper = Keeper(owner, home, "save")
    return keeper.save(parts, [content], size_bytes=len(content), must_be=None)


def make_way(owner: str, home: int, folder: Parts) -> None:
    for count in range(1, len(folder) + 1):
        with hold(home, folder[:count]) as spot:
            is_missing = spot.status() is None
        if is_missing:
            try:
                make_folder(home, folder[:count], quota.room_for(owner))
            except Taken:
                continue
