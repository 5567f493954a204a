"""The students' Python: a virtual environment that never is the site's own, shown in the jail under neutral paths."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

BASE_IN_JAIL = "/opt/python"
RUNTIME_IN_JAIL = "/opt/runtime"
VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", re.MULTILINE)  # as venv and others write it
NATIVE = b"\x7fELF"  # how such a file begins (elf(5))


class RuntimeMissing(Exception):
    """There is no usable Python environment at the given path."""


@dataclass(frozen=True)
class Runtime:
    base: Path  # where the interpreter itself is installed; /usr is in every jail already
    version: str  # "3.11"
    packages: Path | None  # the environment's site-packages
    programs: tuple[Path, ...] = ()  # other than Python that run wherever they lie, as no script does

    @property
    def base_in_jail(self) -> str:
        return "/usr" if self.is_system else BASE_IN_JAIL

    @property
    def is_system(self) -> bool:
        return self.base == Path("/usr")

    @property
    def interpreter(self) -> str:
        """Path inside the jail."""
        return f"{RUNTIME_IN_JAIL}/bin/python3"

    def environ(self) -> dict[str, str]:
        """What the interpreter needs to start away from where it was built: its libpython is found by path."""
        return {} if self.is_system else {"LD_LIBRARY_PATH": f"{BASE_IN_JAIL}/lib"}


def find_runtime(folder: Path | None) -> Runtime:
    """The environment in `folder`, or the bare interpreter this process runs on. Raises RuntimeMissing."""
    if folder is None:
        return Runtime(Path(sys.base_prefix), f"{sys.version_info[0]}.{sys.version_info[1]}", None)
    try:
        lines = (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise RuntimeMissing(f"no Python environment in {folder}: {error.strerror}") from error
    settings = {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}
    bases = Path(settings.get("home", "")).parent
    for packages in sorted((folder / "lib").glob("python3.*/site-packages")):
        version = packages.parent.name.removeprefix("python")
        if (bases / "bin" / f"python{version}").exists():
            return Runtime(bases.resolve(), version, packages.resolve(), find_programs(folder / "bin"))
    raise RuntimeMissing(f"the Python environment in {folder} has lost its interpreter; make it anew")


def version_of(folder: Path) -> str:
    """Such as 3.11, also of one that has lost its interpreter; empty where none is told."""
    try:
        text = (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    told = VERSION.search(text)
    return told[1] if told else ""


def find_programs(folder: Path) -> tuple[Path, ...]:
    return tuple(path for path in sorted(folder.glob("*")) if is_program(path))


def is_program(path: Path) -> bool:
    """Not Python, a copy of which some environments have: that is in every jail by links of ours."""
    return path.is_file() and not path.is_symlink() and not path.name.startswith("python") and is_native(path)


def is_native(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(NATIVE)) == NATIVE
