"""Student code cannot use more memory than its run was given, wherever it puts it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.limits import CGI, MIB
from sandbox.outcome import Ended
from tests.sandbox.jail import ROOMY, Jail, Result

# Enough for the interpreter and little else, so that filling it takes no time.
SMALL = replace(ROOMY, memory_bytes=64 * MIB)
NEEDS_CGROUP = "a control group for memory; without one only single processes are bounded"


def needs_memory_cgroup(jail: Jail) -> None:
    if "control groups" not in jail.installation.status()["tier"]:
        pytest.skip(f"needs {NEEDS_CGROUP}")


def assert_bounded(result: Result) -> None:
    """It has ended and never had more than its limit."""
    assert result.outcome.ended in (Ended.MEMORY, Ended.FINISHED, Ended.CRASHED), result.outcome
    assert (result.outcome.memory_bytes or 0) <= SMALL.memory_bytes
    assert b"got it all" not in result.stdout


@pytest.mark.everywhere
def test_cant_fill_the_memory(jail: Jail) -> None:
    code = """
        hoard = []
        for _ in range(1200): hoard.append(bytearray(b"x" * (1 << 20)))
        print("got it all")
    """
    assert_bounded(jail.run(code, limits=SMALL))


@pytest.mark.skips_in_ci(NEEDS_CGROUP)
def test_cant_fill_it_and_not_be_told_why(jail: Jail) -> None:
    needs_memory_cgroup(jail)
    result = jail.run("x = bytearray(b'x' * (200 << 20))", limits=SMALL)
    assert result.outcome.ended is Ended.MEMORY


@pytest.mark.skips_in_ci(NEEDS_CGROUP)
def test_cant_fill_it_by_children(jail: Jail) -> None:
    needs_memory_cgroup(jail)
    code = """
        import os
        for _ in range(8):
            if os.fork() == 0:
                hoard = bytearray(b"x" * (30 << 20))
                os.write(1, b"child has it\\n")
                os.read(os.pipe()[0], 1)
        while True: os.wait()
    """
    result = jail.run(code, limits=replace(SMALL, wall_seconds=3.0))  # the children that fit wait for ever
    assert result.stdout.count(b"child has it") <= 2
    assert (result.outcome.memory_bytes or 0) <= SMALL.memory_bytes


@pytest.mark.everywhere
def test_cant_fill_it_by_files_without_a_name(jail: Jail) -> None:
    code = """
        import os
        for number in range(100):
            file = os.memfd_create(str(number))
            for _ in range(12): os.write(file, bytes(1 << 20))
        print("got it all")
    """
    assert_bounded(jail.run(code, limits=SMALL))


@pytest.mark.skips_in_ci(NEEDS_CGROUP)
def test_cant_fill_it_by_pipes(jail: Jail) -> None:
    needs_memory_cgroup(jail)
    code = """
        import fcntl, os
        for _ in range(10):
            if os.fork() == 0:
                for _ in range(50):
                    _, end = os.pipe()
                    os.set_blocking(end, False)
                    try: fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 1 << 20)
                    except OSError: pass
                    try:
                        while True: os.write(end, bytes(4096))
                    except BlockingIOError: pass
                os.write(1, b"filled\\n")
                os.read(os.pipe()[0], 1)
        for _ in range(10): os.wait()
        print("got it all")
    """
    result = jail.run(code, limits=replace(SMALL, memory_bytes=32 * MIB, wall_seconds=2.0))
    assert (result.outcome.memory_bytes or 0) <= 32 * MIB
    assert b"got it all" not in result.stdout


@pytest.mark.skips_in_ci(NEEDS_CGROUP)
def test_cant_fill_it_by_sockets(jail: Jail) -> None:
    needs_memory_cgroup(jail)
    code = """
        import os, socket
        for _ in range(20):
            if os.fork() == 0:
                kept = []
                for _ in range(50):
                    a, b = socket.socketpair()
                    a.setblocking(False)
                    kept += [a, b]
                    try:
                        while True: a.send(bytes(4096))
                    except BlockingIOError: pass
                os.write(1, b"filled\\n")
                os.read(os.pipe()[0], 1)
        for _ in range(20): os.wait()
    """
    result = jail.run(code, limits=replace(SMALL, memory_bytes=32 * MIB, wall_seconds=2.0))
    assert (result.outcome.memory_bytes or 0) <= 32 * MIB


@pytest.mark.skips_in_ci(NEEDS_CGROUP)
def test_cant_fill_it_by_shared_pages(jail: Jail) -> None:
    needs_memory_cgroup(jail)
    code = """
        import mmap
        area = mmap.mmap(-1, 300 << 20)
        for place in range(0, len(area), 4096): area[place] = 1
        print("got it all")
    """
    assert_bounded(jail.run(code, limits=SMALL))


@pytest.mark.everywhere
def test_cant_reserve_without_end(jail: Jail) -> None:
    """Address space is bounded too: page tables are the kernel's own memory."""
    code = """
        import mmap
        kept = []
        for _ in range(64): kept.append(mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | 0x4000))
        print("got it all")
    """
    result = jail.run(code)
    assert b"got it all" not in result.stdout
    assert b"OSError" in result.stderr or b"MemoryError" in result.stderr


@pytest.mark.everywhere
def test_cant_fill_tmp(jail: Jail) -> None:
    code = """
        import os
        from toolbox import attempt, tell
        written = 0
        def fill():
            global written
            for number in range(8):
                with open(f"/tmp/{number}", "wb", buffering=0) as file:
                    for _ in range(8): written += file.write(bytes(1 << 20))
        tell([attempt(fill), written])
    """
    error, written = jail.ask(code)
    assert error == "ENOSPC"
    assert written <= CGI.tmp_bytes


def test_cant_fill_tmp_with_names(jail: Jail) -> None:
    code = """
        from toolbox import attempt, tell
        def fill():
            for number in range(5000): open(f"/tmp/{number}", "w").close()
        tell(attempt(fill))
    """
    assert jail.ask(code) == "ENOSPC"


@pytest.mark.parametrize("folder", ["/run", "/home", "/dev/shm", "/dev/pts"])
def test_cant_fill_the_other_writable_places(jail: Jail, folder: str) -> None:
    code = f"""
        from toolbox import attempt, tell
        written = 0
        def fill():
            global written
            for number in range(64):
                with open(f"{folder}/fill-{{number}}", "wb", buffering=0) as file:
                    written += file.write(bytes(1 << 20))
        tell([attempt(fill), written])
    """
    error, written = jail.ask(code)
    assert error != "done"
    assert written <= CGI.tmp_bytes


def test_cant_pin_memory(jail: Jail) -> None:
    code = """
        import ctypes
        from toolbox import syscall, tell
        area = ctypes.create_string_buffer(1 << 20)
        calls = [syscall("mlock", ctypes.addressof(area), 1 << 20), syscall("mlockall", 3)]
        locked = [line for line in open("/proc/self/status") if line.startswith("VmLck")]
        tell([calls, locked[0].split()[1]])
    """
    calls, locked = jail.ask(code)
    assert all(result < 0 for result in calls)
    assert locked == "0"


def test_cant_escape_the_killer_of_the_greedy(jail: Jail) -> None:
    code = """
        from toolbox import attempt, overwrite, tell
        before = open("/proc/self/oom_score_adj").read()
        attempts = [attempt(overwrite, f"/proc/{who}/oom_score_adj", "-900") for who in ("self", "1")]
        tell([attempts, before == open("/proc/self/oom_score_adj").read()])
    """
    attempts, unchanged = jail.ask(code)
    assert "done" not in attempts
    assert unchanged


def test_cant_break_more_than_itself_by_recursion(jail: Jail) -> None:
    code = """
        import sys
        sys.setrecursionlimit(10 ** 8)
        def dig(): return [dig() for _ in range(2)]
        dig()
    """
    result = jail.run(code, limits=ROOMY)
    # Without a control group the interpreter itself runs out of address space and says so in one of its ways.
    ended_by_itself = result.outcome.ended is Ended.FINISHED and result.outcome.exit_status == 1
    assert result.outcome.ended in (Ended.CRASHED, Ended.MEMORY) or ended_by_itself
    assert jail.ask("from toolbox import tell\ntell('still here')") == "still here"


@pytest.mark.skips_in_ci(NEEDS_CGROUP)
def test_cant_make_others_pay(jail: Jail) -> None:
    """A neighbour with a hoard of its own lives while the greedy one dies."""
    needs_memory_cgroup(jail)
    neighbour = jail.beside().begin(
        "from toolbox import tell\nhoard = b'x' * (30 << 20)\nprint('up', flush=True)\ninput()\ntell(len(hoard))",
        limits=SMALL,
    )
    neighbour.wait_for(b"up")
    assert jail.run("x = bytearray(b'x' * (500 << 20))", limits=SMALL).outcome.ended is Ended.MEMORY
    neighbour.send(b"\n")
    result = neighbour.result()
    assert result.outcome.ended is Ended.FINISHED
    assert result.stdout.endswith(b"31457280\n")
