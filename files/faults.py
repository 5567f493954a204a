"""Why something could not be done with a file: sentences for people. ivle/api.py makes answers of them.

What is not there at all, or not for this person, is files.lookup.NotThere.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from files import words
from files.lookup import NotThere
from files.opener import GONE

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)


class FileFault(Exception):
    """Its text is a sentence; `status` is that of an answer."""

    status: ClassVar[int] = 409

    def about(self) -> dict[str, str]:
        """What an answer says of it."""
        return {"detail": str(self)}


class BadName(FileFault):
    """No file can be called that."""

    status = 400


class Incomplete(FileFault):
    """Less arrived than was announced."""

    status = 400


class Refused(FileFault):
    """It makes no sense, or is too much at once."""


class Taken(FileFault):
    """Something else has this name. `taken` tells a page that it may ask whether to replace that."""

    def about(self) -> dict[str, Any]:
        return {**super().about(), "taken": True}


class IsFolder(FileFault):
    """What is there is no file, but a folder or something rarer."""


class Closed(FileFault):
    """The folder, or the file, is closed to changes by its own mode."""

    status = 403


class TooLarge(FileFault):
    """More than anybody may send at once."""

    status = 413


class NoRoom(FileFault):
    """The owner's quota is used up, or the disk."""

    status = 507


class Conflict(FileFault):
    """Somebody else saved meanwhile. `etag` is of what is there now; empty where nothing is."""

    status = 412

    def __init__(self, etag: str) -> None:
        super().__init__(words.conflict() if etag else words.conflict_gone())
        self.etag = etag

    def about(self) -> dict[str, str]:
        return {**super().about(), "etag": self.etag}


@contextmanager
def in_words(name: bytes = b"") -> Iterator[None]:
    """What the kernel says, as one of the above or NotThere; `name` is what it is about."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(words.disk_full()) from error
        if error.errno in CLOSED:
            raise Closed(words.closed(name)) from error
        if error.errno == errno.ENAMETOOLONG:
            raise BadName(words.name_too_long()) from error
        if error.errno == errno.EISDIR:
            raise IsFolder(words.is_folder(name)) from error
        if error.errno == errno.EEXIST:
            raise Taken(words.taken(name)) from error
        if error.errno in GONE:
            raise NotThere from error
        raise
