"""The Linux calls Python does not have, through ctypes: no compiler, no extension; x86-64 and arm64.

Every function raises OSError with the kernel's errno. Flags and numbers are the kernel's own (linux/*.h).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 32, 4096, 8192, 16384, 1 << 18
MNT_DETACH = 2
AT_FDCWD = -100
AT_EMPTY_PATH, AT_RECURSIVE = 0x1000, 0x8000
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH = 1, 4
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_CLEAR_ALL = 2, 4
CAP_KILL = 5
CAPABILITY_VERSION_3 = 0x20080522

SECCOMP_SET_MODE_FILTER = 1
PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK = 1, 1
PERF_FLAG_FD_CLOEXEC = 8
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41

# Calls with one number on every architecture since Linux 5.0, and those that differ.
OPEN_TREE, MOVE_MOUNT = 428, 429
MOUNT_SETATTR, LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 442, 444, 445, 446
_NUMBERS = {
    "x86_64": {"pivot_root": 155, "seccomp": 317, "perf_event_open": 298, "capset": 126},
    "aarch64": {"pivot_root": 41, "seccomp": 277, "perf_event_open": 241, "capset": 91},
}
MACHINE = platform.machine()

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_Buffer = bytes | ctypes.Array[ctypes.c_char] | None


def is_known_machine() -> bool:
    return MACHINE in _NUMBERS


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _call(what: str, number: int, *arguments: int | _Buffer) -> int:
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *wide), what)


def unshare(flags: int) -> None:
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    _check(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _check(
        _libc.mount(
            os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode() or None
        ),
        f"mount {target}",
    )


def make_folder(path: memoryview, mode: int) -> None:
    """At a path, ended by NUL, that no string is made of; so too the next two."""
    _check(_libc.mkdir(_pointer(path), ctypes.c_uint(mode)), "mkdir")


def detach_folder(path: memoryview) -> int:
    """A descriptor of a mount of this folder that is nowhere yet (open_tree(2)). It must not be a link."""
    flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = _check(_libc.open(_pointer(path), ctypes.c_int(flags)), "open")
    try:
        return _call("open_tree", OPEN_TREE, folder, b"", AT_EMPTY_PATH | OPEN_TREE_CLONE | os.O_CLOEXEC)
    finally:
        os.close(folder)


def attach_folder(detached: int, path: memoryview) -> None:
    """Put such a mount in a place, in whatever mount namespace we are in by now (move_mount(2))."""
    _call("move_mount", MOVE_MOUNT, detached, b"", AT_FDCWD, _pointer(path), MOVE_MOUNT_F_EMPTY_PATH)


def _pointer(memory: memoryview) -> ctypes.Array[ctypes.c_char]:
    return (ctypes.c_char * len(memory)).from_buffer(memory)


def unmount(target: str) -> None:
    _check(_libc.umount2(os.fsencode(target), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def set_mount_attributes(target: str, add: int, clear: int = 0, *, recursive: bool = False) -> None:
    attributes = struct.pack("=QQQQ", add, clear, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    what = f"mount_setattr {target}"
    _call(what, MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), flags, attributes, len(attributes))


def pivot_root(new: str, old: str) -> None:
    _call("pivot_root", _NUMBERS[MACHINE]["pivot_root"], os.fsencode(new), os.fsencode(old))


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    wide = [ctypes.c_ulong(value) for value in (first, second, 0, 0)]
    _check(_libc.prctl(ctypes.c_int(option), *wide), f"prctl {option}")


def set_capabilities(effective: int, permitted: int, inheritable: int) -> None:
    """Bit sets, as in capabilities(7)."""
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    low, high = 0xFFFFFFFF, 32
    sets = (effective, permitted, inheritable)
    data = struct.pack("=6I", *(value & low for value in sets), *(value >> high for value in sets))
    _call("capset", _NUMBERS[MACHINE]["capset"], header, data)


def last_capability() -> int:
    """The highest that this kernel knows (capabilities(7))."""
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        return int(file.read())


def drop_bounding_set(last: int) -> None:
    for capability in range(last + 1):
        prctl(PR_CAPBSET_DROP, capability)


def permitted_capabilities() -> int:
    """Of this process, as a bit set (proc(5))."""
    with open("/proc/self/status", encoding="utf-8") as file:
        return next(int(line.split()[1], 16) for line in file if line.startswith("CapPrm:"))


class SeccompFilter:
    """An array of struct sock_filter where the kernel can find it."""

    def __init__(self, program: bytes) -> None:
        self.memory = ctypes.create_string_buffer(program, len(program))
        self.header = struct.pack("@HP", len(program) // 8, ctypes.addressof(self.memory))


def set_seccomp_filter(wanted: SeccompFilter) -> None:
    """Wants NO_NEW_PRIVS first."""
    _call("seccomp", _NUMBERS[MACHINE]["seccomp"], SECCOMP_SET_MODE_FILTER, 0, wanted.header)


def open_task_clock() -> int:
    """A descriptor that counts CPU nanoseconds, of this process and all it forks from now on (perf_event_open(2))."""
    inherit, exclude_kernel, exclude_hypervisor = 1 << 1, 1 << 5, 1 << 6
    size = 64
    attributes = struct.pack(
        "=IIQQQQQ16x", PERF_TYPE_SOFTWARE, size, PERF_COUNT_SW_TASK_CLOCK, 0, 0, 0,
        inherit | exclude_kernel | exclude_hypervisor,
    )  # fmt: skip
    number = _NUMBERS[MACHINE]["perf_event_open"]
    return _call("perf_event_open", number, attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where there is none for us."""
    try:
        return _call("landlock", LANDLOCK_CREATE_RULESET, None, 0, 1)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):  # the last from a container's filter
            return 0
        raise


def create_landlock_ruleset(attributes: bytes) -> int:
    return _call("landlock_create_ruleset", LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)


def add_landlock_path(ruleset: int, allowed: int, directory: int) -> None:
    path_beneath = 1
    rule = struct.pack("=Qi", allowed, directory)
    _call("landlock_add_rule", LANDLOCK_ADD_RULE, ruleset, path_beneath, rule, 0)


def restrict_by_landlock(ruleset: int) -> None:
    _call("landlock_restrict_self", LANDLOCK_RESTRICT_SELF, ruleset, 0)


def raise_loopback() -> None:
    """Bring up `lo` in this network namespace (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_RUNNING))
