"""Puts packages into an environment that nobody runs on yet, by pip, and says what is in one. For installing.py."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sandbox import syscalls
from sandbox.runtime import Runtime, find_runtime

# A name, extras and versions (PEP 508); no address, no path, no option of pip's.
REQUIREMENT: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._,-]+\])?(?:(?:[<>=!~]=|[<>])[A-Za-z0-9.*+!,<>=~]+)?"
)
METADATA: Final = re.compile(r"(?P<name>[\w.-]+)-(?P<version>[\w.+!]+)\.(?:dist|egg)-info")
# What pip may know of ours: how to reach an index, and where to work. No setting of the site is among them.
PASSED_ON: Final = re.compile(r"PATH|HOME|LANG|LC_\w+|TMPDIR|PIP_\w+|SSL_CERT_\w+|XDG_\w+|\w+_proxy|\w+_PROXY")
# pip for an environment, of which nothing is run: not by starting Python in it, as that runs .pth files; not by an
# import of pip's own that finds a package in it; and not by building what a wheel needs, which takes another program.
PIP: Final = """
import runpy, sys
from importlib.machinery import PathFinder
prefix, packages, pip, *arguments = sys.argv[1:]
ours = list(sys.path)
class Finder:
    find_distributions = PathFinder.find_distributions
    invalidate_caches = PathFinder.invalidate_caches
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, ours if path is None else path, target)
def refuse(event, _arguments):
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn"):
        raise PermissionError("a package is no wheel, or wants a program to be run while it is installed")
sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
sys.addaudithook(refuse)
sys.prefix = sys.exec_prefix = prefix
sys.path.append(packages)
sys.argv = [pip, *arguments]
runpy.run_path(pip, run_name="__main__")
"""
# What makes an environment one, and names the Python of which it is. pip takes orders from pip.conf.
# A script of a package may begin as one of venv's does, such as activate-global-python-argcomplete.
OWN_PROGRAMS: Final = ("bin/python", "bin/python[0-9]*", "bin/activate", "bin/activate.*", "bin/Activate.ps1")
OWN: Final = ("pyvenv.cfg", "pip.conf", "lib/python*", "lib64", *OWN_PROGRAMS)
LAST_LINES: Final = 6
INSTALL_SECONDS: Final = 3600.0
OLDEST: Final = (3, 11)


class NotInstalled(Exception):
    """Its text is for the administrator: what was wanted and what pip said."""


def refuse_strange(names: Sequence[str]) -> None:
    """Raises NotInstalled for what is no name of a package."""
    for name in names:
        if not REQUIREMENT.fullmatch(name) or len(name) > 200:
            raise NotInstalled(f"{name!r} is no name of a package. Wanted: a name such as pandas or pandas==2.2.3.")


def install(folder: Path, names: Sequence[str], find_links: Path | None, *, upgrade: bool) -> None:
    """Raises NotInstalled, also where a package misses one that it needs. Wheels only: building one would run a
    stranger's program outside of any jail."""
    refuse_strange(names)
    options = ["--only-binary", ":all:", "--root-user-action", "ignore", "--no-input"]
    if find_links is not None:
        options += ["--no-index", "--find-links", str(find_links)]
    if upgrade:
        options.append("--upgrade")
    change(folder, ["install", *options, "--", *names], f"could not install {', '.join(names)}", whole=True)


def uninstall(folder: Path, names: Sequence[str], *, whole: bool) -> None:
    """Raises NotInstalled; with `whole` also where others need what is taken out."""
    refuse_strange(names)
    there = {plain(name) for name in installed(folder)}
    for name in names:
        if plain(name) not in there:
            raise NotInstalled(f"{name} is not installed there.")
    options = ["--yes", "--root-user-action", "ignore"]
    change(folder, ["uninstall", *options, "--", *names], "could not uninstall", whole=whole)


def change(folder: Path, arguments: Sequence[str], failure: str, *, whole: bool) -> None:
    """By the Python that it is of before: a package may not say which program that is. Raises NotInstalled."""
    (folder / "pip.conf").unlink(missing_ok=True)
    runtime, before = find_runtime(folder), own_files(folder)
    run_pip(folder, runtime, arguments, failure)
    after = own_files(folder)
    changed = sorted(name for name in before | after if before.get(name) != after.get(name))
    if changed:
        raise NotInstalled(f"a package changes what is the environment's own: {', '.join(changed)}. Leave it out.")
    if whole:
        run_pip(folder, runtime, ["check"], "found that something is missing now")


def own_files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What OWN names, by name, with its kind and what is in it."""
    return {str(path.relative_to(folder)): seen(path) for pattern in OWN for path in folder.glob(pattern)}


def seen(path: Path) -> tuple[int, bytes]:
    kind = stat.S_IFMT(path.lstat().st_mode)
    if kind == stat.S_IFLNK:
        return kind, os.fsencode(path.readlink())
    return kind, path.read_bytes() if kind == stat.S_IFREG else b""


def run_pip(folder: Path, runtime: Runtime, arguments: Sequence[str], failure: str) -> None:
    found = importlib.util.find_spec("pip")
    if found is None or found.origin is None:
        raise NotInstalled("ivle's own Python has no pip; install it there: python -m ensurepip")
    pip = Path(found.origin).parent / "__pip-runner__.py"
    python = runtime.base / "bin" / f"python{runtime.version}"
    place = [str(folder), str(runtime.packages), str(pip)]
    ran = run([str(python), "-I", "-S", "-c", PIP, *place, "--disable-pip-version-check", *arguments])
    if ran.returncode:
        said = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-LAST_LINES:])
        raise NotInstalled(f"pip {failure}:\n{said}")


def make(folder: Path, python: str) -> None:
    """An empty environment of this Python. Raises NotInstalled."""
    asked = run([python, "-I", "-c", "import sys; print(*sys.version_info[:2])"])
    version = tuple(int(part) for part in asked.stdout.split()) if asked.returncode == 0 else ()
    if version < OLDEST:
        found = f"Python {'.'.join(map(str, version))}" if version else "no Python"
        raise NotInstalled(f"{python} is {found}; wanted: one that is {'.'.join(map(str, OLDEST))} or newer.")
    made = run([python, "-I", "-m", "venv", "--without-pip", str(folder)])
    if made.returncode:
        raise NotInstalled(f"{python} cannot make an environment:\n{made.stderr.strip()[-1000:]}")


def installed(folder: Path) -> dict[str, str]:
    """The versions of packages by their names. Reads names of files, and runs nothing that is in there."""
    packages = find_runtime(folder).packages
    found = (METADATA.fullmatch(path.name) for path in sorted(packages.iterdir())) if packages else ()
    return {match["name"]: match["version"] for match in found if match}


def plain(name: str) -> str:
    """As names are compared (PEP 503), without what follows one in a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~]", name)[0]).lower()


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    environ["PIP_KEYRING_PROVIDER"] = "disabled"  # an option that the pip of Debian 12 refuses, and leaves alone here
    environ["_PIP_USE_IMPORTLIB_METADATA"] = "1"  # the other way to read what is installed imports namespace packages
    try:
        return subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=INSTALL_SECONDS,
            check=False,
            preexec_fn=end_with_us,  # safe: a command has one thread
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def end_with_us() -> None:
    """What is killed must not leave a pip behind that goes on writing."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
