"""Attacks on what is ours: the descriptors we hand over, the processes beside a run, the moments around it."""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import replace

import pytest

from sandbox.faults import SandboxRefused
from sandbox.outcome import Ended
from tests.sandbox.jail import QUICK, ROOMY, Jail


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "sabotage",
    [
        "resource.prlimit(1, resource.RLIMIT_AS, (0, 0))",
        "resource.prlimit(1, resource.RLIMIT_STACK, (0, 0))",
        "resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))",
        "[resource.prlimit(1, kind, (0, 0)) for kind in range(16)]",
        "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
        "os.kill(1, signal.SIGKILL)",
        "os.kill(1, signal.SIGINT)",
        "os.kill(0, signal.SIGKILL)",
        "resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)) or [os.fork() or os._exit(0) for _ in range(300)]",
    ],
)
def test_cant_pass_its_end_off_as_our_failure(jail: Jail, sabotage: str) -> None:
    """Our failures cost nobody an attempt; so nobody may be able to cause one. The outcome is the program's own."""
    result = jail.run(f"""
        import os, resource, signal
        for _ in range(3):
            try: {sabotage}
            except (OSError, ValueError): pass
        os._exit(5)
    """)
    assert result.outcome.ended in (Ended.FINISHED, Ended.CRASHED, Ended.CPU)
    assert result.outcome.exit_status == 5 or result.outcome.signal


@pytest.mark.everywhere
def test_cant_be_faster_than_its_cage(jail: Jail) -> None:
    """The first thing a program does, while its home has just been brought and the others are hardly gone."""
    code = """
        import os
        opened = []
        for _ in range(3000):
            for name in ("mem", "environ", "maps", "root/.homes", "fd/3", "ns/mnt", "cwd"):
                try:
                    opened.append((name, os.open(f"/proc/1/{name}", os.O_RDONLY)))
                except OSError:
                    pass
        from toolbox import tell
        tell([opened, os.path.exists("/.homes") and os.listdir("/.homes")])
    """
    for _ in range(3):
        assert jail.ask(code, limits=ROOMY) == [[], []]


@pytest.mark.everywhere
def test_cant_write_about_itself_in_proc(jail: Jail) -> None:
    names = [
        "uid_map", "gid_map", "projid_map", "setgroups", "attr/current", "attr/exec", "loginuid", "coredump_filter",
        "timerslack_ns", "clear_refs", "oom_score_adj", "oom_adj", "mem", "sched", "autogroup", "make-it-fail",
    ]  # fmt: skip
    code = f"""
        from toolbox import attempt, tell
        tell([name for name in {names} if attempt(open, "/proc/self/" + name, "r+b", buffering=0) == "done"])
    """
    written = jail.ask(code)
    assert not set(written) - {"mem", "timerslack_ns"}, written


def test_cant_enter_a_namespace_it_can_see(jail: Jail) -> None:
    code = """
        import os
        from toolbox import attempt, syscall, tell
        results = []
        for name in os.listdir("/proc/self/ns"):
            def enter():
                if syscall("setns", os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0) < 0:
                    raise PermissionError(1, "refused")
            results.append(attempt(enter))
        tell(results)
    """
    assert "done" not in jail.ask(code)


def test_cant_change_a_body_that_is_sealed(jail: Jail) -> None:
    """A request's body is a file without a name that its maker has sealed: not by any of the ways to write."""
    body = os.memfd_create("body", os.MFD_ALLOW_SEALING)
    try:
        os.write(body, b"as it was sent")
        os.lseek(body, 0, os.SEEK_SET)
        fcntl.fcntl(
            body, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        )
        result = jail.run(
            """
            import fcntl, mmap, os
            from toolbox import attempt, tell
            def again(): os.write(os.open("/proc/self/fd/0", os.O_RDWR), b"owned")
            tell([attempt(again), attempt(os.pwrite, 0, b"owned", 0), attempt(os.ftruncate, 0, 1),
                  attempt(fcntl.fcntl, 0, fcntl.F_ADD_SEALS, 0), attempt(mmap.mmap, 0, 4)])
        """,
            stdin=body,
        )
        assert result.value == ["EPERM"] * 5
        assert os.pread(body, 64, 0) == b"as it was sent"
    finally:
        os.close(body)


def test_cant_move_the_place_where_another_reads(jail: Jail) -> None:
    """Two runs of one caller with one descriptor would share its place in it; a pipe has none."""
    reading, writing = os.pipe()
    os.write(writing, b"for somebody else")
    os.close(writing)
    try:
        result = jail.run(
            "from toolbox import attempt, tell\nimport os\ntell(attempt(os.lseek, 0, 0, 0))", stdin=reading
        )
        assert result.value == "ESPIPE"
        assert os.read(reading, 64) in (b"for somebody else", b"")
    finally:
        os.close(reading)


@pytest.mark.skips_in_ci("only root can leave such a file in a home")
@pytest.mark.everywhere
def test_cant_gain_by_a_privileged_program_in_its_home(jail: Jail) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can put the file there")
    planted = jail.home / "planted"
    shutil.copy("/usr/bin/id", planted)
    os.chown(planted, 0, 0)
    planted.chmod(0o6755)
    own, planted_says = jail.ask("""
        import os, subprocess
        from toolbox import tell
        tell([os.getuid(), int(subprocess.run(["./planted", "-u"], capture_output=True).stdout)])
    """)
    assert planted_says == own != 0


def test_cant_meet_a_neighbour_in_tmp(jail: Jail) -> None:
    """While both live."""
    neighbour = jail.beside().begin("""
        import os
        for place in ("/tmp/meeting", "/dev/shm/meeting", "/home/meeting"): open(place, "w").close()
        os.mkfifo("/tmp/fifo")
        print("up", flush=True)
        input()
    """)
    neighbour.wait_for(b"up")
    code = """
        import os
        from toolbox import tell
        tell([os.path.exists(place) for place in ("/tmp/meeting", "/dev/shm/meeting", "/home/meeting")])
    """
    seen = jail.ask(code)
    neighbour.stop()
    neighbour.result()
    assert seen == [False] * 3


def test_cant_reach_another_run_of_its_own(jail: Jail) -> None:
    """Same person, same home, two jails: the files are shared, the processes are not."""
    first = jail.begin("print('up', flush=True)\ninput()\nprint('lived')", name="first.py")
    first.wait_for(b"up")
    jail.run("""
        import os, signal
        from toolbox import attempt
        for pid in range(3, 2000): attempt(os.kill, pid, signal.SIGKILL)
        attempt(os.kill, -1, signal.SIGKILL)
    """)
    first.send(b"\n")
    assert b"lived" in first.result().stdout


def test_cant_outlast_the_wall_by_leaving_its_main_thread(jail: Jail) -> None:
    code = """
        import ctypes, threading, time
        threading.Thread(target=time.sleep, args=(600,)).start()
        ctypes.CDLL(None).pthread_exit(None)
    """
    result = jail.run(code, limits=replace(QUICK, wall_seconds=0.5))
    assert result.outcome.ended in (Ended.WALL, Ended.CRASHED)


def test_cant_end_its_run_and_go_on(jail: Jail) -> None:
    """The run is over when its program is; the child that was to write on is dead before it can."""
    running = jail.begin("""
        import os
        reading, writing = os.pipe()
        told = 0
        if os.fork() == 0:
            while True:
                os.write(1, b".")
                with open("after", "a") as file: file.write(".")
                told = told or os.write(writing, b".")
        os.read(reading, 1)
        os._exit(0)
    """)
    result = running.result()
    assert result.outcome.ended is Ended.FINISHED
    size = (jail.home / "after").stat().st_size
    jail.ask("from toolbox import tell\ntell(1)")
    assert (jail.home / "after").stat().st_size == size


@pytest.mark.everywhere
def test_cant_run_on_by_holding_up_its_holder(jail: Jail) -> None:
    """Pid 1 told to be the last to get a processor, every processor taken: the end comes all the same."""
    running = jail.begin(
        """
        import os
        from toolbox import attempt
        attempt(os.sched_setscheduler, 1, os.SCHED_IDLE, os.sched_param(0))
        attempt(os.setpriority, os.PRIO_PROCESS, 1, 19)
        for _ in range(25):
            if os.fork() == 0:
                while True: pass
    """,
        limits=QUICK,
    )
    result = running.result()  # its output has ended: all of it is dead
    assert result.outcome.ended in (Ended.FINISHED, Ended.CPU)
    assert result.outcome.cpu_seconds < QUICK.cpu_seconds + 0.5


@pytest.mark.parametrize("number", ["SIGUSR1", "SIGCHLD"])
def test_cant_forge_how_it_ended(jail: Jail, number: str) -> None:
    """A child that says, in its parent's name, that all is well: with a made-up sender and status in the signal."""
    result = jail.run(f"""
        import os, signal, struct
        from toolbox import syscall
        if os.fork() == 0:
            for code in (-1, 0, 1, -6, -60):
                forged = struct.pack("=iiiiiii", signal.{number}, 0, code, 0, 2, os.getuid(), 0).ljust(128, b"\\0")
                syscall("rt_sigqueueinfo", 1, signal.{number}, forged)
                syscall("rt_tgsigqueueinfo", 1, 1, signal.{number}, forged)
            os._exit(0)
        os.wait()
        os._exit(9)
    """)
    assert (result.outcome.ended, result.outcome.exit_status) == (Ended.FINISHED, 9)


@pytest.mark.parametrize("game", ["subreaper", "pdeathsig", "new session", "vfork", "stopped child"])
def test_cant_confuse_who_reaps_whom(jail: Jail, game: str) -> None:
    code = f"""
        import os, signal, sys
        from toolbox import libc, syscall
        if "{game}" == "subreaper": libc.prctl(36, 1, 0, 0, 0)
        child = os.fork()
        if child == 0:
            if "{game}" == "pdeathsig": libc.prctl(1, signal.SIGKILL, 0, 0, 0)
            if "{game}" == "new session": os.setsid()
            if "{game}" == "stopped child": os.kill(os.getpid(), signal.SIGSTOP)
            if os.fork() == 0:
                while True: signal.pause()
            os._exit(0)
        if "{game}" != "stopped child": os.waitpid(child, 0)
        if "{game}" == "vfork": os.posix_spawn("/bin/sleep", ["sleep", "600"], {{}})
        os._exit(9)
    """
    outcome = jail.run(code).outcome
    assert (outcome.ended, outcome.exit_status) == (Ended.FINISHED, 9)


def test_cant_trick_the_guest_into_its_own_status(jail: Jail) -> None:
    """70 and 120 are statuses of ours; a program may use them, and it is then the program that finished."""
    for status in (70, 120, 2, 255):
        outcome = jail.run(f"import os\nos._exit({status})").outcome
        assert (outcome.ended, outcome.exit_status) == (Ended.FINISHED, status)


@pytest.mark.parametrize(
    "owner", ["..", ".", "", "a/b", "../other", "/etc", "x\0y", "-", ".hidden", "a" * 65, "ü", "a b", "a\n"]
)
def test_cant_be_somebody_by_a_crafted_name(jail: Jail, owner: str) -> None:
    """The name of an owner is a folder's; what is not plainly one is refused before anything is made."""
    forged = jail.beside()
    forged.write("program.py", "print('ran')")
    forged.owner = owner
    with pytest.raises(SandboxRefused):
        forged.begin(b"print('ran')").result()


def test_cant_see_a_device_that_is_not_harmless(jail: Jail) -> None:
    code = "import os\nfrom toolbox import tell\ntell(sorted(os.listdir('/dev')))"
    harmless = {
        "fd",
        "full",
        "null",
        "ptmx",
        "pts",
        "random",
        "shm",
        "stderr",
        "stdin",
        "stdout",
        "tty",
        "urandom",
        "zero",
    }
    assert set(jail.ask(code)) <= harmless


def test_cant_use_a_file_system_that_asks_somebody_else(jail: Jail) -> None:
    """No FUSE, no automounter, no overlay: nothing whose answers another program of theirs gives."""
    code = """
        import os
        from toolbox import tell
        tell([path for path in ("/dev/fuse", "/dev/userfaultfd", "/dev/kvm", "/dev/net/tun") if os.path.exists(path)])
    """
    assert jail.ask(code) == []
