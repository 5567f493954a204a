"""What `up` does with its children, tried with small programs in the children's places."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

SERVES = "import os, signal; print(f'{os.getpid()}\\nready', flush=True); signal.pause()"
DRIVER = """
import sys
from pathlib import Path
from ivle.child import Child
from ivle.steward import Steward, say
programs = dict(zip(sys.argv[1::2], sys.argv[2::2]))
children = [Child(name, [sys.executable, "-c", program], {}, Path.cwd()) for name, program in programs.items()]
sys.exit(Steward(children, lambda: say("all ready", sys.stdout), stop_seconds=0.5).run())
"""


class Up:
    """A steward in a process of its own, its output line by line."""

    def __init__(self, checkout: Path, programs: dict[str, str], stdin: int) -> None:
        arguments = [text for pair in programs.items() for text in pair]
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, *arguments],
            cwd=checkout, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def read_until(self, wanted: str) -> list[str]:
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if wanted in line:
                return lines
        raise AssertionError(f"it ended without {wanted!r}: {lines}")

    def pids(self, lines: list[str]) -> list[int]:
        return [int(line) for line in lines if line.isdigit()]

    def finish(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, output


@pytest.fixture
def up(checkout) -> Iterator[Callable[..., Up]]:
    started = []

    def start(stdin: int = subprocess.DEVNULL, **programs: str) -> Up:
        started.append(Up(checkout, programs, stdin))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        each.process.stdout.close()


def gone(pids: list[int]) -> bool:
    processes = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everybody_and_the_exit_status_is_0(up, number: int) -> None:
    it = up(supervisor=SERVES, web=SERVES)
    pids = it.pids(it.read_until("all ready"))
    assert len(pids) == 2
    it.process.send_signal(number)
    assert it.finish()[0] == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_terminal_that_is_gone_ends_everybody_even_without_a_signal(up) -> None:
    ours, theirs = os.openpty()
    it = up(stdin=theirs, web=SERVES)
    os.close(theirs)
    [pid] = it.pids(it.read_until("all ready"))
    os.write(ours, b"typed, and of no consequence\n")
    assert it.process.poll() is None
    os.close(ours)
    assert it.finish()[0] == 0
    assert not psutil.pid_exists(pid)


def test_the_last_started_is_ended_first(up) -> None:
    program = textwrap.dedent("""
        import signal, sys
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        print("ready", flush=True)
        signal.sigwait({signal.SIGTERM})
        print("NAME ends", file=sys.stderr, flush=True)
    """)
    it = up(supervisor=program.replace("NAME", "supervisor"), web=program.replace("NAME", "web"))
    it.read_until("all ready")
    it.process.terminate()
    _, output = it.finish()
    assert output.split("\n")[:2] == ["web ends", "supervisor ends"]


def test_kill_9_leaves_nobody_behind(up) -> None:
    it = up(supervisor=SERVES, web=SERVES)
    pids = it.pids(it.read_until("all ready"))
    it.process.kill()
    it.process.wait()
    assert gone(pids)


def test_who_dies_is_started_again(up) -> None:
    it = up(web=SERVES)
    [first] = it.pids(it.read_until("all ready"))
    os.kill(first, signal.SIGKILL)
    assert "The web ended (killed by signal 9). It starts again in 0.1 s." in it.read_until("starts again")
    [second] = it.pids([next(iter(it.process.stdout)).strip()])
    it.process.terminate()
    assert it.finish()[0] == 0
    assert not psutil.pid_exists(second)


def test_who_never_gets_ready_ends_it_all_and_it_is_said_once(up) -> None:
    it = up(supervisor=SERVES, web="raise SystemExit('the disk is full')")
    status, output = it.finish()
    assert status == 1
    assert output.count("The web ended (exit status 1) 3 times before it was ready") == 1
    assert output.count("the disk is full") == 3
    assert gone(it.pids(output.splitlines()))


def test_who_cannot_work_here_is_left_away_and_the_others_serve(up) -> None:
    it = up(supervisor="import sys; print('no user namespaces', file=sys.stderr); sys.exit(78)", web=SERVES)
    lines = it.read_until("all ready")
    assert lines.count("no user namespaces") == 1
    assert any("The rest of ivle runs without it" in line for line in lines)
    it.process.terminate()
    status, output = it.finish()
    assert status == 0
    assert "no user namespaces" not in output


def test_who_ignores_sigterm_is_killed(up) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SERVES
    it = up(web=deaf)
    pids = it.pids(it.read_until("all ready"))
    it.process.terminate()
    status, output = it.finish()
    assert status == 0
    assert "does not end by itself" in output
    assert gone(pids)


def test_who_closes_its_stdout_goes_on(up) -> None:
    it = up(web="import os, signal; print('ready', flush=True); os.close(1); signal.pause()")
    it.read_until("all ready")
    [child] = psutil.Process(it.process.pid).children()
    before = sum(psutil.Process(it.process.pid).cpu_times()[:2])
    with pytest.raises(psutil.TimeoutExpired):
        child.wait(0.3)
    assert sum(psutil.Process(it.process.pid).cpu_times()[:2]) - before < 0.15


def test_children_get_the_given_environment_and_no_more(up, monkeypatch) -> None:
    monkeypatch.setenv("IVLE_SECRET_KEY", "secret " * 10)
    it = up(web="import os; print(dict(os.environ)); print('ready', flush=True); import signal; signal.pause()")
    lines = it.read_until("all ready")
    assert "secret" not in "".join(lines)
