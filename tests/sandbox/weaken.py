"""Takes one defence after the other out of a copy of the sandbox and sees which attacks get through.

`python -m tests.sandbox.weaken` tries them all and writes the table into docs/escapes.md; with names, only those, and prints.
A defence whose absence no attack notices is either said here to be a second line behind another, or not tested.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.installation import BEST_ONLY, CHECKOUT, CODE_UNDER_TEST, copy_code

SOURCE = Path(os.environ.get(CODE_UNDER_TEST, CHECKOUT))
DOCUMENT = CHECKOUT / "docs" / "escapes.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
AT_ONCE = 2
LONGEST_SECONDS = 300.0
SHOWN_MAX = 4


@dataclass(frozen=True)
class Change:
    """`old` must be in the file exactly once; what is replaced is shown nowhere but here."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Weakening:
    defence: str
    changes: tuple[Change, ...]
    behind: str = ""  # which other defence still holds, where no attack is expected to notice
    fails_closed: bool = False  # without it no jail can be made at all
    everywhere: bool = False  # it matters on other installations than the best one


class DoesNotApply(Exception):
    """The sandbox has changed; so must the weakening."""


def change(file: str, old: str, new: str = "") -> Change:
    return Change(f"sandbox/{file}.py", old, new)


def rlimit(name: str) -> Change:
    """The rest of its line goes with it."""
    return Change("sandbox/cage.py", f"        resource.RLIMIT_{name}: ", f"        # resource.RLIMIT_{name}: ")


NO_SECCOMP = change("cage", "    syscalls.set_seccomp_filter(cage.seccomp_filter)\n", "    pass\n")
NO_LANDLOCK = change("cage", "    landlock.restrict()\n")
NO_DROP = change("cage", "    syscalls.set_capabilities(0, 0, 0)\n")
SHARED_NETWORK = change("zygote", "number not in self.networks", "number not in self.networks and not self.networks.setdefault(number, os.dup(self.networks.setdefault(-1, os.open('/proc/self/ns/net', os.O_RDONLY))))")

WEAKENINGS = (
    Weakening("mount namespace of the run", (change("jail", "syscalls.CLONE_NEWNS | "),), fails_closed=True),
    Weakening("PID namespace of the run", (change("zygote", "        syscalls.unshare(syscalls.CLONE_NEWPID)\n", "        pass\n"),)),
    Weakening("network namespace of the run", (SHARED_NETWORK,)),
    Weakening(
        "network namespaces of the run and the launcher",
        (SHARED_NETWORK, change("launcher", " | syscalls.CLONE_NEWNET")),
    ),
    Weakening("IPC namespace", (change("jail", "syscalls.CLONE_NEWIPC | "),), "the filter: no System V or POSIX queues"),
    Weakening("UTS namespace", (change("jail", "syscalls.CLONE_NEWUTS | "),)),
    Weakening("control group namespace", (change("jail", " | syscalls.CLONE_NEWCGROUP"),)),
    Weakening("user namespace of the run", (change("cage", "    if cage.mode is Mode.USER_NAMESPACE:\n        leave_to_own_user_namespace(host_proc)\n"),)),
    Weakening("limit of nested user namespaces", (change("cage", '        os.write(sysctl, b"0")\n', "        pass\n"),), "the filter: no clone or unshare of namespaces"),
    Weakening("limit of nested user namespaces, and the filter", (change("cage", '        os.write(sysctl, b"0")\n', "        pass\n"), NO_SECCOMP)),
    Weakening("homes of others taken away", (change("mounts", "    syscalls.unmount(HOMES)\n", "    pass\n"), change("mounts", "    while os.stat(HOMES).st_dev != os.stat(\"/\").st_dev:", "    while False:"))),
    Weakening("read-only view", (change("mounts", "syscalls.MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID, recursive=True", "syscalls.MOUNT_ATTR_NOSUID, recursive=True"),), "Landlock, and that nothing of the system belongs to student code"),
    Weakening("read-only view, and Landlock", (change("mounts", "syscalls.MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID, recursive=True", "syscalls.MOUNT_ATTR_NOSUID, recursive=True"), NO_LANDLOCK)),
    Weakening("nosuid view", (change("mounts", "syscalls.MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID, recursive=True", "syscalls.MOUNT_ATTR_RDONLY, recursive=True"), change("mounts", "MS_NOSUID | MS_NODEV, \"mode=755,size=4m\"", "MS_NODEV, \"mode=755,size=4m\""))),
    Weakening("nosuid and nodev homes", (change("mounts", "unprivileged = syscalls.MOUNT_ATTR_NOSUID | syscalls.MOUNT_ATTR_NODEV", "unprivileged = 0"),)),
    Weakening("the host's tree taken away", (change("mounts", "    syscalls.unmount(\".\")\n", "    pass\n"),)),
    Weakening("hidden processes and facts of the host", (change("mounts", '"hidepid=2,subset=pid"', '""'),)),
    Weakening("own terminals, a bounded number", (change("mounts", "mode=0620,max=16", "mode=0620"),)),
    Weakening("bounded /tmp", (change("mounts", "size={limits.tmp_bytes},nr_inodes={TMP_INODES}", "nr_inodes={TMP_INODES}"),)),
    Weakening("bounded number of files in /tmp", (change("mounts", ",nr_inodes={TMP_INODES}"),)),
    Weakening("system-call filter", (NO_SECCOMP,)),
    Weakening("filter: architecture", (change("seccomp", "(RETURN, 0, 0, KILL_PROCESS)", "(RETURN, 0, 0, ALLOW)"),)),
    Weakening("filter: second set of numbers", (change("seccomp", 'if machine == "x86_64":', "if False:"),), "the allow-list: numbers of x32 are in no list"),
    Weakening("filter: what is in no list", (change("seccomp", "unknown = (RETURN, 0, 0, refusal(errno.ENOSYS))", "unknown = (RETURN, 0, 0, ALLOW)"),)),
    Weakening("filter: commands of ioctl", (change("seccomp", '        "ioctl": only(1, IOCTL_COMMANDS, errno.ENOTTY),\n'),)),
    Weakening("filter: options of prctl", (change("seccomp", '        "prctl": only(0, PRCTL_OPTIONS, errno.EPERM),\n'),)),
    Weakening("filter: flags of clone", (change("seccomp", '        "clone": without_bits(0, NAMESPACE_FLAGS),\n'),)),
    Weakening("filter: families of sockets", (change("seccomp", '        "socket": only(0, SOCKET_FAMILIES, errno.EAFNOSUPPORT),\n'),)),
    Weakening("filter: families of socket pairs", (change("seccomp", '        "socketpair": only(0, SOCKET_FAMILIES[:1], errno.EAFNOSUPPORT),\n'),)),
    Weakening("filter: privileged modes", (change("seccomp", "PRIVILEGE_BITS = stat.S_ISUID | stat.S_ISGID", "PRIVILEGE_BITS = 0"),)),
    Weakening("filter: device nodes", (change("seccomp", "NODE_TYPES = (0, ", "NODE_TYPES = (0, stat.S_IFCHR, stat.S_IFBLK, "),), "no capability to make them, nodev mounts, Landlock"),
    Weakening("filter: nameless files where nothing counts them", (change("seccomp", '        del numbers["memfd_create"]', "        pass"),), everywhere=True),
    Weakening("Landlock", (NO_LANDLOCK,)),
    Weakening("capabilities dropped", (NO_DROP,)),
    Weakening("capabilities dropped, and the filter", (NO_DROP, NO_SECCOMP)),
    Weakening("no new privileges", (change("cage", "    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)\n"),), fails_closed=True),
    Weakening("init gives up its capabilities", (change("jail", "    syscalls.set_capabilities(0, 0, 0)\n"),), "its user namespace is not the student's: no way into it"),
    Weakening("init is not dumpable", (change("jail", "    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)", "    return"),), "its user namespace is not the student's; hidepid"),
    Weakening("descriptors closed", (change("jail", "    os.closerange(DESCRIPTOR_COUNT - 1, 2 * FIRST_FREE_DESCRIPTOR)\n"),)),
    Weakening("signals as Python starts", (change("cage", "    reset_signals()\n"),)),
    Weakening("our modules out of sight", (change("zygote", "            del sys.modules[name]", "            pass  #"),)),
    Weakening("our folder off the path", (change("zygote", "    sys.path[:] = [entry for entry in sys.path if entry not in (\"\", mounts.OURS)]\n"),), "the folder is taken away once we are imported"),
    Weakening("empty environment", (change("nursery", "                env={},\n"), change("launcher", "ZYGOTE_ENVIRONMENT | runtime.environ()", "dict(os.environ) | ZYGOTE_ENVIRONMENT | runtime.environ()"))),
    Weakening("payload closed before the program begins", (change("jail", "    with open(take_over(descriptors), \"rb\") as file:\n", "    with open(take_over(descriptors), \"rb\", closefd=False) as file:\n"),), "descriptors closed"),
    Weakening("random numbers made anew after a fork", (change("forks", "        for hook in _hooks:\n            hook()\n"),)),
    Weakening("limit: address space", (rlimit("AS"),)),
    Weakening("limit: processes", (rlimit("NPROC"),), "the control group, where there is one"),
    Weakening("limit: one file", (rlimit("FSIZE"),)),
    Weakening("limit: open files", (rlimit("NOFILE"),)),
    Weakening("limit: stack", (rlimit("STACK"),), "address space and memory"),
    Weakening("limit: core", (rlimit("CORE"),)),
    Weakening("limit: locked memory", (rlimit("MEMLOCK"),)),
    Weakening("limit: message queues", (rlimit("MSGQUEUE"),)),
    Weakening("limit: niceness", (rlimit("NICE"),)),
    Weakening("limit: real-time priority", (rlimit("RTPRIO"),)),
    Weakening("limit: pending signals", (rlimit("SIGPENDING"),)),
    Weakening("limit: CPU of a process", (change("cage", "    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))\n"),)),
    Weakening("limit: data, where nothing counts memory", (change("cage", "        both[resource.RLIMIT_DATA] = limits.memory_bytes", "        pass"),), "address space", everywhere=True),
    Weakening("CPU of the whole run", (change("keeper", "        if remaining <= 0:", "        if False:"),)),
    Weakening("wall clock", (change("keeper", 'self.loop.call_later(self.cell.limits.wall_seconds, self.stop, Ended.WALL)', 'self.loop.call_later(120, self.stop, Ended.WALL)'),)),
    Weakening("memory of the control group", (change("cgroups", 'memory, processes = str(limits.memory_bytes), str(limits.processes + 1)', 'memory, processes = str(1 << 40), str(limits.processes + 1)'),)),
    Weakening("processes of the control group", (change("cgroups", 'str(limits.memory_bytes), str(limits.processes + 1)', 'str(limits.memory_bytes), "30000"'),), "the limit of processes"),
    Weakening("a caller that leaves ends its run", (change("supervisor", "                self.keeper.stop(Ended.KILLED)\n        else:", "                pass\n        else:"),)),
    Weakening("names of owners checked", (change("job", "        isinstance(name, str)\n        and", "        isinstance(name, str) or"),)),
    Weakening("an init that ignores signals", (change("jail", "    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)\n", "    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))\n    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)\n"),)),
    Weakening("clean networks only are used again", (change("jail", '"clean" if networks.traces() == network.fresh else "littered"', '"clean"'),)),
)  # fmt: skip


def weaken(weakening: Weakening, source: Path, target: Path) -> Path:
    """A copy of sandbox/ and guest/ without this defence. Raises DoesNotApply."""
    copy_code(source, target)
    for one in weakening.changes:
        path = target / one.file
        text = path.read_text()
        if text.count(one.old) != 1:
            raise DoesNotApply(f"{weakening.defence}: {one.file} has {text.count(one.old)} times {one.old!r}")
        path.write_text(text.replace(one.old, one.new))
    return target


def attack(code: Path, *, everywhere: bool, only: str = "test_") -> tuple[set[str], str]:
    """The tests that fail against this code, and the last line pytest printed. `only` is an expression of names."""
    command = [
        sys.executable, "-m", "pytest", "tests/sandbox/escapes", "-v", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly",
        "-o", "faulthandler_timeout=0", "-W", "ignore", "-k", only,
    ]  # fmt: skip
    environment = {**os.environ, CODE_UNDER_TEST: str(code), **({} if everywhere else {BEST_ONLY: "1"})}
    try:
        done = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace")
        return failures(output), "not finished"
    return failures(done.stdout), done.stdout.strip().rpartition("\n")[2]


def failures(output: str) -> set[str]:
    """Names of test functions with the installation they ran on left out."""
    return {found.group(1) for found in re.finditer(r"::(\w+)(?:\[.*?\])? (?:FAILED|ERROR)\b", output)}


def try_one(weakening: Weakening, known: set[str], folder: Path) -> tuple[Weakening, set[str], str]:
    name = re.sub(r"\W+", "-", weakening.defence)
    try:
        code = weaken(weakening, SOURCE, folder / name)
    except DoesNotApply as reason:
        return weakening, set(), f"does not apply: {reason}"
    failed, last = attack(code, everywhere=weakening.everywhere)
    failed -= known
    if failed and not weakening.fails_closed:
        again, _ = attack(code, everywhere=weakening.everywhere, only=" or ".join(sorted(failed)))
        failed &= again  # what fails by chance on a busy machine is no evidence
    print(f"{weakening.defence}: {', '.join(sorted(failed)) or 'none'} ({last})", file=sys.stderr, flush=True)
    return weakening, failed, last


def row(weakening: Weakening, failed: set[str], last: str) -> str:
    names = sorted(failed)
    shown = ", ".join(f"`{name}`" for name in names[:SHOWN_MAX])
    if len(names) > SHOWN_MAX:
        shown += f" and {len(names) - SHOWN_MAX} more"
    if last.startswith("does not apply"):
        shown = "not tried: the sandbox has changed"
    elif weakening.fails_closed and names:
        shown = "all: without it no jail can be made, so nothing runs"
    elif not names:
        shown = f"none; a second line behind: {weakening.behind}" if weakening.behind else "none"
    return f"| {weakening.defence} | {shown} |"


def write_document(rows: Sequence[str]) -> None:
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(["", "| without | attacks that get through |", "|---|---|", *rows, ""])
    DOCUMENT.write_text(f"{before}{BEGIN}{table}{END}{after}")


def main(names: Sequence[str]) -> int:
    """The exit status: 0 when every defence is noticed or said to be a second line."""
    chosen = [one for one in WEAKENINGS if not names or one.defence in names]
    with tempfile.TemporaryDirectory(prefix="ivle-weak-") as folder:
        Path(folder).chmod(0o755)
        known, last = attack(copy_code(SOURCE, Path(folder, "whole")), everywhere=True)
        print(f"nothing taken out: {', '.join(sorted(known)) or 'none'} ({last})", file=sys.stderr, flush=True)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(lambda one: try_one(one, known, Path(folder)), chosen))
    rows = [row(*result) for result in results]
    print("\n".join(rows))
    if not names:
        write_document(rows)
    return int(any(not failed and not weakening.behind for weakening, failed, _ in results))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
