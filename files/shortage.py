"""Whether an exception says that the machine is short of something, and what people are told then."""

from __future__ import annotations

import errno
from typing import Final

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

FULL: Final = "disk is full"  # as SQLite says it; PostgreSQL says "No space left on device"
SHORT: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)


def sentence_of(fault: BaseException | None) -> str:
    """ "" for everything else."""
    if isinstance(fault, OperationalError | InterfaceError):
        text = str(fault)
        if FULL in text or "No space left" in text:
            return disk_is_full()
        return _("The database does not answer at the moment. What you had saved is saved. Try again in a minute.")
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
        return disk_is_full()
    if isinstance(fault, OSError) and fault.errno in SHORT:
        return _("Very many people are here at the moment. Wait a moment, then try again.")
    return ""


def disk_is_full() -> str:
    return _("The disk of the server is full, so this could not be done. Tell your administrator.")
