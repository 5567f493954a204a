"""Renaming from one folder to another without ever replacing anything. For whatever changes a home."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from typing import Final

from files.opener import libc

RENAME_NOREPLACE: Final = 1


def rename_free(folder: int, name: bytes, to_folder: int, to_name: bytes) -> None:
    """renameat2(2) with RENAME_NOREPLACE. Raises OSError: FileExistsError where the new name is taken."""
    status = libc.renameat2(folder, name, to_folder, to_name, ctypes.c_uint(RENAME_NOREPLACE))
    if status == 0:
        return
    code = ctypes.get_errno()
    if code not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(code, os.strerror(code), os.fsdecode(name))
    rename_free_in_two_steps(folder, name, to_folder, to_name)


def rename_free_in_two_steps(folder: int, name: bytes, to_folder: int, to_name: bytes) -> None:
    """For file systems without RENAME_NOREPLACE, such as NFS: first takes the new name, which fails where it is had."""
    if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        os.mkdir(to_name, 0o700, dir_fd=to_folder)
        try:
            os.rename(name, to_name, src_dir_fd=folder, dst_dir_fd=to_folder)  # an empty folder may be replaced
        except OSError:
            os.rmdir(to_name, dir_fd=to_folder)
            raise
    else:
        os.link(name, to_name, src_dir_fd=folder, dst_dir_fd=to_folder, follow_symlinks=False)
        os.unlink(name, dir_fd=folder)
