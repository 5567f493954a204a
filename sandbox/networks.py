"""Network namespaces of jails. Made by the zygote, and used again where a jail has left no trace in its own: making and
removing one costs the kernel more than any other part of a jail.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from sandbox import syscalls

# Sockets, connections that linger, and every counter of packets and errors (proc_pid_net(5)).
TRACES = ("sockstat", "sockstat6", "unix", "dev", "snmp", "snmp6", "netstat", "ip6_flowlabel")
TRACE_MAX_BYTES = 1 << 16
OF_ALL = re.compile(rb"(orphan|alloc|mem|memory) \d+")  # in sockstat these count the whole machine


@dataclass(frozen=True)
class Network:
    descriptor: int
    fresh: bytes  # its traces when nobody had used it


def make() -> Network:
    """This process is in it then. Nothing leads out of it; its loopback is up."""
    syscalls.unshare(syscalls.CLONE_NEWNET)
    syscalls.raise_loopback()
    return Network(os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC), traces())


def traces() -> bytes:
    """What a program could see of earlier ones in the network namespace of this process."""
    found = []
    for name in TRACES:
        try:
            descriptor = os.open(f"/proc/self/net/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # a kernel without IPv6
            continue
        found.append(OF_ALL.sub(b"", os.read(descriptor, TRACE_MAX_BYTES)))
        os.close(descriptor)
    return b"".join(found)
