"""Why a backup could not be made or used: sentences for the administrator."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class BackupFault(Exception):
    """Its text is a sentence. No backup and no data was changed, unless it says so."""


@contextmanager
def in_words(folder: Path) -> Iterator[None]:
    """Of what is written into this folder."""
    try:
        yield
    except BrokenPipeError as error:
        raise BackupFault(_("What takes the backup in ended before it was whole.")) from error
    except OSError as error:
        if error.errno in FULL:
            raise BackupFault(
                _("There is not enough room in %(folder)s. Nothing was kept of it; make room and do it again.")
                % {"folder": folder}
            ) from error
        place = error.filename if isinstance(error.filename, str | bytes) else folder  # and no number
        raise BackupFault(
            _("%(place)s cannot be used: %(why)s.") % {"place": printable(os.fsencode(place)), "why": error.strerror}
        ) from error


def printable(path: bytes) -> str:
    """For a terminal, which obeys what is not: a program may call a file anything."""
    text = path.decode(errors="backslashreplace")
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
