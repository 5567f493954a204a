"""A second fence around files, inside the mount view: student code writes in its home, /tmp and to devices only.

Also keeps abstract sockets inside the run on kernels that can (landlock(7)). Called by cage.py.
"""

from __future__ import annotations

import os
import struct

from sandbox import syscalls

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHARACTER_DEVICE, MAKE_BLOCK_DEVICE = 1 << 6, 1 << 11
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEVICE}
SCOPE_ABI, SCOPE_ABSTRACT_SOCKETS = 6, 1  # signals are kept in by the pid namespace

READ = EXECUTE | READ_FILE | READ_DIR
DEVICES = MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE


def restrict(fifos: tuple[str, ...]) -> None:
    """Fence this process and its children in, as far as the kernel knows how. Wants NO_NEW_PRIVS first.

    `fifos` are what the jail has to tell the supervisor by.
    """
    abi = syscalls.landlock_abi()
    if not abi:
        return
    handled = sum(rights for since, rights in RIGHTS_BY_ABI.items() if abi >= since)
    scopes = SCOPE_ABSTRACT_SOCKETS if abi >= SCOPE_ABI else 0
    attributes = struct.pack("=QQQ", handled, 0, scopes)
    size = 24 if abi >= SCOPE_ABI else 16 if abi >= 4 else 8
    ruleset = syscalls.create_landlock_ruleset(attributes[:size])
    try:
        allow(ruleset, "/", READ & handled)
        for folder in ("/home", "/tmp"):
            allow(ruleset, folder, handled & ~DEVICES)
        allow(ruleset, "/dev", (READ | WRITE_FILE | TRUNCATE | IOCTL_DEVICE) & handled)
        for fifo in fifos:
            allow(ruleset, fifo, WRITE_FILE & handled)
        syscalls.restrict_by_landlock(ruleset)
    finally:
        os.close(ruleset)


def allow(ruleset: int, place: str, rights: int) -> None:
    directory = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        syscalls.add_landlock_path(ruleset, rights, directory)
    finally:
        os.close(directory)
