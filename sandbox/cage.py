"""The student's process puts itself in its cage: what can never be undone, in order, before it reads what it shall run.

Called by jail.py in pid 2 of every jail, while the jail is parked. After `enter` nothing in this process is trusted.
"""

from __future__ import annotations

import _signal  # the public module makes enumerations of everything, which copies pages
import math
import os
import resource
from dataclasses import dataclass

from sandbox import landlock, syscalls
from sandbox.identity import INSIDE_ID, Mode, write_maps
from sandbox.limits import MIB, Limits

PROCESSES_OF_ALL = 1024
MAIN_STACK_BYTES = 8 * MIB
ADDRESS_SPACE_WITH_CGROUP = 4096 * MIB  # reserved, not used: the cgroup counts what is used
ADDRESS_SPACE_BESIDE_MEMORY = 768 * MIB  # threads and allocators reserve far more than they touch
# The meter is exact and comes first; the kernel counts this limit in whole ticks of one process, so it is only the net
# below: from SIGXCPU to SIGKILL one second more.
CPU_MARGIN_SECONDS = 1

# Of one run, where the kernel would otherwise count for whoever started the supervisor (namespaces(7), inotify(7)).
NAMESPACE_LIMITS = {"max_user_namespaces": b"0", "max_inotify_instances": b"16", "max_inotify_watches": b"1024"}


@dataclass(frozen=True)
class Cage:
    limits: Limits
    mode: Mode
    uid: int
    gid: int
    has_memory_cgroup: bool
    has_pids_cgroup: bool
    seccomp_filter: syscalls.SeccompFilter
    last_capability: int
    fifos: tuple[str, ...]  # the student may write to them


def enter(cage: Cage, host_proc: int) -> None:
    """Raises OSError if any wall cannot be put up; the caller then must not run anything.

    `host_proc` is a descriptor of a /proc that still shows sysctls; it is the caller's to close.
    """
    os.setsid()
    reset_signals()
    if cage.mode is Mode.USER_NAMESPACE:
        leave_to_own_user_namespace(host_proc, cage.last_capability)
    set_resource_limits(cage)
    if cage.mode is Mode.ROOT:
        os.setgroups([])
        os.setresgid(cage.gid, cage.gid, cage.gid)
        os.setresuid(cage.uid, cage.uid, cage.uid)
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_CLEAR_ALL)
    syscalls.set_capabilities(0, 0, 0)
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # else its own /proc/self is not its own
    landlock.restrict(cage.fifos)
    syscalls.set_seccomp_filter(cage.seccomp_filter)


def leave_to_own_user_namespace(host_proc: int, last_capability: int) -> None:
    """A user namespace below the jail's: what the kernel counts per user counts this run alone; it owns no mount."""
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    write_maps(os.getpid(), INSIDE_ID, INSIDE_ID)
    for name, most in NAMESPACE_LIMITS.items():
        sysctl = os.open(f"sys/user/{name}", os.O_WRONLY | os.O_CLOEXEC, dir_fd=host_proc)
        os.write(sysctl, most)
        os.close(sysctl)
    syscalls.drop_bounding_set(last_capability)  # a new user namespace begins with a full one


def student_ids(cage: Cage) -> tuple[int, int] | None:
    """Its uid and gid, where they are not the zygote's."""
    return (cage.uid, cage.gid) if cage.mode is Mode.ROOT else None


def set_resource_limits(cage: Cage) -> None:
    limits, has_memory_cgroup = cage.limits, cage.has_memory_cgroup
    cpu_seconds = math.ceil(limits.cpu_seconds) + CPU_MARGIN_SECONDS
    address_space = (
        ADDRESS_SPACE_WITH_CGROUP if has_memory_cgroup else limits.memory_bytes + ADDRESS_SPACE_BESIDE_MEMORY
    )
    both = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_NPROC: process_limit(cage),
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_STACK: MAIN_STACK_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_SIGPENDING: 1024,
    }
    if not has_memory_cgroup:
        both[resource.RLIMIT_DATA] = limits.memory_bytes
    for kind, value in both.items():
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))


def shorten_files(file_bytes: int) -> None:
    """For this run alone; never longer than before. Nothing in the jail can make them longer again."""
    most = min(file_bytes, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def process_limit(cage: Cage) -> int:
    """The kernel counts per user and user namespace. Where jails have no namespace of their own it counts all of them
    together: there the control group does it, and without one a number for all keeps the machine alive."""
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    if cage.mode is Mode.USER_NAMESPACE:
        return cage.limits.processes
    return most if cage.has_pids_cgroup else PROCESSES_OF_ALL


def reset_signals() -> None:
    """As Python itself starts: the zygote has every signal at its default, but for these."""
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    _signal.signal(_signal.SIGPIPE, _signal.SIG_IGN)  # a broken pipe is an exception,
    _signal.signal(_signal.SIGXFSZ, _signal.SIG_IGN)  # and so is a file too large
