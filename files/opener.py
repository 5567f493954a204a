"""The one way from a path to a descriptor. Whatever is in the path, what opens lies below the folder one starts from.

Nothing here follows a link out of that folder, waits on a FIFO, connects to a socket or touches a device: a path is
first resolved without opening what it names (O_PATH), and only what proves to be a regular file is opened for reading.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

OPENAT2: Final = 437  # the same number on every architecture: openat2(2), Linux 5.6
RESOLVE_NO_MAGICLINKS: Final = 0x02
RESOLVE_BENEATH: Final = 0x08
RENAME_RACES_MAX: Final = 16
GONE: Final = frozenset(
    (
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ELOOP,  # a circle of symbolic links, or a magic one
        errno.EXDEV,  # a link that leads out
        errno.EACCES,
        errno.ENAMETOOLONG,
        errno.EAGAIN,
    )
)


class OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


libc = ctypes.CDLL(None, use_errno=True)


def open_home(homes: Path, owner: str) -> int:
    """An O_PATH descriptor of the owner's home. Raises OSError where there is none."""
    return os.open(homes / owner, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def open_below(folder: int, parts: Sequence[bytes]) -> int:
    """An O_PATH descriptor of what the path names, below the folder. No parts name the folder itself.

    Raises OSError; an errno in GONE means that there is nothing there as far as anybody is concerned.
    """
    path = b"/".join(parts) or b"."
    how = OpenHow(os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
    code = 0
    for _ in range(RENAME_RACES_MAX):
        opened = libc.syscall(OPENAT2, folder, path, ctypes.byref(how), ctypes.sizeof(how))
        if opened >= 0:
            return int(opened)
        code = ctypes.get_errno()
        if code != errno.EAGAIN:
            break
    if code in (errno.ENOSYS, errno.EPERM):
        return walk_below(folder, parts)
    raise OSError(code, os.strerror(code))


def walk_below(folder: int, parts: Sequence[bytes]) -> int:
    """open_below for a kernel without openat2: name by name, following no symbolic link at all."""
    here = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    for name in parts:
        if name == b"..":
            os.close(here)
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        try:
            there = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        finally:
            os.close(here)
        if stat.S_ISLNK(os.fstat(there).st_mode):
            os.close(there)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        here = there
    return here


def open_to_read(place: int) -> int:
    """A descriptor to read the regular file from that an O_PATH descriptor stands for.

    Raises OSError; IsADirectoryError and the like for what is not a regular file.
    """
    if not stat.S_ISREG(os.fstat(place).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return os.open(f"/proc/self/fd/{place}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
