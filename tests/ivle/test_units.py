"""The units of deploy/systemd: systemd understands them, and what they start starts, serves and ends as they say."""

from __future__ import annotations

import asyncio
import configparser
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import psutil
import pytest
from django.conf import settings

from sandbox import client
from sandbox.faults import SandboxError
from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.outcome import Ended

UNITS = Path(__file__).resolve().parent.parent.parent / "deploy" / "systemd"
START_SECONDS = 60
PLACES = ("/srv/ivle/ivle", "/srv/ivle/settings", "/srv/ivle/data", "/srv/ivle/backups")


def names(kind: str = "*") -> list[str]:
    return sorted(path.name for path in UNITS.glob(f"*.{kind}"))


class Unit(configparser.RawConfigParser):
    optionxform = staticmethod(str)  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",))
        self.read_string((UNITS / name).read_text())


class Machine:
    """The places that the units name, somewhere else."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.checkout, self.data, self.backups = checkout, folder / "data", folder / "backups"
        self.settings = folder / "settings"
        self.backups.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.settings.write_text(
            f"IVLE_SECRET_KEY={'s' * 50}\nIVLE_PUBLIC_URL=http://localhost:{self.port}\nIVLE_DATA={self.data}\n"
            f"PORT={self.port}\n"
        )

    def put(self, text: str) -> str:
        for written, here in zip(PLACES, (self.checkout, self.settings, self.data, self.backups), strict=True):
            text = text.replace(written, str(here))
        return text

    @contextmanager
    def start(
        self,
        name: str,
        before: Sequence[str] = (),
        environ: Mapping[str, str] = MappingProxyType({}),
        what: str = "ExecStart",
        **more: Any,
    ) -> Iterator[subprocess.Popen[str]]:
        """As systemd would: the unit's command, folder and variables, and nothing else. `before` starts it."""
        service = Unit(name)["Service"]
        settings = Path(self.put(service["EnvironmentFile"])).read_text().splitlines()
        process = subprocess.Popen(
            [*before, *shlex.split(self.put(service[what]))],
            cwd=self.put(service["WorkingDirectory"]),
            env={**dict(line.split("=", 1) for line in settings), "PATH": os.defpath, "LANG": "C.UTF-8", **environ},
            umask=int(service["UMask"], 8),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **more,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()

    def act(self, name: str, what: str) -> None:
        """What systemd runs beside the unit's process."""
        with self.start(name, what=what) as process:
            said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=20) as answer:
            return answer.read().decode()


@pytest.fixture(scope="module")
def machine(checkout, tmp_path_factory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"), checkout)


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """What it said until then."""
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def end(process: subprocess.Popen[str], name: str) -> None:
    """As the unit is stopped: a signal to the main process alone, and nobody is left of what it started."""
    assert Unit(name)["Service"]["KillMode"] == "mixed"
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(float(Unit(name)["Service"]["TimeoutStopSec"])) == 0
    _gone, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_every_file_is_for_systemd() -> None:
    assert names() == [
        "ivle-backup.service",
        "ivle-backup.timer",
        "ivle-farewell.service",
        "ivle-supervisor.service",
        "ivle-web.service",
        "ivle-web.socket",
        "ivle.target",
    ]
    wanted = shlex.split(Unit("ivle.target")["Unit"]["Wants"])
    assert sorted(wanted) == [name for name in names() if name not in ("ivle.target", "ivle-backup.service")]


def test_systemd_understands_them(machine, tmp_path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("there is no systemd-analyze here")
    for path in UNITS.iterdir():
        (tmp_path / path.name).write_text(machine.put(path.read_text()).replace("User=ivle", "User=root"))
    files = [str(tmp_path / name) for name in names()]
    checked = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", *files], capture_output=True, text=True, check=False
    )
    said = [line for line in checked.stderr.splitlines() if "ivle" in line]
    assert (checked.returncode, said) == (0, []), checked.stderr


def test_a_unit_that_is_wrong_would_be_seen(tmp_path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("there is no systemd-analyze here")
    text = (UNITS / "ivle-web.service").read_text()
    (tmp_path / "ivle-web.service").write_text(text.replace("KillMode=mixed", "KillMode=gently"))
    file = str(tmp_path / "ivle-web.service")
    checked = subprocess.run([analyze, "verify", "--man=no", file], capture_output=True, text=True, check=False)
    assert "gently" in checked.stderr
    assert "not executable" in checked.stderr


# What would keep the supervisor from making jails (docs/admin.md, “Mounts are refused”).
BREAKS_JAILS = (
    "ProtectKernelTunables",
    "ProtectKernelLogs",
    "ProtectProc",
    "ProcSubset",
    "ProtectControlGroups",
    "PrivateUsers",
    "PrivateMounts",
    "RestrictNamespaces",
    "NoNewPrivileges",
    "SystemCallFilter",
    "CapabilityBoundingSet",
    "InaccessiblePaths",
    "RestrictSUIDSGID",
    "DelegateSubgroup",
    "LimitNPROC",
    "LimitAS",
)


def test_the_supervisor_is_not_hardened_against_its_own_work() -> None:
    service = Unit("ivle-supervisor.service")["Service"]
    assert not set(BREAKS_JAILS) & set(service)
    assert service["Delegate"] == "yes"
    assert service["OOMPolicy"] == "continue"
    assert service["RestartPreventExitStatus"] == str(os.EX_CONFIG)


def test_the_site_of_the_units_starts_serves_and_ends(machine) -> None:
    """Supervisor, then the site at a socket that was opened for it; a restart of the site keeps the supervisor."""
    with machine.start("ivle-supervisor.service") as supervisor:
        said = wait_for(supervisor, "ready")
        assert "Traceback" not in said
        environ = Path(f"/proc/{supervisor.pid}/environ").read_bytes()
        assert b"SECRET" not in environ
        listening = Unit("ivle-web.socket")["Socket"]["ListenStream"]
        assert listening == "127.0.0.1:8000"
        with socket.create_server(("127.0.0.1", machine.port)) as listener:
            for is_first in (True, False):
                with started_at(machine, listener) as web:
                    assert machine.get("/readyz") == "ready\n"
                    if is_first:
                        machine.act("ivle-web.service", "ExecReload")
                        assert machine.get("/readyz") == "ready\n"
                    end(web, "ivle-web.service")
                assert supervisor.poll() is None
        machine.act("ivle-farewell.service", "ExecStop")
        assert supervisor.poll() is None  # told, not ended
        end(supervisor, "ivle-supervisor.service")


def test_people_are_told_before_anything_is_stopped() -> None:
    """systemd stops in the opposite order of After=; what is stopped after a crash would keep the start waiting."""
    farewell = Unit("ivle-farewell.service")
    assert farewell["Unit"]["After"].split() == ["ivle-supervisor.service", "ivle-web.service", "nginx.service"]
    assert farewell["Unit"]["PartOf"] == "ivle.target"
    assert (farewell["Service"]["Type"], farewell["Service"]["RemainAfterExit"]) == ("oneshot", "yes")
    assert "ExecStop" not in Unit("ivle-supervisor.service")["Service"]


def test_what_the_site_needs_to_end_well_is_stopped_after_it() -> None:
    after = Unit("ivle-web.service")["Unit"]["After"].split()
    assert {"nginx.service", "postgresql.service", "redis-server.service"} <= set(after)


@pytest.mark.parametrize("name", names("service"))
def test_nobody_starts_before_the_disk_is_there(name: str) -> None:
    assert "/srv/ivle/data" in Unit(name)["Unit"]["RequiresMountsFor"].split()


SLOW = "import time\nprint('began', flush=True)\ntime.sleep({seconds})\nprint('ended')\n"


@contextmanager
def running(machine: Machine, seconds: float) -> Iterator[tuple[subprocess.Popen[str], client.Run, IO[bytes]]]:
    """A supervisor that was told to end while a program runs, the program, and what that prints from then on."""
    with machine.start("ivle-supervisor.service") as supervisor:
        wait_for(supervisor, "ready")
        home = machine.data / "homes" / "sam"
        home.mkdir(exist_ok=True)
        (home / "slow.py").write_text(SLOW.format(seconds=seconds))
        if os.getuid() == 0:
            for path in (home, home / "slow.py"):
                os.chown(path, settings.IVLE_JAIL_UID, settings.IVLE_JAIL_UID)
        job = Job(owner="sam", argv=("/home/sam/slow.py",), directory="/home/sam", limits=CGI)
        output, printed = os.pipe()
        place = machine.data / "run" / "sandbox.sock"
        with (
            Path(os.devnull).open() as nothing,
            closing(client.start(place, job, nothing.fileno(), printed, printed)) as run,
        ):
            os.close(printed)
            with os.fdopen(output, "rb") as said:
                assert said.readline() == b"began\n"
                supervisor.send_signal(signal.SIGTERM)
                end_by = time.monotonic() + START_SECONDS
                while place.exists() and time.monotonic() < end_by:
                    time.sleep(0.01)
                with pytest.raises(SandboxError):  # nothing new begins
                    client.connect(place)
                yield supervisor, run, said


def test_a_supervisor_that_is_restarted_lets_programs_end(machine) -> None:
    with running(machine, 1.5) as (supervisor, run, said):
        assert said.read() == b"ended\n"
        assert asyncio.run(run.outcome()).ended == Ended.FINISHED
        assert supervisor.wait(20) == 0


def test_a_supervisor_that_is_told_twice_ends_at_once(machine) -> None:
    with running(machine, 60) as (supervisor, _run, said):
        assert supervisor.poll() is None
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(float(settings.IVLE_FAREWELL_SECONDS) / 2) == 0
        assert said.read() == b""


# systemd hands the socket over as descriptor 3, and says to whom.
HAND_OVER = (
    "import os, sys; os.dup2({listener}, 3); os.environ |= {{'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'}}; "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def started_at(machine: Machine, listener: socket.socket) -> Iterator[subprocess.Popen[str]]:
    """At a socket that is there already, with a door at which it says that it is ready."""
    door_path = machine.data.parent / "notify"
    door_path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(str(door_path))
        door.settimeout(START_SECONDS)
        before = (sys.executable, "-c", HAND_OVER.format(listener=listener.fileno()))
        fds, environ = (listener.fileno(), 3), {"NOTIFY_SOCKET": str(door_path)}
        with machine.start("ivle-web.service", before=before, pass_fds=fds, environ=environ) as web:
            assert door.recv(100) == b"READY=1"
            yield web


def test_a_backup_of_the_unit_is_one(machine) -> None:
    with machine.start("ivle-backup.service") as backup:
        said = backup.communicate(timeout=60)[0]
        assert backup.returncode == 0, said
    assert "Backed up to" in said
    [made] = machine.backups.iterdir()
    assert made.stat().st_size > 1000


def test_a_machine_that_cannot_isolate_is_not_tried_again(machine) -> None:
    """The supervisor leaves with the status that the unit names, and its reason."""
    rules = machine.checkout / "tests" / "sandbox" / "container_rules.py"
    with machine.start("ivle-supervisor.service", before=(sys.executable, str(rules))) as supervisor:
        said = supervisor.communicate(timeout=60)[0]
    assert str(supervisor.returncode) == Unit("ivle-supervisor.service")["Service"]["RestartPreventExitStatus"], said
    assert "docs/admin.md" in said
    assert "Traceback" not in said


def test_a_command_with_the_settings_of_the_units(machine) -> None:
    """deploy/manage reads them as systemd does, and refuses in words."""
    (machine.data.parent / "quoted").write_text(
        machine.settings.read_text().replace(
            "IVLE_DATA=", "# IVLE_DATA=/elsewhere\n\nIVLE_TIME_ZONE='Europe/Berlin'\nIVLE_DATA="
        )
    )
    machine.data.mkdir(mode=0o700, exist_ok=True)

    def run(settings: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(UNITS.parent / "manage"), *arguments]
        environ = {"PATH": os.defpath, "IVLE_SETTINGS": str(settings)}
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)

    code = "from django.conf import settings; print(settings.IVLE_DATA, settings.TIME_ZONE)"
    done = run(machine.data.parent / "quoted", "shell", "--no-imports", "--command", code)
    assert done.stdout == f"{machine.data} Europe/Berlin\n", done.stderr
    missing = run(machine.data.parent / "nowhere")
    assert (missing.returncode, "cannot be read: No such file" in missing.stderr) == (1, True)
    (machine.data.parent / "empty").touch()
    assert "does not say which folder IVLE_DATA is" in run(machine.data.parent / "empty").stderr
