"""What the zygote survives, asked by its supervisor. No jail is made here."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import forks, mounts, syscalls, wire
from sandbox import zygote as zygotes
from sandbox.holder import Holder
from sandbox.identity import Mode
from sandbox.limits import CGI
from sandbox.networks import Network
from sandbox.plan import KIND_BYTES, Plan
from sandbox.zygote import Zygote

PLAN = Plan(CGI, counts_cpu=False, has_memory_cgroup=False, has_pids_cgroup=False, has_terminal=False, rehearses=False)
NETWORK = 7


@pytest.fixture
def ask() -> Callable[..., list[str]]:
    """ask(kind, text) is the kinds of what a zygote says, which lives until its supervisor is gone."""

    def asking(kind: str, text: str) -> list[str]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                zygote = Zygote(theirs, Mode.USER_NAMESPACE, 1000, 1000, {}, homes=-1)
                zygote.networks[NETWORK] = Network(-1, b"")
                wire.post(ours, f"{kind:<{KIND_BYTES}}{text}".encode(), [ours.fileno()])
                ours.shutdown(socket.SHUT_WR)
                try:
                    zygote.serve()
                finally:
                    zygote.events.close()
                    wire.close_all([zygote.own_pid_namespace, zygote.own_view])
            answers = []
            while heard := wire.hear(ours)[0]:
                answers.append(heard)
        return answers

    return asking


def test_it_is_told_to_forget_a_network_that_it_never_made(ask: Callable[..., list[str]]) -> None:
    """Making it had failed, and the jail with it."""
    assert ask("forget", str(NETWORK + 1)) == ["ready"]


def test_a_holder_is_let_go_with_its_network() -> None:
    """A stopped run's network is not used again: each would leave a holder's stacks behind."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        zygote = Zygote(theirs, Mode.USER_NAMESPACE, 1000, 1000, {}, homes=-1)
        try:
            holder = weakref.ref(zygote.holder(NETWORK))
            zygote.on_forget(memoryview(str(NETWORK).encode()), [])
            assert holder() is None
        finally:
            zygote.events.close()
            wire.close_all([zygote.own_pid_namespace, zygote.own_view])


def test_a_jail_without_a_handle_is_killed(ask: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of descriptors just after the fork: the supervisor could not end it, so it must not live."""

    def fail(_pid: int) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with (
        subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as holder,
        subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as student,
    ):
        with monkeypatch.context() as machine:
            machine.setattr(zygotes, "LINKS_OF_ONE_THREAD", Path("/proc/self/task").stat().st_nlink)
            machine.setattr(os, "pidfd_open", fail)
            machine.setattr(forks, "fork", lambda: student.pid)
            machine.setattr(Holder, "start", lambda _holder: holder.pid)
            machine.setattr(Zygote, "enter_network", lambda _zygote, _number: None)
            machine.setattr(mounts, "add_private_mounts", lambda _limits: None)
            machine.setattr(mounts, "add_fifo", lambda _place, _owner: os.open("/dev/null", os.O_RDONLY))
            machine.setattr(socket, "sethostname", lambda _name: None)
            for call in ("setns", "unshare"):
                machine.setattr(syscalls, call, lambda *_arguments: None)
            answers = ask("fork", f"1 {NETWORK} {PLAN.as_text()}")
        assert answers == ["ready", "unforked"]
        for process in (holder, student):
            with pytest.raises(ProcessLookupError):
                os.kill(process.pid, 0)  # dead, and taken note of
