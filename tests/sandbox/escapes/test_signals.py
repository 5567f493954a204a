"""How a program ends is told as it was, and nothing of ours is in the way of its signals."""

from __future__ import annotations

import signal

import pytest

from sandbox.outcome import Ended
from tests.sandbox.jail import Jail


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "name", ["SIGKILL", "SIGTERM", "SIGALRM", "SIGABRT", "SIGSEGV", "SIGHUP", "SIGUSR1", "SIGQUIT"]
)
def test_cant_pass_for_another_end(jail: Jail, name: str) -> None:
    """The truth of wait(2): in a shell 137 for SIGKILL, 143 for SIGTERM, 142 for SIGALRM, 134 for abort."""
    result = jail.run(f"import os, signal\nos.kill(os.getpid(), signal.{name})\nsignal.pause()")
    assert (result.outcome.ended, result.outcome.signal) == (Ended.CRASHED, signal.Signals[name])
    assert result.outcome.exit_status is None


def test_can_have_an_alarm(jail: Jail) -> None:
    result = jail.run("import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\nwhile True: signal.pause()")
    assert (result.outcome.ended, result.outcome.signal) == (Ended.CRASHED, signal.SIGALRM)


def test_cant_fake_a_cpu_limit_with_a_clean_end(jail: Jail) -> None:
    """Exit statuses are numbers and no more: 152 is not SIGXCPU."""
    outcome = jail.run("import os\nos._exit(128 + 24)").outcome
    assert (outcome.ended, outcome.exit_status) == (Ended.FINISHED, 152)


def test_cant_have_more_status_than_eight_bits(jail: Jail) -> None:
    assert jail.run("import sys\nsys.exit(256 + 7)").outcome.exit_status == 7


def test_cant_inherit_our_signals(jail: Jail) -> None:
    """As python3 from a shell: SIGPIPE and SIGXFSZ ignored, SIGINT handled, none blocked, nobody's death watched."""
    code = """
        import ctypes, signal
        from toolbox import libc, tell
        ignored = sorted(n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN)
        handled = sorted(n for n in signal.valid_signals() if callable(signal.getsignal(n)) and n not in ignored)
        handled = [n for n in handled if signal.getsignal(n) not in (signal.SIG_DFL, signal.SIG_IGN)]
        watched = ctypes.c_int(-1)
        libc.prctl(2, ctypes.byref(watched), 0, 0, 0)
        blocked = list(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        tell([ignored, handled, blocked, signal.set_wakeup_fd(-1), watched.value])
    """
    ignored, handled, blocked, wakeup, watched = jail.ask(code)
    assert set(ignored) <= {signal.SIGPIPE, signal.SIGXFSZ}
    assert signal.SIGPIPE in ignored
    assert handled == [signal.SIGINT]
    assert (blocked, wakeup, watched) == ([], -1, 0)


def test_can_be_interrupted(jail: Jail) -> None:
    result = jail.run("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nsignal.pause()")
    assert b"KeyboardInterrupt" in result.stderr
    assert result.outcome.ended in (Ended.FINISHED, Ended.CRASHED)


@pytest.mark.parametrize("where", ["the program", "a child"])
def test_cant_have_anothers_signal(jail: Jail, where: str) -> None:
    """Real-time signals with a payload reach own processes and nobody else: seen by a neighbour that counts them."""
    neighbour = jail.beside().begin("""
        import signal
        got = []
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGRTMIN):
            signal.signal(number, lambda n, f: got.append(n))
        print("up", flush=True)
        while not input(): pass
        print("got", got, flush=True)
    """)
    neighbour.wait_for(b"up")
    code = f"""
        import os, signal
        from toolbox import attempt, count_forks, syscall
        if "{where}" == "a child" and os.fork(): os.wait(), os._exit(0)
        for pid in range(1, 400):
            if pid == os.getpid(): continue
            for number in (signal.SIGUSR1, signal.SIGRTMIN):
                attempt(os.kill, pid, 0) == "done" and pid > 2 and attempt(os.kill, pid, number)
            syscall("tgkill", pid, pid, 10) if pid > 2 else None
    """
    jail.run(code)
    neighbour.send(b"go on\n")
    assert neighbour.result().stdout.endswith(b"got []\n")
