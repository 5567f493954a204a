"""Supervisors to attack, of every kind an administrator may run. Started by conftest.py, once a session each."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import wire

CHECKOUT = Path(__file__).resolve().parent.parent.parent
CODE_UNDER_TEST = "IVLE_TESTS_SANDBOX"  # a folder with sandbox/ and guest/: set by weaken.py
BEST_ONLY = "IVLE_TESTS_BEST_ONLY"  # set by weaken.py where the other installations would tell nothing more
HOST_SECRET = "host-secret-5f0c9a"
CANNOT_ISOLATE_STATUS = 78
SYSTEM_PYTHON = Path("/usr/bin/python3")
PLAIN_ID = 64321  # a uid and gid that nobody has
JAIL_ID = 64322  # another, for student code below a supervisor that is root
EXTRA_GROUP = 64323  # a supplementary group of a supervisor that is root, as a login shell's may be
GOOD_PATH = "/usr/local/bin:/usr/bin:/bin"

SERVE = """
import ctypes, json, resource, sys
ctypes.CDLL(None).prctl(1, 15)  # ends when the tests do, however those end
from pathlib import Path
from sandbox.meter import Tier
from sandbox.supervisor import Configuration, serve
wanted = json.loads(sys.argv[1])
for name in ("socket", "homes", "runtime", "runtimes", "guests"):
    if name in wanted:
        wanted[name] = Path(wanted[name])
if "open_files" in wanted:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted.pop("open_files"), hard))
for kind, most in ((resource.RLIMIT_NICE, 40), (resource.RLIMIT_RTPRIO, 99)):  # as a session of an audio user has
    try:
        resource.setrlimit(kind, (most, most))
    except (OSError, ValueError):
        pass  # only root may raise them
if "tier" in wanted:
    wanted["tier"] = Tier[wanted["tier"]]
raise SystemExit(serve(Configuration(**wanted)))
"""


class CannotIsolate(Exception):
    """This machine refuses what a jail needs. The message is the supervisor's own."""


@dataclass(frozen=True)
class Kind:
    """`settings` are those of sandbox.supervisor.Configuration, and `open_files`, a soft limit to start with."""

    name: str
    wants_root: bool = False
    steps_down: bool = False  # root starts it as somebody without privileges
    settings: dict[str, Any] = field(default_factory=dict)


AS_ROOT = Kind("as root", wants_root=True)
UNPRIVILEGED = Kind("unprivileged", steps_down=True)
WITHOUT_USER_NAMESPACES = Kind("root, no user namespaces", wants_root=True, settings={"without_user_namespaces": True})
BY_PERF = Kind("perf counters", settings={"tier": "PERF"})
BY_SAMPLING = Kind("sampling", settings={"tier": "SAMPLING"})
BEST = AS_ROOT if os.geteuid() == 0 else UNPRIVILEGED
KINDS = (AS_ROOT, UNPRIVILEGED, WITHOUT_USER_NAMESPACES, BY_PERF, BY_SAMPLING)


class Installation:
    """A supervisor, its homes and its socket."""

    def __init__(self, kind: Kind, code: Path | None = None) -> None:
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp(prefix="ivle-jails-"))
        self.folder.chmod(0o755)
        steps_down = kind.steps_down and os.geteuid() == 0
        self.service_id = PLAIN_ID if steps_down else os.geteuid()
        self.jail_id = JAIL_ID if self.service_id == 0 else self.service_id
        self.homes = self.own(self.folder / "homes", self.jail_id)
        self.homes.chmod(0o700)
        self.socket = self.own(self.folder / "run", self.service_id) / "sandbox.sock"
        self.code = code or Path(os.environ.get(CODE_UNDER_TEST, CHECKOUT))
        self.interpreter, self.runtime = Path(sys.executable), find_runtime()
        if steps_down:
            # A checkout and its interpreter may lie in folders that are closed to others.
            self.code = copy_code(self.code, self.folder / "code")
            self.interpreter, self.runtime = SYSTEM_PYTHON, None
        self.owners = itertools.count(1)
        self.log = self.folder / "log"
        self.process = self.start()

    def own(self, folder: Path, uid: int) -> Path:
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            os.chown(folder, uid, uid)
        return folder

    def start(self) -> subprocess.Popen[bytes]:
        wanted: dict[str, Any] = {"socket": str(self.socket), "homes": str(self.homes), **self.kind.settings}
        if self.runtime:
            wanted["runtime"] = str(self.runtime)
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            groups = [EXTRA_GROUP] if self.service_id == 0 else []
            identity = {"user": self.service_id, "group": self.service_id, "extra_groups": groups}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [self.interpreter, "-c", SERVE, json.dumps(wanted)],
                cwd=self.code,
                env={"PATH": GOOD_PATH, "LANG": "C.UTF-8", "IVLE_SECRET_KEY": HOST_SECRET},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                **identity,
            )
        assert process.stdout is not None
        with process.stdout:
            if process.stdout.readline() == b"ready\n":
                return process
        if process.wait() == CANNOT_ISOLATE_STATUS:
            raise CannotIsolate(self.log.read_text())
        raise RuntimeError(f"the supervisor did not start: {self.log.read_text()}")

    def add_home(self, prefix: str = "student") -> tuple[str, Path]:
        """A new person, and the folder of that person on this side."""
        owner = f"{prefix}{next(self.owners)}"
        return owner, self.own(self.homes / owner, self.jail_id)

    def status(self) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(30)
            connection.connect(str(self.socket))
            wire.send(connection, {"kind": "status"})
            answer, _ = wire.receive(connection)
            assert connection.recv(1) == b""  # its descriptor is closed there, which may be what is counted next
        assert answer is not None
        return answer

    def processes(self) -> list[int]:
        """Every process in every jail, parked ones too, by its pid on this side."""
        zygote = self.status()["zygote_pid"]
        return [pid for pid in descendants(zygote) if pid != zygote] if zygote else []

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


def descendants(pid: int) -> list[int]:
    """`pid` and all below it (proc(5), task/[tid]/children)."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def is_alive(pid: int) -> bool:
    """A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def copy_code(source: Path, target: Path) -> Path:
    for name in ("sandbox", "guest"):
        shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    if any("psutil" in file.read_text() for file in (target / "sandbox").glob("*.py")):
        import psutil

        shutil.copytree(Path(psutil.__file__).parent, target / "psutil")
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def find_runtime() -> Path | None:
    folder = Path(os.environ.get("IVLE_RUNTIME", CHECKOUT / ".runtime"))
    return folder if (folder / "pyvenv.cfg").exists() else None


def why_not(kind: Kind) -> str | None:
    """Why this kind cannot be had here; None when it can."""
    if kind.wants_root and os.geteuid() != 0:
        return "the tests do not run as root, so neither can the supervisor"
    if kind.steps_down and os.geteuid() == 0 and not SYSTEM_PYTHON.exists():
        return f"no {SYSTEM_PYTHON}, the only interpreter that is everybody's to run"
    if kind is BY_PERF and not perf_counters_allowed():
        return "perf counters are not allowed here (kernel.perf_event_paranoid)"
    return None


def perf_counters_allowed() -> bool:
    from sandbox import syscalls

    try:
        os.close(syscalls.open_task_clock())
        return int(Path("/proc/sys/kernel/perf_event_paranoid").read_text()) <= 2
    except OSError:
        return False
