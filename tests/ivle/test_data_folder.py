"""Who may enter which folder, and homes that appear whole."""

from __future__ import annotations

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from files import homes
from files.homes import make_home
from ivle import data_folder

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")


def mode(path) -> int:
    return path.stat().st_mode & 0o777


def test_everything_is_closed_to_others(tmp_path) -> None:
    data = tmp_path / "a" / "data"
    data_folder.prepare(data, os.getuid())
    folders = (".", "homes", "run", "trash", "uploads", "versions")
    assert [mode(data / name) for name in folders] == [0o700] * 6


def test_an_open_folder_is_closed(tmp_path) -> None:
    tmp_path.chmod(0o755)
    data_folder.prepare(tmp_path, os.getuid())
    data_folder.prepare(tmp_path, os.getuid())
    assert mode(tmp_path) == 0o700


@as_root
@pytest.mark.skips_in_ci(reason="CI runs this file as root and again without privileges")
def test_jails_of_root_pass_through_to_the_homes_and_no_further(tmp_path) -> None:
    data_folder.prepare(tmp_path, 65533)
    assert [mode(tmp_path / name) for name in (".", "homes", "run")] == [0o710, 0o710, 0o700]
    assert (tmp_path / "homes").stat().st_gid == 65533
    assert (tmp_path / "homes").stat().st_uid == 0


def test_a_home_has_its_files_and_is_private(tmp_path) -> None:
    assert make_home(tmp_path, "student", os.getuid(), {"hello.py": b"print(1)"})
    assert (tmp_path / "student" / "hello.py").read_bytes() == b"print(1)"
    assert mode(tmp_path / "student") == 0o700
    assert [path.name for path in tmp_path.iterdir()] == ["student"]


@as_root
@pytest.mark.skips_in_ci(reason="CI runs this file as root and again without privileges")
def test_root_gives_a_home_to_the_jails_user(tmp_path) -> None:
    make_home(tmp_path, "student", 65533, {"hello.py": b"", "course/exercises/one.md": b""})
    home = tmp_path / "student"
    assert {path.relative_to(home).as_posix() for path in home.rglob("*.*")} == {"hello.py", "course/exercises/one.md"}
    for path in (home, *home.rglob("*")):
        assert (path.stat().st_uid, path.stat().st_gid) == (65533, 65533)
        assert mode(path) == (0o700 if path.is_dir() else 0o600)


def test_an_existing_home_is_left_alone(tmp_path) -> None:
    (tmp_path / "student").mkdir()
    assert not make_home(tmp_path, "student", os.getuid(), {"hello.py": b"new"})
    assert list((tmp_path / "student").iterdir()) == []


def test_one_that_appears_meanwhile_is_left_alone(tmp_path, monkeypatch) -> None:
    """Two pages of a new person ask at the same time; somebody may have opened the first one already."""
    put = homes.rename_free

    def put_late(*names) -> None:
        (tmp_path / "student").mkdir()
        put(*names)

    monkeypatch.setattr(homes, "rename_free", put_late)
    assert not make_home(tmp_path, "student", os.getuid(), {"hello.py": b"new"})
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["student"]


def test_a_home_that_cannot_be_finished_does_not_appear(tmp_path) -> None:
    with pytest.raises(OSError, match="too long"):
        make_home(tmp_path, "student", os.getuid(), {"hello.py": b"", "a/" + "b" * 300: b""})
    assert list(tmp_path.iterdir()) == []


def test_a_real_site_refuses_the_demo_s_data(tmp_path) -> None:
    data_folder.refuse_demo(tmp_path)
    (tmp_path / data_folder.DEMO_MARK).touch()
    with pytest.raises(ImproperlyConfigured, match="whose password everybody knows"):
        data_folder.refuse_demo(tmp_path)
