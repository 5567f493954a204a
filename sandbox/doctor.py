"""Says whether this machine can isolate, how well, and what would help: `python -m sandbox doctor`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TextIO

from sandbox import attacks, single
from sandbox.diagnosis import improvements
from sandbox.faults import SandboxError, SandboxUnavailable
from sandbox.identity import Mode, choose_ids
from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.outcome import Ended
from sandbox.single import Installation
from sandbox.supervisor import CANNOT_ISOLATE_STATUS, FAULT_STATUS, Supervisor

PROBE = "print('ok')\n"


def report(installation: Installation, out: TextIO, *, attack: bool) -> int:
    """0 when code can run here and, with `attack`, nothing got out."""
    with tempfile.TemporaryDirectory(prefix="ivle-doctor-") as folder:
        home = prepare_home(Path(folder))
        try:
            return asyncio.run(examine(installation, home, out, attack=attack))
        except SandboxUnavailable as error:
            print(f"Code cannot run on this machine, and ivle will not run it.\n{error}", file=out)
            return CANNOT_ISOLATE_STATUS
        except SandboxError as error:
            print(f"The sandbox failed: {error}", file=out)
            return FAULT_STATUS


def prepare_home(folder: Path) -> Path:
    """A home with the programs to try, belonging to whom jails run as."""
    home = folder / "home"
    home.mkdir()
    (home / "probe.py").write_text(PROBE, encoding="utf-8")
    attacks.write_programs(home)
    if os.geteuid() == 0:
        uid, gid = choose_ids(home.stat(), None)
        folder.chmod(0o711)
        for path in (home, *home.iterdir()):
            os.chown(path, uid, gid)
    return home


async def examine(installation: Installation, home: Path, out: TextIO, *, attack: bool) -> int:
    async with single.private_supervisor(installation, home) as supervisor:
        describe(supervisor, out)
        output = home / "output"
        with output.open("wb") as written, open(os.devnull, "rb") as nothing:
            job = Job(single.OWNER, (f"/home/{single.OWNER}/probe.py",), f"/home/{single.OWNER}", CGI)
            streams = (nothing.fileno(), written.fileno(), written.fileno())
            outcome = await single.run_here(supervisor, job, streams)
        if outcome.ended is not Ended.FINISHED or output.read_bytes() != b"ok\n":
            print(f"A program in a jail did not work: {outcome.ended}, {output.read_bytes()[:500]!r}", file=out)
            return FAULT_STATUS
        print("A program ran in a jail.", file=out)
        return await attacks.report(supervisor, home, out) if attack else 0


def describe(supervisor: Supervisor, out: TextIO) -> None:
    machine, cgroups = supervisor.machine, supervisor.cgroups
    mode = supervisor.nursery.launch.mode
    lines = {
        "Isolation": "user namespace" if mode is Mode.USER_NAMESPACE else "root with a plain uid",
        "CPU counted by": supervisor.tier,
        "CPU shared": supervisor.census.sharing.words,
        "Memory limited": "for the whole program" if cgroups.counts_memory else "for each process",
        "Processes limited": "by control group" if cgroups.counts_processes else "by the kernel's count per user",
        "Landlock": f"version {machine.landlock_abi}" if machine.landlock_abi else "none here",
    }
    for name, value in lines.items():
        print(f"{name + ':':<19}{value}", file=out)
    for advice in improvements(machine, cgroups, supervisor.tier):
        print(f"Could be better: {advice}", file=out)
