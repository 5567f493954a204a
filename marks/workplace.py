"""Where somebody works on an exercise: real files in their own home, which their consoles and editor see as well.

exercises/<name>/ in their workplace of the course holds what they write and what is given beside it. For api.py.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from courses.addresses import Visit
from exercises.exercise import Exercise
from files import content, folders, quota
from files.decoding import decode
from files.faults import IsFolder
from files.homes import hold_home, make_own_home
from files.lookup import NotThere
from files.paths import as_text
from files.saving import Keeper
from marks.submitting import TEXT_MAX_BYTES

Parts = tuple[bytes, ...]
FOLDER: Final = b"exercises"


def parts_of(visit: Visit, exercise: Exercise, name: str) -> Parts:
    folders_of_file = name.encode().split(b"/")
    return (visit.workplace.encode(), FOLDER, exercise.name.encode(), *folders_of_file)


def path_of(visit: Visit, exercise: Exercise, name: str) -> str:
    """As the API of files has it."""
    return as_text(parts_of(visit, exercise, name))


def texts(visit: Visit, exercise: Exercise) -> dict[str, str]:
    """What is in their files, else what they begin with."""
    try:
        with hold_home(visit.person.username) as home:
            kept = {name: read(home, parts_of(visit, exercise, name)) for name in exercise.files}
    except NotThere:  # they have no home yet
        kept = {}
    return {name: starting if kept.get(name) is None else kept[name] or "" for name, starting in exercise.files.items()}


def read(home: int, parts: Parts) -> str | None:
    """None for what is not there, is no text, or is too long to be handed in."""
    try:
        file = content.open_file(home, parts)
    except (NotThere, IsFolder):
        return None
    try:
        data = content.read_beginning(file, TEXT_MAX_BYTES + 1)
    finally:
        os.close(file)
    return decode(data) if len(data) <= TEXT_MAX_BYTES else None


def keep(visit: Visit, exercise: Exercise, written: Mapping[str, str]) -> str:
    """Saves these, each as a version, and lays beside them what is given and missing. The path of the main file.

    Raises the faults of files, with a sentence for the person.
    """
    owner = visit.person.username
    make_own_home(owner)
    with hold_home(owner) as home:
        keeper = Keeper(owner, home, "save")
        for name, text in written.items():
            parts = parts_of(visit, exercise, name)
            if read(home, parts) != text:
                put(keeper, parts, text.encode())
        beside = {name: text.encode() for name, text in exercise.files.items() if name not in written}
        for name, data in {**exercise.given, **beside}.items():
            parts = parts_of(visit, exercise, name)
            if not is_there(home, parts):
                put(keeper, parts, data)
    return path_of(visit, exercise, exercise.main)


def put(keeper: Keeper, parts: Parts, data: bytes) -> None:
    folders.make_folders(keeper.home, parts[:-1], quota.room_for(keeper.owner))
    keeper.save(parts, [data], size_bytes=len(data), must_be=None)


def is_there(home: int, parts: Parts) -> bool:
    try:
        os.close(content.open_file(home, parts))
    except IsFolder:
        return True
    except NotThere:
        return False
    return True
