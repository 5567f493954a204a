"""Tries an environment in a jail before anybody gets it: `python -m sandbox prove`, which installing.py runs.

In a process of its own: an environment that crashes, hangs or prints takes nothing else with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox import single
from sandbox.environments import STANDARD
from sandbox.faults import SandboxError
from sandbox.identity import choose_ids
from sandbox.job import Job
from sandbox.limits import CONSOLE
from sandbox.nurseries import IPYTHON
from sandbox.outcome import Ended
from sandbox.supervisor import Configuration, Supervisor

PROVING_SECONDS: Final = 180.0
STARTING_SECONDS: Final = 30.0
SHOWN_CHARACTERS: Final = 2000
ROOT: Final = Path(__file__).resolve().parent.parent

# Which modules a package brings, and whether each can be imported.
PROBE: Final = """
import importlib, importlib.metadata, json, os, sys

def modules(found):
    names = set((found.read_text("top_level.txt") or "").split())
    for file in found.files or ():
        first = file.parts[0]
        if len(file.parts) == 1 and first.endswith((".py", ".so")):
            names.add(first.split(".")[0])
        elif len(file.parts) == 2 and file.name == "__init__.py":
            names.add(first)
    return sorted(name for name in names if name.isidentifier() and not name.startswith("_"))

broken = {}
out = os.dup(1)
os.dup2(2, 1)
for package in sys.argv[1:]:
    try:
        names = modules(importlib.metadata.distribution(package))
    except Exception as error:
        broken[package] = f"{type(error).__name__}: {error}"
        continue
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:
            broken[name] = f"{type(error).__name__}: {error}"[:300]
os.write(out, json.dumps({"version": sys.version.split()[0], "broken": broken}).encode())
"""


@dataclass(frozen=True)
class Proof:
    version: str = ""  # of Python
    has_ipython: bool = False
    broken: dict[str, str] = field(default_factory=dict)  # why a module cannot be imported
    fault: str = ""  # why nothing can run in it at all


def prove(folder: Path, packages: Sequence[str]) -> Proof:
    """What became of it in a jail, of whatever it does. Never raises for what the environment does."""
    command = [sys.executable, "-m", "sandbox", "prove", "--runtime", str(folder), "--", *packages]
    try:
        ran = subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROVING_SECONDS,
            check=False,
        )
        return Proof(**json.loads(ran.stdout))
    except subprocess.TimeoutExpired:
        return Proof(fault=f"it was not done after {PROVING_SECONDS:g} seconds")
    except (ValueError, TypeError):
        return Proof(fault=ran.stderr.strip()[-SHOWN_CHARACTERS:] or "nothing could be started")


def report(installation: single.Installation, packages: Sequence[str]) -> int:
    """Prints a Proof as JSON."""
    with tempfile.TemporaryDirectory(prefix="ivle-prove-") as folder:
        proof = asyncio.run(examine(installation, make_home(Path(folder)), packages))
    print(json.dumps(asdict(proof)))
    return 0


def make_home(folder: Path) -> Path:
    """With the probe in it, and belonging to whom jails run as."""
    home = folder / "home"
    home.mkdir()
    (home / "probe.py").write_text(PROBE, encoding="utf-8")
    if os.geteuid() == 0:
        uid, gid = choose_ids(home.stat(), None)
        folder.chmod(0o711)
        for path in (home, home / "probe.py"):
            os.chown(path, uid, gid)
    return home


async def examine(installation: single.Installation, home: Path, packages: Sequence[str]) -> Proof:
    supervisor = Supervisor(
        Configuration(
            socket=home.parent / "socket",
            homes=home,
            runtime=installation.runtime,
            single_owner=single.OWNER,
            tier=installation.tier,
            without_user_namespaces=installation.without_user_namespaces,
            spares=0,
            console_spares=0,
            has_consoles=True,
        )
    )
    try:
        await supervisor.open()
        has_ipython = IPYTHON in supervisor.nurseries.by_name[STANDARD]
        if has_ipython:
            await asyncio.wait_for(supervisor.nurseries.get(STANDARD, IPYTHON).ready, STARTING_SECONDS)
        said = await ask(supervisor, home, packages)
        return Proof(said["version"], has_ipython, said["broken"])
    except TimeoutError:
        return Proof(fault="IPython does not start in it")
    except (SandboxError, ValueError, KeyError) as error:
        return Proof(fault=str(error))
    finally:
        supervisor.close()


async def ask(supervisor: Supervisor, home: Path, packages: Sequence[str]) -> dict[str, Any]:
    """Raises SandboxError."""
    output = home.parent / "output"
    with output.open("wb") as written, open(os.devnull, "r+b") as nothing:
        place = f"/home/{single.OWNER}"
        job = Job(single.OWNER, (f"{place}/probe.py", *packages), place, CONSOLE)
        streams = (nothing.fileno(), written.fileno(), nothing.fileno())
        outcome = await single.run_here(supervisor, job, streams)
    if outcome.ended is not Ended.FINISHED:
        ended = single.SENTENCES.get(outcome.ended, "it crashed")
        raise SandboxError(f"a program that imports its packages was stopped: {ended}")
    found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8", errors="replace"))
    return found
