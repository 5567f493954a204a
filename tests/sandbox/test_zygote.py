"""What the zygote survives, asked by its supervisor. No jail is made here."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
from collections.abc import Callable

import pytest

from sandbox import forks, syscalls, wire
from sandbox.identity import Mode
from sandbox.limits import CGI
from sandbox.networks import Network
from sandbox.plan import Plan
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
                zygote = Zygote(theirs, Mode.USER_NAMESPACE, 1000, 1000, {})
                zygote.networks[NETWORK] = Network(-1, b"")
                wire.say(ours, kind, text)
                ours.shutdown(socket.SHUT_WR)
                try:
                    zygote.serve()
                finally:
                    os.close(zygote.own_pid_namespace)
            answers = []
            while heard := wire.hear(ours)[0]:
                answers.append(heard)
        return answers

    return asking


def test_it_is_told_to_forget_a_network_that_it_never_made(ask: Callable[..., list[str]]) -> None:
    """Making it had failed, and the jail with it."""
    assert ask("forget", str(NETWORK + 1)) == ["ready"]


def test_a_jail_without_a_handle_is_killed(ask: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of descriptors just after the fork: the supervisor could not end it, so it must not live."""

    def fail(_pid: int) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as init:
        with monkeypatch.context() as machine:
            machine.setattr(os, "listdir", lambda _folder: ["the only thread"])
            machine.setattr(os, "pidfd_open", fail)
            machine.setattr(forks, "fork_bare", lambda: init.pid)
            for call in ("setns", "unshare"):
                machine.setattr(syscalls, call, lambda *_arguments: None)
            answers = ask("fork", f"{NETWORK} {PLAN.as_text()}")
        assert answers == ["ready", "unforked"]
        assert init.wait(10) == -signal.SIGKILL
