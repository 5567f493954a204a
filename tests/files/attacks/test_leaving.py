"""No path and no link leads out of the home, by any route."""

from __future__ import annotations

import os

import pytest

from tests.files.attacks.conftest import SECRET
from tests.files.conftest import Script

PATHS = [
    "..",
    "../classmate",
    "../classmate/secret",
    "%2e%2e/classmate/secret",
    "%2e%2e%2fclassmate%2fsecret",
    "..%2fclassmate/secret",
    ".%2e/classmate",
    "a/../../classmate/secret",
    "a/%2e%2e/%2e%2e/classmate/secret",
    "//etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%00/classmate",
    "%c0%ae%c0%ae/classmate/secret",
    "..%5cclassmate%5csecret",
    "%252e%252e/classmate/secret",
    "\uff0e\uff0e/classmate/secret",
    "absolute",
    "absolute/secret",
    "relative",
    "relative/secret",
    "file",
    "chain/secret",
    "self/secret",
    "inside/up/classmate/secret",
    "proc/environ",
    "fd",
]


@pytest.fixture
def links(home, outside):
    (home / "a").mkdir()
    (home / "inside").mkdir()
    (home / "mine").write_text("mine")
    for name, end in (
        ("absolute", outside),
        ("relative", "../classmate"),
        ("file", outside / "secret"),
        ("chain", "absolute"),
        ("self", home / ".." / "classmate"),
        ("inside/up", "../.."),
        ("proc", "/proc/self"),
        ("fd", "/proc/self/fd/0"),
    ):
        (home / name).symlink_to(end)
    return home


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("links")
class TestPaths:
    def test_list(self, script, path) -> None:
        assert script.get("/list", path=path).status_code == 404

    def test_read(self, script, path) -> None:
        answer = script.get("/content", path=path)
        assert answer.status_code == 404
        assert SECRET not in answer.content

    def test_save(self, script, path) -> None:
        assert script.put(path, b"mine now").status_code in (201, 400, 404)

    def test_save_below(self, script, path) -> None:
        assert script.put(f"{path}/new", b"mine now").status_code in (400, 404)

    def test_make(self, script, path) -> None:
        assert script.post("/folder", path=f"{path}/new").status_code in (400, 404)

    def test_move_and_copy_to(self, script, path) -> None:
        for copy in (True, False):
            answer = script.post("/move", paths=["mine"], to=path, copy=copy)
            assert answer.status_code == 404 or not answer.json()["done"]

    def test_move_and_copy_from(self, script, home, path) -> None:
        script.post("/move", paths=[f"{path}/secret", path], to="a", copy=True)
        script.post("/move", paths=[f"{path}/secret", path], to="a")
        for name in os.listdir(home / "a"):
            assert (home / "a" / name).is_symlink()

    def test_rename(self, script, path) -> None:
        assert script.post("/rename", path=f"{path}/secret", name="x").status_code == 404

    def test_delete(self, script, path) -> None:
        [failed] = script.post("/delete", paths=[f"{path}/secret"]).json()["failed"]
        assert failed["detail"].startswith("There is nothing here")

    def test_publish(self, script, path) -> None:
        assert script.post("/publish", path=path, published=True).status_code == 404


@pytest.mark.usefixtures("links")
def test_links_themselves_are_ones_own(script, home) -> None:
    """Renamed, copied, deleted and restored as links, whatever they lead to."""
    assert script.post("/rename", path="absolute", name="b").status_code == 200
    assert script.post("/move", paths=["b"], to="a", copy=True).json()["done"] == ["a/b"]
    bin_id = script.post("/delete", paths=["b", "relative"]).json()["trash"]
    assert script.post(f"/trash/{bin_id}/restore").json()["done"] == ["b", "relative"]
    assert (home / "b").is_symlink()


@pytest.mark.parametrize("name", ["../../outside/x", "..", "/etc/x", "%2e%2e%2fx", "a%2fb", "a\\..\\b%2f"])
def test_no_new_name_leads_out(script, links, outside, name) -> None:
    assert script.post("/rename", path="mine", name=name).status_code == 400


@pytest.mark.parametrize(
    "owner", ["..", "../homes/classmate", "classmate/", "student/..", ".", "/", "%2e%2e", "nobody"]
)
def test_no_owner_is_a_path(administrator, links, outside, owner) -> None:
    admin = Script(administrator)
    for path in ("/list", "/content"):
        assert admin.get(path, owner=owner, path="secret").status_code == 404


@pytest.mark.parametrize(
    "item",
    ["..", "%2e%2e", "../student", "x" * 30, "0" * 30, "0" * 30 + "-0", "0" * 30 + "-..", "note.json", "0" * 400],
)
def test_no_id_of_the_trash_leads_out(script, links, outside, item) -> None:
    assert script.post(f"/trash/{item}/restore").status_code in (404, 405)
    assert script.delete(f"/trash/{item}").status_code in (404, 405)


def test_the_owner_of_a_bin_is_not_a_path(script, home, outside) -> None:
    """A note is ours, but even one that lies leads nowhere."""
    (home / "a").write_text("x")
    bin_id = script.post("/delete", paths=["a"]).json()["trash"]
    note = home.parent.parent / "trash" / "student" / bin_id / "0.json"
    note.write_text('{"path": "../classmate/deep/x", "size_bytes": 1}')
    assert script.post(f"/trash/{bin_id}/restore").status_code == 404
