"""As whom student code runs: through a user namespace where the kernel lets us, else (as root only) a plain uid."""

from __future__ import annotations

import os
from enum import StrEnum

INSIDE_ID = 1000  # uid and gid that student code sees in a jail made with a user namespace
PLAIN_ID = 65533  # the kernel's own number for student code where root started us and the homes belong to root


class Mode(StrEnum):
    USER_NAMESPACE = "user namespace"
    ROOT = "root"  # no user namespaces on this machine: the zygote is the host's root, student code a plain uid


def write_maps(pid: int, uid: int, gid: int) -> None:
    """Map INSIDE_ID in the user namespace of `pid` to one id outside (user_namespaces(7))."""
    write(f"/proc/{pid}/setgroups", "deny")
    write(f"/proc/{pid}/uid_map", f"{INSIDE_ID} {uid} 1")
    write(f"/proc/{pid}/gid_map", f"{INSIDE_ID} {gid} 1")


def write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def choose_ids(homes: os.stat_result, uid: int | None) -> tuple[int, int]:
    """Uid and gid for student code outside the jail: the asked one, else whose the homes are, but never root."""
    if uid is None:
        uid, gid = homes.st_uid, homes.st_gid
    else:
        gid = uid if os.geteuid() == 0 else os.getgid()
    return uid or PLAIN_ID, gid or PLAIN_ID
