"""Where the files of a course are read from: an edition that was published, or the folder in which a lecturer writes.

Both are mappings from relative paths to contents, and read a file when it is asked for. Not for the event loop.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Person
from courses import editions
from courses.models import Course, Edition, Membership
from files.content import open_file, read_beginning
from files.faults import FileFault
from files.homes import hold_home
from files.lookup import NotThere
from files.paths import as_text, from_text, shown
from files.showing import is_hidden
from files.walking import walk

FILE_MAX_BYTES: Final = editions.TOTAL_MAX_BYTES


class NoFolder(Exception):
    """There is nothing to publish. Its text is a sentence."""


class EditionFiles(Mapping[str, bytes]):
    """What was published."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.known = frozenset(editions.names(edition))

    def __getitem__(self, name: str) -> bytes:
        content = editions.read(self.edition, name) if name in self.known else None
        if content is None:
            raise KeyError(name)
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(editions.names(self.edition))

    def __len__(self) -> int:
        return len(self.known)


class FolderFiles(Mapping[str, bytes]):
    """What is in a lecturer's folder now, without links, dot files and compiled programs. Raises NoFolder."""

    def __init__(self, owner: str, folder: str) -> None:
        self.owner = owner
        self.parts = from_text(folder)
        self.paths: dict[str, tuple[bytes, ...]] = {}
        self.size_bytes = 0
        try:
            with hold_home(owner) as home:
                self.look(home)
        except (NotThere, OSError):
            raise NoFolder(
                _("There is no folder %(folder)s in your files. Make it, and write the first tutorial into it.")
                % {"folder": shown(b"/".join(self.parts))}
            ) from None

    def look(self, home: int) -> None:
        for entry in walk(home, self.parts):
            below = entry.parts[len(self.parts) :]
            if not below and not entry.is_folder:
                raise NotThere
            if not entry.is_file or is_hidden(below):
                continue
            if len(self.paths) > editions.FILES_MAX:
                break  # more than can be published, which publishing says
            self.paths["/".join(shown(name) for name in below)] = entry.parts
            self.size_bytes += entry.status.st_size

    def __getitem__(self, name: str) -> bytes:
        parts = self.paths[name]
        try:
            with hold_home(self.owner) as home:
                file = open_file(home, parts)
                try:
                    return read_beginning(file, FILE_MAX_BYTES)
                finally:
                    os.close(file)
        except (NotThere, FileFault, OSError):
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.paths))

    def __len__(self) -> int:
        return len(self.paths)


def read_folder(folder: Path) -> dict[str, bytes]:
    """All of a folder of this machine, for the administrator's commands. Raises NoFolder."""
    if not folder.is_dir():
        raise NoFolder(_("There is no folder %(folder)s.") % {"folder": folder})
    found: dict[str, bytes] = {}
    size_bytes = 0
    for path in visible_files(folder):
        with path.open("rb") as file:
            content = file.read(FILE_MAX_BYTES + 1)
        found[path.relative_to(folder).as_posix()] = content
        size_bytes += len(content)
        if len(found) > editions.FILES_MAX or size_bytes > editions.TOTAL_MAX_BYTES:
            break  # more than can be published, which publishing says
    return found


def visible_files(folder: Path) -> Iterator[Path]:
    """In order, without links, dot files and compiled programs, nor what is in such folders."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_hidden((os.fsencode(name),)))
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink() and not is_hidden((os.fsencode(name),)):
                yield path


def folder_of(person: Person, course: Course) -> str:
    """Where in their files a lecturer writes the course, percent-encoded."""
    chosen = Membership.objects.filter(course=course, person=person).values_list("folder", flat=True).first()
    return chosen or as_text((course.slug.encode(),))
