"""Which Python the students have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox.runtime import BASE_IN_JAIL, Runtime, RuntimeMissing, find_runtime, version_of


def environment(folder: Path, version: str = "3.12") -> Path:
    """One made with venv, and the installation below it."""
    base = folder / "base"
    (base / "bin").mkdir(parents=True)
    (base / "bin" / f"python{version}").touch()
    made = folder / "environment"
    (made / "lib" / f"python{version}" / "site-packages").mkdir(parents=True)
    (made / "pyvenv.cfg").write_text(
        f"home = {base}/bin\ninclude-system-site-packages = false\nversion = {version}.1\n"
    )
    return made


def test_none_is_the_interpreter_of_the_supervisor() -> None:
    found = find_runtime(None)
    assert found.base == Path(sys.base_prefix)
    assert found.packages is None


def test_an_environment(tmp_path: Path) -> None:
    found = find_runtime(environment(tmp_path))
    assert found == Runtime(
        tmp_path / "base", "3.12", tmp_path / "environment" / "lib" / "python3.12" / "site-packages"
    )
    assert found.base_in_jail == BASE_IN_JAIL
    assert str(tmp_path) not in found.interpreter
    assert str(tmp_path) not in str(found.environ())


def test_the_systems_own_is_in_every_jail_already() -> None:
    system = Runtime(Path("/usr"), "3.11", None)
    assert system.base_in_jail == "/usr"
    assert system.environ() == {}


def test_no_environment_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeMissing, match="no Python environment"):
        find_runtime(tmp_path)


def test_an_environment_that_has_lost_its_interpreter(tmp_path: Path) -> None:
    made = environment(tmp_path)
    (tmp_path / "base" / "bin" / "python3.12").unlink()
    with pytest.raises(RuntimeMissing, match="make it anew"):
        find_runtime(made)


def test_its_version_is_known_without_its_interpreter(tmp_path: Path) -> None:
    made = environment(tmp_path)
    (tmp_path / "base" / "bin" / "python3.12").unlink()
    assert version_of(made) == "3.12"
    (made / "pyvenv.cfg").write_text("home = /usr/bin\nversion_info = 3.13.0\n")
    assert version_of(made) == "3.13"
    (made / "pyvenv.cfg").write_bytes(b"home = \xff\n")
    assert version_of(made) == ""
    assert version_of(tmp_path) == ""


def test_links_to_the_installation_are_followed(tmp_path: Path) -> None:
    made = environment(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "base")
    (made / "pyvenv.cfg").write_text(f"home = {tmp_path}/link/bin\n")
    assert find_runtime(made).base == tmp_path / "base"
