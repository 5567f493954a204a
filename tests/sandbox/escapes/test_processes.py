"""Student code cannot have more processes than its run was given, nor touch anybody else's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.limits import CGI
from sandbox.outcome import Ended
from tests.sandbox.installation import is_alive
from tests.sandbox.jail import QUICK, ROOMY, Jail

FEW = replace(QUICK, processes=12)


@pytest.mark.everywhere
def test_cant_fork_without_end(jail: Jail) -> None:
    code = """
        from toolbox import count_forks, tell
        tell(len(count_forks(200)))
        input()
    """
    spares = len(jail.installation.processes())
    running = jail.begin(code, limits=FEW)
    count = int(running.wait_for(b"\n"))
    assert 1 <= count <= FEW.processes
    assert len(jail.installation.processes()) <= spares + FEW.processes + 1 + 2 * 8
    running.stop()
    assert running.result().outcome.ended is Ended.KILLED


def test_cant_start_threads_without_end(jail: Jail) -> None:
    code = """
        import threading
        from toolbox import tell
        wait = threading.Event()
        count = 0
        try:
            while count < 500:
                threading.Thread(target=wait.wait, daemon=True).start()
                count += 1
        except RuntimeError:
            pass
        tell(count)
    """
    assert jail.ask(code) < CGI.processes


@pytest.mark.everywhere
def test_cant_keep_others_from_forking(jail: Jail) -> None:
    """Limits that count per user must not count other people's runs."""
    filler = jail.begin("from toolbox import count_forks\nprint(len(count_forks(200)), flush=True)\ninput()")
    filler.wait_for(b"\n")
    other = jail.beside().ask("from toolbox import count_forks, tell\ntell(len(count_forks(20)))")
    filler.stop()
    filler.result()
    assert other == 20


@pytest.mark.by_every_tier
def test_cant_bomb_the_machine(jail: Jail) -> None:
    """Every child forks on. The run ends by its CPU limit, all of it, and this side can still start programs."""
    running = jail.begin(
        "import os\nprint('up', flush=True)\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
        limits=replace(QUICK, wall_seconds=5.0),
    )
    running.wait_for(b"up")
    assert subprocess.run(["/bin/true"], check=False).returncode == 0
    assert running.result().outcome.ended in (Ended.CPU, Ended.WALL)


def test_cant_leave_the_dead_unburied(jail: Jail) -> None:
    """Orphans are buried for it; a farm of them does not use up the number of processes."""
    code = """
        import os
        from toolbox import tell
        failed = 0
        for _ in range(200):
            if os.fork() == 0:
                if os.fork() == 0: os._exit(0)
                os._exit(0)
            failed += os.wait()[1] != 0
        tell(failed)
    """
    assert jail.ask(code, limits=ROOMY) == 0


@pytest.mark.everywhere
def test_cant_kill_others(jail: Jail) -> None:
    """Of one uid, in two jails and outside."""
    victim = jail.beside().begin("print('up', flush=True)\ninput()\nprint('lived')")
    victim.wait_for(b"up")
    same_uid = {"user": jail.installation.jail_id} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "600"], **same_uid) as outside:
        result = jail.run(
            """
            import os, signal
            from toolbox import attempt
            for pid in range(3, 100_000): attempt(os.kill, pid, signal.SIGKILL)
            attempt(os.kill, -1, signal.SIGKILL)
        """,
            limits=ROOMY,
        )
        assert outside.poll() is None
        outside.kill()
    assert result.outcome.ended in (Ended.CRASHED, Ended.FINISHED)
    victim.send(b"\n")
    assert b"lived" in victim.result().stdout


@pytest.mark.everywhere
def test_cant_kill_its_holder(jail: Jail) -> None:
    """Pid 1 dead is the run dead; whoever could end it at will could say it was our fault."""
    result = jail.run("""
        import os, signal
        from toolbox import attempt, tell
        for number in sorted(signal.valid_signals()):
            attempt(os.kill, 1, number)
        tell("alive")
    """)
    assert result.value == "alive"


def test_cant_stop_its_holder(jail: Jail) -> None:
    """Whatever is done to pid 1, it is the program whose end counts."""
    result = jail.run("import os, signal, toolbox\ntoolbox.attempt(os.kill, 1, signal.SIGSTOP)\nos._exit(7)")
    assert (result.outcome.ended, result.outcome.exit_status) == (Ended.FINISHED, 7)


@pytest.mark.everywhere
def test_cant_starve_its_holder_by_limits(jail: Jail) -> None:
    """prlimit(2) asks for the same uid and nothing else."""
    result = jail.run("""
        import resource
        from toolbox import tell
        changed = []
        for name in [name for name in dir(resource) if name.startswith("RLIMIT_")]:
            try:
                resource.prlimit(1, getattr(resource, name), (0, 0))
            except OSError:
                continue
            changed.append(name)
        tell(changed)
    """)
    assert result.value == []


def test_cant_look_into_its_holder(jail: Jail) -> None:
    code = """
        import os
        from toolbox import attempt, syscall, tell
        files = ("mem", "environ", "maps", "cmdline", "stat", "status", "auxv", "smaps", "pagemap", "mountinfo",
                 "stack", "syscall", "limits", "task/1/mem", "task/1/environ", "fdinfo/3", "net/unix", "cgroup", "io")
        folders = ("fd", "fdinfo", "map_files", "ns", "root", "cwd", "task")
        attempts = {name: attempt(open, f"/proc/1/{name}", "rb") for name in files}
        attempts |= {name: attempt(os.listdir, f"/proc/1/{name}") for name in folders}
        attempts["exe"] = attempt(os.readlink, "/proc/1/exe")
        tell(attempts)
    """
    attempts = jail.ask(code)
    assert "done" not in attempts.values(), attempts


@pytest.mark.parametrize("call", ["ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"])
def test_cant_reach_into_processes(jail: Jail, call: str) -> None:
    """Not even of its own: these calls have had holes. Asked of a child, where the kernel itself would allow it."""
    code = f"""
        import ctypes, os
        from toolbox import count_forks, syscall, tell
        [child] = count_forks(1)
        room = ctypes.create_string_buffer(64)
        handle = os.pidfd_open(child)
        arguments = {{
            "ptrace": (16, child, 0, 0),
            "process_vm_readv": (child, room, 0, room, 0, 0),
            "process_vm_writev": (child, room, 0, room, 0, 0),
            "kcmp": (os.getpid(), child, 2, 0, 0),
            "pidfd_getfd": (handle, 1, 0),
        }}["{call}"]
        tell(syscall("{call}", *arguments))
    """
    assert jail.ask(code) < 0


def test_cant_see_other_processes(jail: Jail) -> None:
    """Neither another jail's nor its own holder."""
    other = jail.beside().begin("print('up', flush=True)\ninput()")
    other.wait_for(b"up")
    code = """
        import os
        from toolbox import tell
        tell([[int(name) for name in os.listdir("/proc") if name.isdigit()], os.getpid()])
    """
    seen, own = jail.ask(code)
    assert seen == [own]
    other.send(b"\n")
    other.result()


def test_cant_find_other_processes_by_their_numbers(jail: Jail) -> None:
    """Without /proc too: nothing answers but itself and its holder."""
    code = """
        import os
        from toolbox import attempt, tell
        tell([pid for pid in range(1, 70_000) if attempt(os.kill, pid, 0) != "ESRCH"])
    """
    assert jail.ask(code, limits=ROOMY) == [1, 2]


def test_cant_signal_its_caller_by_a_handle(jail: Jail) -> None:
    """A socket tells who made it, as a pidfd too: getsockopt(SO_PEERPIDFD)."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        result = jail.run(
            """
            import os, signal, socket
            from toolbox import attempt, tell
            peer = socket.socket(fileno=0)
            try:
                handle = peer.getsockopt(socket.SOL_SOCKET, 77)
            except OSError as error:
                tell(str(error))
            else:
                tell([attempt(signal.pidfd_send_signal, handle, number) for number in (0, signal.SIGWINCH)])
        """,
            stdin=theirs.fileno(),
        )
    assert "done" not in result.value


@pytest.mark.skips_in_ci("not every machine has each of them")
@pytest.mark.parametrize("program", ["su", "mount", "newuidmap", "passwd", "chsh"])
def test_cant_gain_by_programs_with_the_setuid_bit(jail: Jail, program: str) -> None:
    found = [Path(folder, program) for folder in ("/usr/bin", "/bin") if Path(folder, program).exists()]
    if not found or not found[0].stat().st_mode & 0o4000:
        pytest.skip(f"this machine has no {program} with the setuid bit")
    code = f"""
        import os
        from toolbox import tell
        tell([os.stat("{found[0]}").st_mode & 0o4000 != 0, bool(os.statvfs("{found[0]}").f_flag & os.ST_NOSUID)])
    """
    assert jail.ask(code) == [True, True]


def test_cant_get_capabilities_back(jail: Jail) -> None:
    """All five sets are empty, and stay so over an exec."""
    code = """
        import subprocess
        from toolbox import tell
        own = open("/proc/self/status").read()
        child = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout
        wanted = ("Cap", "NoNewPrivs", "Seccomp:")
        tell([line.split() for line in (own + child).splitlines() if line.startswith(wanted)])
    """
    lines = jail.ask(code)
    assert len(lines) == 14
    for name, value in lines:
        assert int(value, 16) == {"NoNewPrivs:": 1, "Seccomp:": 2}.get(name, 0), name


@pytest.mark.everywhere
def test_cant_become_somebody_else(jail: Jail) -> None:
    code = """
        import os
        from toolbox import attempt, tell
        attempts = [attempt(call, number) for call in (os.setuid, os.setgid) for number in (0, 1, 65533, 65534)]
        attempts += [attempt(os.setgroups, [0]), attempt(os.setresuid, 0, 0, 0)]
        tell([attempts, os.getresuid(), os.getresgid()])
    """
    attempts, uids, gids = jail.ask(code)
    assert "done" not in attempts
    assert 0 not in uids
    assert 0 not in gids
    assert len(set(uids)) == len(set(gids)) == 1


def test_cant_outlive_its_parent_by_daemons(jail: Jail) -> None:
    """Forked twice, in a session of its own, deaf to signals: dead with the run all the same."""
    running = jail.begin(
        """
        import os, signal
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                os.write(1, b"daemon")
                while True: signal.pause()
            os._exit(0)
        os.wait()
        while True: pass
    """,
        limits=QUICK,
    )
    running.wait_for(b"daemon")
    assert running.result().outcome.ended is Ended.CPU  # and its output has ended: nobody holds it


def test_cant_be_seen_by_the_supervisor_as_alive(jail: Jail) -> None:
    """The processes themselves, seen from this side."""
    before = set(jail.installation.processes())
    running = jail.begin("from toolbox import count_forks\ncount_forks(10)\nprint('up', flush=True)\ninput()")
    running.wait_for(b"up")
    ours = [pid for pid in jail.installation.processes() if pid not in before]
    running.stop()
    running.result()
    parked = {pid for pid in jail.installation.processes() if pid not in before}
    assert not [pid for pid in ours if pid not in parked and is_alive(pid)]


def test_cant_be_deaf_to_the_end(jail: Jail) -> None:
    running = jail.begin("""
        import signal
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        print("up", flush=True)
        while True: signal.pause()
    """)
    running.wait_for(b"up")
    running.stop()
    outcome = running.result().outcome
    assert outcome.ended is Ended.KILLED
    assert outcome.signal in (None, signal.SIGKILL)
