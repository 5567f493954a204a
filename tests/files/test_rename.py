"""POST /api/files/rename."""

from __future__ import annotations

import errno
import os

import pytest

from files import renaming
from files.models import PublishedFolder


@pytest.fixture(params=["at once", "in two steps"])
def file_system(request, monkeypatch) -> None:
    """Also one that does not know RENAME_NOREPLACE."""
    if request.param == "in two steps":

        class Libc:
            def renameat2(self, *_args: object) -> int:
                renaming.ctypes.set_errno(errno.EINVAL)
                return -1

        monkeypatch.setattr(renaming, "libc", Libc())


@pytest.mark.usefixtures("file_system")
class TestRenaming:
    def test_a_file(self, script, home) -> None:
        (home / "a.py").write_text("x")
        assert script.post("/rename", path="a.py", name="b%20c.py").json() == {"path": "b%20c.py"}
        assert [path.name for path in home.iterdir()] == ["b c.py"]

    def test_a_folder(self, script, home) -> None:
        (home / "a" / "b").mkdir(parents=True)
        (home / "a" / "b" / "c").write_text("x")
        assert script.post("/rename", path="a/b", name="d").json() == {"path": "a/d"}
        assert (home / "a" / "d" / "c").read_text() == "x"

    @pytest.mark.parametrize("kind", ["file", "folder"])
    def test_the_name_is_taken(self, script, home, kind) -> None:
        for name in ("a", "b"):
            (home / name).write_text(name) if kind == "file" else (home / name).mkdir()
        answer = script.post("/rename", path="a", name="b")
        assert (answer.status_code, answer.json()["detail"]) == (409, "There is a b here already. Choose another name.")
        assert sorted(os.listdir(home)) == ["a", "b"]

    def test_a_link_itself(self, script, home) -> None:
        (home / "link").symlink_to("/etc/passwd")
        assert script.post("/rename", path="link", name="b").status_code == 200
        assert os.readlink(home / "b") == "/etc/passwd"


def test_to_the_same_name(script, home) -> None:
    (home / "a").write_text("x")
    assert script.post("/rename", path="a", name="a").json() == {"path": "a"}


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("a", "", 400),
        ("a", "..", 400),
        ("a", "b%2fc", 400),
        ("a", "b/c", 400),
        ("a", "%00", 400),
        ("a", "x" * 256, 400),
        ("a", "\ud800", 422),
        ("b", "c", 404),
        ("", "c", 400),
    ],
)
def test_what_cannot_be_renamed(script, home, path, name, status) -> None:
    (home / "a").write_text("x")
    assert script.post("/rename", path=path, name=name).status_code == status
    assert os.listdir(home) == ["a"]


def test_what_is_published_stays_so(script, home, student) -> None:
    (home / "a" / "b").mkdir(parents=True)
    for path in ("a", "a/b", "ab", "A/c"):
        PublishedFolder.objects.create(person=student, path=path)
    script.post("/rename", path="a", name="z")
    assert sorted(PublishedFolder.objects.values_list("path", flat=True)) == ["A/c", "ab", "z", "z/b"]
