"""Pipes, devices and sockets: nothing hangs, nothing is opened, and their owner gets rid of them."""

from __future__ import annotations

import contextlib
import os
import socket
import stat

import pytest

from files import opener
from tests.files.conftest import Script


@pytest.fixture(params=["fifo", "socket", "device", "block device"])
def thing(request, home) -> str:
    path = home / "thing"
    if request.param == "fifo":
        os.mkfifo(path)
    elif request.param == "socket":
        with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(home):  # a socket's path may not be long
            listener.bind("thing")
    else:
        if os.getuid() != 0:
            pytest.skip("only root may make devices")
        kind = stat.S_IFCHR if request.param == "device" else stat.S_IFBLK
        os.mknod(path, kind | 0o666, os.makedev(1, 5) if kind == stat.S_IFCHR else os.makedev(7, 200))
    (home / "link").symlink_to("thing")
    (home / "to").mkdir()
    return "thing"


pytestmark = pytest.mark.skips_in_ci(reason="CI runs this file as root and again without privileges")


def test_it_is_listed(script: Script, thing) -> None:
    kinds = {entry["name"]: (entry["kind"], entry["leads_to"]) for entry in script.get("/list").json()["entries"]}
    assert kinds == {"thing": ("other", ""), "link": ("link", "other"), "to": ("folder", "")}


@pytest.mark.parametrize("path", ["thing", "link"])
def test_it_is_not_opened(script, thing, path) -> None:
    answer = script.get("/content", path=path)
    assert (answer.status_code, "is not a file" in answer.json()["detail"]) == (409, True)
    assert script.put(path, b"x").status_code == 409
    assert script.get("/list", path=path).status_code == 404
    assert script.put(f"{path}/x", b"x").status_code == 404
    assert script.post("/publish", path=path, published=True).status_code in (404, 409)


def test_it_moves_and_goes(script, home, thing) -> None:
    assert script.post("/rename", path="thing", name="b").status_code == 200
    assert script.post("/move", paths=["b"], to="to", copy=True).json()["failed"]
    assert script.post("/move", paths=["b"], to="to").json()["done"] == ["to/b"]
    assert script.post("/move", paths=["to"], to="", copy=True).json()["done"] == ["to%20%282%29"]
    assert not os.listdir(home / "to (2)")
    bin_id = script.post("/delete", paths=["to"]).json()["trash"]
    assert script.delete(f"/trash/{bin_id}").status_code == 204


def test_a_file_becomes_a_pipe_while_it_is_opened(script, home, monkeypatch) -> None:
    """Between the look at what it is and its opening."""
    (home / "a").write_text("x")
    really = opener.open_to_read

    def swap(place: int) -> int:
        (home / "a").unlink()
        os.mkfifo(home / "a")
        return really(place)

    monkeypatch.setattr(opener, "open_to_read", swap)
    assert script.get("/content", path="a").content == b"x"
