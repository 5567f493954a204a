"""When a run is over, nothing of it is left: no process, no mount, no group, no memory, no descriptor."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.limits import CGI, MIB
from sandbox.outcome import Ended
from tests.sandbox.installation import is_alive
from tests.sandbox.jail import LONG, Jail

SETTLING_SECONDS = 10.0
SPARES = 8  # parked by every installation of these tests
MARGIN = 16  # of a hundred runs: some are still being cleared away, some kept for the next
NASTY = """
    import os, signal, socket
    for _ in range(4):
        if os.fork() == 0:
            os.setsid()
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            server = socket.socket(socket.AF_UNIX)
            server.bind(f"\\0kept-{os.getpid()}")
            while True: signal.pause()
    print("up", flush=True)
    input()
"""


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def group_folders(jail: Jail) -> list[str]:
    """Of the jails of this supervisor, in every hierarchy."""
    pid = jail.installation.status()["supervisor_pid"]
    return [str(folder) for folder in Path("/sys/fs/cgroup").glob(f"**/ivle-{pid}*/jail-*")]


def settled(reading: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """The reading once it is as wanted; the last one when it never is. The kernel clears away in its own time."""
    end = time.monotonic() + SETTLING_SECONDS
    value = reading()
    while not wanted(value) and time.monotonic() < end:
        time.sleep(0.05)
        value = reading()
    return value


@pytest.mark.everywhere
def test_cant_survive_the_end_of_the_program(jail: Jail) -> None:
    before = set(jail.installation.processes())
    running = jail.begin(NASTY)
    running.wait_for(b"up")
    during = set(jail.installation.processes()) - before
    running.send(b"\n")
    assert running.result().outcome.ended is Ended.FINISHED

    def left() -> list[int]:
        return [pid for pid in during if is_alive(pid) and program_of(pid) == jail.owner]

    assert settled(left, lambda pids: not pids) == []


@pytest.mark.everywhere
def test_cant_survive_being_stopped(jail: Jail) -> None:
    running = jail.begin(NASTY)
    running.wait_for(b"up")
    running.stop()
    assert running.result().outcome.ended is Ended.KILLED  # and its output has ended


def test_cant_survive_its_caller(jail: Jail) -> None:
    """The browser went away: the connection closes, and the pipe that the program held is at its end."""
    running = jail.begin(NASTY, limits=LONG)  # else its wall clock would end it before we lose patience
    running.wait_for(b"up")
    running.run.close()
    running.future.cancel()
    running.stdout.wait_for_end()
    running.close()


@pytest.mark.everywhere
def test_cant_leave_anything_in_the_service(jail: Jail) -> None:
    """Whatever the ending: descriptors, groups, mounts and processes are no more after many runs than after some."""
    status = jail.installation.status()
    supervisor, zygote = status["supervisor_pid"], status["zygote_pid"]
    endings = (
        "pass",
        "import os\nos.abort()",
        "import os\nos.fork()",
        "raise SystemExit(3)",
        "import os\nos.kill(os.getpid(), 9)",
    )

    def run_some(rounds: int) -> None:
        for _ in range(rounds):
            for ending in endings:
                jail.run(ending)
        settled(lambda: jail.installation.status()["spares"], lambda spares: spares >= SPARES)

    def counts() -> dict[str, int]:
        return {
            "descriptors": descriptors(supervisor),
            "mounts": mounts_of(zygote),
            "groups": len(group_folders(jail)),
            "processes": len(jail.installation.processes()),
        }

    def has_not_grown(now: dict[str, int]) -> bool:
        return all(now[name] <= before[name] + MARGIN for name in now)

    run_some(10)  # what is kept for the next run has been made
    before = counts()
    run_some(20)
    after = settled(counts, has_not_grown)
    assert has_not_grown(after), (before, after)
    assert jail.installation.status()["running"] == 0


def test_cant_leave_memory_in_the_service(jail: Jail) -> None:
    for _ in range(50):
        jail.run("pass")
    status = jail.installation.status()
    pids = (status["supervisor_pid"], status["zygote_pid"])
    before = [resident_bytes(pid) for pid in pids]
    for number in range(200):
        jail.run(f"kept = bytearray(10 << 20)  # {number}")
    after = [resident_bytes(pid) for pid in pids]
    assert all(now - then < 4 << 20 for now, then in zip(after, before, strict=True)), (before, after)


def test_cant_keep_a_namespace_alive(jail: Jail) -> None:
    """Seen by its abstract socket's name and its port being free at once for the next run."""
    code = """
        import os, socket
        kept = socket.create_server(("127.0.0.1", 5001))
        name = socket.socket(socket.AF_UNIX)
        name.bind("\\0kept-by-run")
        os.fork()
        print("bound")
    """
    for _ in range(3):
        assert b"bound" in jail.run(code).stdout


def test_cant_read_in_counters_what_others_sent(jail: Jail) -> None:
    """A network that served somebody before still knows how much went over it."""
    jail.run("""
        import socket
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(50): sender.sendto(b"x" * 1000, receiver.getsockname())
    """)
    code = """
        from toolbox import tell
        try:
            lines = open("/proc/self/net/dev").read().splitlines()[2:]
        except OSError:
            lines = []
        tell(sum(int(line.split()[1]) for line in lines))
    """
    other = jail.beside()
    assert [count for count in (other.ask(code) for _ in range(20)) if count] == []


@pytest.mark.skips_in_ci("not every kernel has IPv6")
def test_cant_leave_a_flow_label_for_the_next(jail: Jail) -> None:
    """The kernel keeps one that lingers for a minute after its socket, and lists it with its number and address."""
    result = jail.ask("""
        import os, socket, struct
        from toolbox import tell
        if os.path.exists("/proc/self/net/ip6_flowlabel"):
            create, to_anybody, linger_seconds = 1, 255, 60
            request = struct.pack("!16sI", socket.inet_pton(socket.AF_INET6, "::1"), 0)
            request += struct.pack("BBHHHI", 0, to_anybody, create, 60, linger_seconds, 0)
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).setsockopt(socket.IPPROTO_IPV6, 32, request)
            tell(open("/proc/self/net/ip6_flowlabel").read().count("\\n"))
        else:
            tell(None)
    """)
    if result is None:
        pytest.skip("this kernel has no flow labels of IPv6")
    assert result == 2  # a line of headings, and its own
    other = jail.beside()
    code = """
        from toolbox import tell
        tell(open("/proc/self/net/ip6_flowlabel").read().count("\\n"))
    """
    assert [other.ask(code) for _ in range(20)] == [1] * 20


def test_cant_leave_a_connection_for_the_next(jail: Jail) -> None:
    """Nothing of one run's sockets is met by another's, wherever the kernel is still closing them."""
    jail.run("""
        import socket
        kept = []
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            server = socket.create_server((address, 7007), family=family)
            client = socket.create_connection((address, 7007))
            client.sendall(bytes(1 << 16))
            kept += [server, client]
    """)
    code = """
        import socket
        from toolbox import attempt, tell
        tell([attempt(socket.create_server, (address, 7007), family=family)
              for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))])
    """
    other = jail.beside()
    assert [other.ask(code) for _ in range(12)] == [["done", "done"]] * 12


def test_cant_leave_its_end_to_the_next(jail: Jail) -> None:
    """Groups are used again: what the kernel counted there for one run says nothing about another."""
    limits = replace(CGI, memory_bytes=64 * MIB)
    for _ in range(3):
        greedy = jail.run("kept = bytearray(b'x' * (200 << 20))", limits=limits).outcome
        assert greedy.ended is Ended.MEMORY or greedy.exit_status == 1  # without a control group a MemoryError
        later = [jail.run("import os\nos.kill(os.getpid(), 9)", limits=limits).outcome for _ in range(10)]
        assert {outcome.ended for outcome in later} == {Ended.CRASHED}
        assert max(outcome.memory_bytes or 0 for outcome in later) < 32 * MIB


def test_cant_leave_a_file_half_gone(jail: Jail) -> None:
    """Killed while it writes: what was flushed is there, and the home is as usable as before."""
    running = jail.begin("""
        with open("log.txt", "w") as file:
            for number in range(10**9):
                print(number, file=file, flush=True)
                if number == 100: print("up", flush=True)
    """)
    running.wait_for(b"up")
    running.stop()
    running.result()
    assert (jail.home / "log.txt").read_text().startswith("0\n1\n2\n")
    assert jail.ask("from toolbox import tell\ntell(open('log.txt').readline())") == "0\n"


def test_cant_cost_a_later_run_its_time(jail: Jail) -> None:
    """The CPU of one run, and of making its jail, is not charged to the next."""
    jail.run("while True: pass", limits=CGI)
    assert jail.run("pass", limits=CGI).outcome.cpu_seconds < 0.2


def program_of(pid: int) -> str | None:
    """Whose home the process sees, by its mounts."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
            place = line.split()[4]
            if place.startswith("/home/"):
                return place.removeprefix("/home/")
    return None


def mounts_of(pid: int) -> int:
    """Where we may look; a zygote of another user's is not ours to read."""
    with contextlib.suppress(OSError):
        return len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())
    return 0
