"""Student code can write as much as it likes: it waits for its reader, and the reader may have had enough."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.outcome import Ended
from tests.sandbox.jail import QUICK, ROOMY, Jail

ENOUGH_BYTES = 1 << 20


@pytest.mark.everywhere
@pytest.mark.parametrize("writer", ["print", "yes"])
def test_cant_flood_a_reader_that_has_had_enough(jail: Jail, writer: str) -> None:
    code = "while True: print('x' * 1000)" if writer == "print" else "import subprocess\nsubprocess.run(['yes'])"
    running = jail.begin(code, limits=ROOMY, most_bytes=ENOUGH_BYTES)
    content = running.stdout.wait_for_end()
    running.stop(Ended.OUTPUT)
    outcome = running.outcome()
    running.close()
    assert outcome.ended is Ended.OUTPUT
    assert ENOUGH_BYTES <= len(content) < ENOUGH_BYTES + (1 << 17)


def test_cant_run_on_while_nobody_reads(jail: Jail) -> None:
    """It stops when the pipe is full, using nothing, until the wall clock ends it."""
    running = jail.begin("while True: print('x' * 1000)", limits=replace(QUICK, wall_seconds=1.0), most_bytes=1)
    running.stdout.wait_for_end()
    outcome = running.outcome()
    running.close()
    assert outcome.ended is Ended.WALL
    assert outcome.cpu_seconds < QUICK.cpu_seconds


def test_cant_make_the_supervisor_grow(jail: Jail) -> None:
    """Output goes by it, not through it."""
    pid = jail.installation.status()["supervisor_pid"]
    before = resident_bytes(pid)
    running = jail.begin("import os\nfor _ in range(200): os.write(1, bytes(1 << 20))", limits=ROOMY)
    assert len(running.result().stdout) == 200 << 20
    assert resident_bytes(pid) - before < 16 << 20


def test_cant_mix_up_its_two_outputs(jail: Jail) -> None:
    result = jail.run("import sys\nfor n in range(1000):\n    print('o')\n    print('e', file=sys.stderr)")
    assert result.stdout == b"o\n" * 1000
    assert result.stderr == b"e\n" * 1000


def test_cant_be_cut_before_its_last_byte(jail: Jail) -> None:
    """What was written before the end arrives, however the end came."""
    for ending in ("os._exit(3)", "os.abort()", "os.kill(os.getpid(), 9)", "raise SystemExit", "1 / 0"):
        result = jail.run(f"import os\nos.write(1, b'x' * 60000)\nos.write(1, b'last')\n{ending}")
        assert result.stdout.endswith(b"xlast"), ending


def test_cant_write_to_a_reader_that_is_gone(jail: Jail) -> None:
    """An exception as everywhere, not a silent death."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = jail.run(
            """
            import os, signal
            from toolbox import attempt, tell
            tell([attempt(os.write, 0, b"x"), signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN])
        """,
            stdin=writing,
        )
    finally:
        os.close(writing)
    assert result.value == ["EPIPE", True]


def test_cant_make_the_reader_wait_for_ever(jail: Jail) -> None:
    """A child that keeps standard output open does not keep the run open."""
    result = jail.run("""
        import os
        if os.fork() == 0:
            os.setsid()
            os.read(os.pipe()[0], 1)
        print("main is done")
    """)
    assert result.outcome.ended is Ended.FINISHED
    assert result.stdout == b"main is done\n"


def test_cant_read_what_it_wrote(jail: Jail) -> None:
    """A pipe opened anew through /proc can be read: at most its own output, and only what nobody has read yet."""
    result = jail.run("""
        import os
        from toolbox import attempt, tell
        tell([attempt(os.read, 1, 1), attempt(os.write, 0, b"x")])
    """)
    assert result.value == ["EBADF", "EBADF"]


def test_cant_block_its_reader(jail: Jail) -> None:
    """O_NONBLOCK is of the open file, and its two ends are two open files."""
    running = jail.begin(
        "import os\nos.set_blocking(1, False)\nos.set_blocking(0, False)\nprint('set', flush=True)\ninput_ = os.read"
    )
    running.wait_for(b"set")
    assert os.get_blocking(running.stdout.ours)
    running.result()


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_cant_stop_the_reader_by_signals(jail: Jail) -> None:
    """F_SETOWN names who gets SIGIO; numbers are those of the jail, so it is nobody outside."""
    code = """
        import fcntl, os, signal
        from toolbox import attempt, tell
        outside = attempt(fcntl.fcntl, 1, fcntl.F_SETOWN, os.getppid() + 5000)
        attempt(fcntl.fcntl, 1, 10, signal.SIGTERM)
        attempt(fcntl.fcntl, 1, fcntl.F_SETFL, os.O_ASYNC)
        tell(outside)
    """
    received = []
    former = signal.signal(signal.SIGIO, lambda number, frame: received.append(number))
    try:
        assert jail.ask(code) == "ESRCH"
    finally:
        signal.signal(signal.SIGIO, former)
    assert received == []
