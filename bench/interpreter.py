"""Which python3 the peers execute: the one the students' runtime was made from, if an unprivileged user may."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.peers import unprivileged_user

ASK = "import sys; print(getattr(sys, '_base_executable', sys.executable)); print(sys.version.split()[0])"
FALLBACK = "/usr/bin/python3"


@dataclass(frozen=True)
class Interpreter:
    executable: str
    version: str
    note: str  # empty when it is the students' own


def choose(runtime: Path | None) -> Interpreter:
    """Raises FileNotFoundError when this machine has no python3 that the peers could execute."""
    own = answer(str(runtime / "bin" / "python") if runtime else sys.executable)
    if own and (open_to_peers := answer(own[0], unprivileged=True)):
        return Interpreter(own[0], open_to_peers[1], "")
    system = answer(FALLBACK, unprivileged=True)
    if system is None:
        raise FileNotFoundError("no python3 that an unprivileged user may execute")
    wanted = own[1] if own else "unknown"
    note = f"the peers execute Python {system[1]}: an unprivileged user may not execute our runtime's Python {wanted}"
    return Interpreter(FALLBACK, system[1], note)


def answer(executable: str, *, unprivileged: bool = False) -> tuple[str, str] | None:
    """Where the interpreter really is and its version; None when it cannot be executed."""
    user = unprivileged_user() if unprivileged else None
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    try:
        run = subprocess.run([executable, "-c", ASK], capture_output=True, text=True, check=True, cwd="/", **who)  # type: ignore[call-overload]
    except (OSError, subprocess.CalledProcessError):
        return None
    base, version = run.stdout.split()
    return base, version
