"""Student code cannot use more processor than its run was given, however it spreads, hides or hurries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.limits import CGI, MIB
from sandbox.outcome import Ended
from tests.sandbox.jail import QUICK, Jail, Result

SPIN = "while True: pass\n"
SLACK_SECONDS = (
    0.1  # of a second at most, for the kernel to say and the supervisor to hear what was used, on a busy machine
)
TREE_SLACK_SECONDS = 0.25  # the same for a tree on every core at once


def assert_stopped(result: Result, most_seconds: float = QUICK.cpu_seconds + TREE_SLACK_SECONDS) -> None:
    """Stopped for its CPU, neither early nor late."""
    assert result.outcome.ended is Ended.CPU, (result.outcome, result.stderr)
    assert QUICK.cpu_seconds * 0.8 <= result.outcome.cpu_seconds <= most_seconds


def test_cant_loop_past_the_second(jail: Jail) -> None:
    result = jail.run(SPIN)
    assert result.outcome.ended is Ended.CPU
    assert CGI.cpu_seconds * 0.95 <= result.outcome.cpu_seconds <= CGI.cpu_seconds + SLACK_SECONDS


@pytest.mark.everywhere
def test_cant_loop_for_ever(jail: Jail) -> None:
    assert_stopped(jail.run(SPIN, limits=QUICK))


def test_cant_ignore_the_signal(jail: Jail) -> None:
    code = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n" + SPIN
    assert_stopped(jail.run(code, limits=QUICK))


def test_cant_block_the_signals(jail: Jail) -> None:
    code = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n" + SPIN
    assert_stopped(jail.run(code, limits=QUICK))


def test_cant_catch_the_end(jail: Jail) -> None:
    code = """
        while True:
            try:
                while True: pass
            except BaseException:
                pass
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_exact_tiers
def test_cant_use_every_core_for_itself(jail: Jail) -> None:
    """Threads outside the interpreter's lock, in a library that lets go of it."""
    code = """
        import hashlib, threading
        block = bytes(1 << 20)
        def work():
            while True: hashlib.sha256(block).digest()
        for _ in range(8): threading.Thread(target=work).start()
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_every_tier
def test_cant_hide_in_a_chain_of_forks(jail: Jail) -> None:
    """Each link uses less than a process may."""
    code = """
        import os, time
        while True:
            if os.fork():
                os._exit(0) if os.getpid() != 2 else os.wait()
            end = time.process_time() + 0.05
            while time.process_time() < end: pass
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_exact_tiers
def test_cant_hide_in_children_nobody_waits_for(jail: Jail) -> None:
    """With SIGCHLD ignored the kernel adds their time to nobody's."""
    code = """
        import os, signal, time
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            if os.fork() == 0:
                end = time.process_time() + 0.005
                while time.process_time() < end: pass
                os._exit(0)
            time.sleep(0.006)
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_exact_tiers
def test_cant_hide_in_children_that_are_killed(jail: Jail) -> None:
    code = """
        import os, signal, time
        children = []
        while True:
            children.append(os.fork())
            if children[-1] == 0:
                while True: pass
            time.sleep(0.01)
            os.kill(children[-1], signal.SIGKILL)
            if len(children) == 20:
                while children: os.waitpid(children.pop(), 0)
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_every_tier
def test_cant_hide_in_an_orphan_while_the_program_sleeps(jail: Jail) -> None:
    code = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True: pass
            os._exit(0)
        time.sleep(60)
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_exact_tiers
def test_cant_hide_by_becoming_another_program(jail: Jail) -> None:
    code = """
        import os, sys, time
        end = time.process_time() + 0.04
        while time.process_time() < end: pass
        os.execv(sys.executable, [sys.executable, "-I", "-S", __file__])
    """
    assert_stopped(jail.run(code, limits=QUICK))


@pytest.mark.by_exact_tiers
def test_cant_hide_in_the_kernel(jail: Jail) -> None:
    """Time that system calls take is counted as well."""
    assert_stopped(jail.run("import os\nwhile True: os.urandom(1 << 20)\n", limits=QUICK))


def test_cant_hide_in_one_long_operation(jail: Jail) -> None:
    """No byte code in between at which a handler could run."""
    assert_stopped(jail.run("x = 10 ** 10 ** 9\n", limits=QUICK))


def test_cant_hide_in_a_regular_expression(jail: Jail) -> None:
    assert_stopped(jail.run("import re\nre.match('(a+)+$', 'a' * 60 + 'b')\n", limits=QUICK))


def test_cant_burn_while_it_is_compiled(jail: Jail) -> None:
    """Compiling happens in the jail and counts there, and a program beside it does not notice."""
    other = jail.beside()
    running = jail.begin("x = " + "+".join(["(lambda: 0)"] * 400_000), limits=replace(QUICK, memory_bytes=1 << 30))
    assert other.ask("from toolbox import tell\ntell(1)") == 1
    assert running.result().outcome.ended in (Ended.CPU, Ended.CRASHED, Ended.FINISHED)
    assert running.outcome().cpu_seconds <= QUICK.cpu_seconds + TREE_SLACK_SECONDS


def test_cant_stop_itself_for_ever(jail: Jail) -> None:
    """A program that has stopped uses no CPU; the wall clock goes on."""
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n"
    result = jail.run(code, limits=replace(CGI, wall_seconds=0.4))
    assert result.outcome.ended is Ended.WALL
    assert result.outcome.cpu_seconds < CGI.cpu_seconds


@pytest.mark.everywhere
def test_cant_sleep_for_ever(jail: Jail) -> None:
    result = jail.run("import time\ntime.sleep(600)\n", limits=replace(CGI, wall_seconds=0.4))
    assert result.outcome.ended is Ended.WALL


def test_cant_be_held_by_a_thread_after_its_end(jail: Jail) -> None:
    """The interpreter waits for threads; the wall clock does not."""
    code = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    assert jail.run(code, limits=replace(CGI, wall_seconds=0.4)).outcome.ended is Ended.WALL


def test_cant_raise_its_limits(jail: Jail) -> None:
    code = """
        import resource
        from toolbox import tell
        raised = []
        for name in [name for name in dir(resource) if name.startswith("RLIMIT_")]:
            kind = getattr(resource, name)
            soft, hard = resource.getrlimit(kind)
            if hard == resource.RLIM_INFINITY: continue
            try:
                resource.setrlimit(kind, (soft, hard + 1))
            except (ValueError, OSError):
                continue
            raised.append(name)
        tell(raised)
    """
    assert jail.ask(code) == []


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("RLIMIT_FSIZE", [CGI.file_bytes] * 2),
        ("RLIMIT_NOFILE", [CGI.open_files] * 2),
        ("RLIMIT_NPROC", [CGI.processes] * 2),
        ("RLIMIT_MEMLOCK", [0, 0]),
        ("RLIMIT_MSGQUEUE", [0, 0]),
        ("RLIMIT_NICE", [0, 0]),
        ("RLIMIT_RTPRIO", [0, 0]),
        ("RLIMIT_CORE", [0, 0]),
        ("RLIMIT_SIGPENDING", [1024, 1024]),
        ("RLIMIT_STACK", [8 * MIB] * 2),
    ],
)
def test_cant_be_without_a_limit(jail: Jail, limit: str, value: list[int]) -> None:
    assert jail.ask(f"import resource, toolbox\ntoolbox.tell(resource.getrlimit(resource.{limit}))") == value


def test_cant_be_without_a_limit_on_each_process(jail: Jail) -> None:
    """Should the supervisor be too late, the kernel itself ends a process."""
    soft, hard = jail.ask("import resource, toolbox\ntoolbox.tell(resource.getrlimit(resource.RLIMIT_CPU))")
    assert CGI.cpu_seconds <= soft <= hard <= CGI.cpu_seconds + 2


def test_cant_get_ahead_of_others(jail: Jail) -> None:
    """Neither niceness nor a real-time class, which would starve the machine."""
    code = """
        import os
        from toolbox import attempt, tell
        attempts = [attempt(os.nice, -5)]
        for policy in (os.SCHED_FIFO, os.SCHED_RR):
            attempts.append(attempt(os.sched_setscheduler, 0, policy, os.sched_param(1)))
        tell([attempts, os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)])
    """
    attempts, niceness, policy = jail.ask(code)
    assert "done" not in attempts
    assert niceness >= 0
    assert policy == 0


def test_cant_slow_down_others(jail: Jail) -> None:
    """Priorities of a whole user reach into other jails only if the kernel lets them."""
    other = jail.beside()
    victim = other.begin(
        "import os, toolbox\nprint('up', flush=True)\ninput()\n"
        "toolbox.tell([os.getpriority(os.PRIO_PROCESS, 0), len(os.sched_getaffinity(0))])"
    )
    victim.wait_for(b"up")
    cores = jail.ask("""
        import os
        from toolbox import attempt, tell
        tell(len(os.sched_getaffinity(0)))
        attempt(os.setpriority, os.PRIO_USER, os.getuid(), 19)
        for pid in range(1, 300):
            if pid != os.getpid():
                attempt(os.sched_setaffinity, pid, {0})
        tell(len(os.sched_getaffinity(0)))
    """)
    victim.send(b"\n")
    niceness, cores_left = victim.result().value
    assert (niceness < 19, cores_left) == (True, cores)
