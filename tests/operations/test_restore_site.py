"""A site is backed up while people save and hand in, restored elsewhere, and is the same site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.operations.conftest import tree_of

MARKING_SECONDS = 60
SECRET = {"IVLE_SECRET_KEY": "s" * 50, "IVLE_DEMO": "yes"}
ATTEMPTS = "/api/exercises/python/greeting/attempts"


def manage(site_environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=site_environ, capture_output=True, text=True, timeout=60)


def caller(site: Site, token: str) -> Callable[..., Any]:
    def call(path: str, method: str = "GET", body: bytes | None = None) -> Any:
        kind = "application/json" if method == "POST" else "application/octet-stream"
        status, answer = site.ask(path, method, body, authorization=f"Bearer {token}", **{"content-type": kind})
        assert status in (200, 201), answer
        return json.loads(answer) if answer[:1] in b"{[" else answer

    return call


def hand_in_and_wait(call: Callable[..., Any], text: str) -> dict[str, Any]:
    [file] = call("/api/exercises/python/greeting")["files"]
    work = json.dumps({"files": {file["name"]: text}}).encode()
    number = call("/api/exercises/python/greeting/submit", "POST", work)["number"]
    end = time.monotonic() + MARKING_SECONDS
    while time.monotonic() < end:
        attempt: dict[str, Any] = call(f"{ATTEMPTS}/{number}")
        if attempt["report"]:
            return attempt
        time.sleep(0.1)
    raise AssertionError(attempt)


def test_a_restored_site_is_the_same_site(tmp_path: Path) -> None:
    backup = tmp_path / "backups"
    backup.mkdir()
    site = Site(tmp_path / "data", **SECRET)
    try:
        token = manage(site.environ, "token", "student").stdout.strip()
        call = caller(site, token)
        for text in ("first", "second", "third"):
            call("/api/files/content?path=mine.txt", "PUT", text.encode())
        name = "print('Hello, ' + input('Name? ') + '. Nice to meet you.')"
        attempt = hand_in_and_wait(call, name)
        ended = threading.Event()
        saves = []

        def save_on() -> None:
            while not ended.is_set():
                saves.append(f"save {len(saves)}")
                call("/api/files/content?path=busy.txt", "PUT", saves[-1].encode())

        thread = threading.Thread(target=save_on)
        thread.start()
        try:
            made = manage(site.environ, "backup", str(backup), "--keep", "2")
            assert made.returncode == 0, made.stderr
        finally:
            ended.set()
            thread.join()
        home = tree_of(site.data / "homes" / "student")
        refused = manage(site.environ, "restore", str(next(backup.iterdir())))
        assert refused.returncode == 1
        assert "Stop it first" in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        site.close()
    assert len(saves) > 1
    [file] = backup.iterdir()
    assert "is whole" in manage(site.environ, "backup", "--check", str(file)).stdout

    environ = {**site.environ, "IVLE_DATA": str(tmp_path / "new")}
    done = manage(environ, "restore", str(file))
    assert done.returncode == 0, done.stderr
    restored = tree_of(tmp_path / "new" / "homes" / "student")
    busy = restored.pop(b"busy.txt")[-1]
    home.pop(b"busy.txt")
    for tree in (home, restored):
        tree[b"."] = ()
    assert restored == home
    assert busy.decode() in saves

    again = Site(tmp_path / "new", **SECRET)
    try:
        assert again.log_in("student")
        call = caller(again, token)
        assert call("/api/files/content?path=mine.txt") == b"third"
        versions = call("/api/files/versions?path=mine.txt")["entries"]
        texts = [call(f"/api/files/versions/{version['id']}/content") for version in versions]
        assert texts == [b"third", b"second", b"first"]
        assert call(f"{ATTEMPTS}/{attempt['number']}") == attempt
        assert hand_in_and_wait(call, "print('no')")["number"] == attempt["number"] + 1
        assert again.ask("/serve/student/hello.py", cookie=again.log_in("student"))[0] == 200
    finally:
        again.close()
    over = manage(environ, "restore", str(file))
    assert over.returncode == 1
    assert "There is data already" in over.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("backup", "{folder}/nowhere/b.tar"), "There is no folder"),
        (("backup", "{folder}/b.tar"), "There is no database"),
        (("backup", "--check", "{folder}/none.tar"), "cannot be read: No such file"),
        (("backup", "{folder}", "--keep", "0"), "a whole number from 1"),
        (("restore", "{folder}/none.tar"), "cannot be read: No such file"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    environ = {**os.environ, **SECRET, "IVLE_DATA": str(tmp_path / "data")}
    done = manage(environ, *(argument.replace("{folder}", str(tmp_path)) for argument in arguments))
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stream_a_plain_file_and_the_database_alone(tmp_path: Path) -> None:
    """What other tools take in is unpacked, and nothing but the backup comes out at stdout."""
    (tmp_path / "data" / "homes" / "sam").mkdir(parents=True)
    (tmp_path / "data" / "homes" / "sam" / "a.py").write_text("print(1)")
    environ = {**os.environ, **SECRET, "IVLE_DATA": str(tmp_path / "data")}
    assert manage(environ, "migrate", "--verbosity=0").returncode == 0
    command = [sys.executable, "manage.py", "backup", "-"]
    streamed = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, timeout=60, check=True)
    assert b"Backed up to -" in streamed.stderr
    (tmp_path / "streamed.tar").write_bytes(streamed.stdout)
    assert manage(environ, "backup", str(tmp_path / "plain.tar")).returncode == 0
    assert manage(environ, "backup", "--database-only", str(tmp_path / "small.tar.gz")).returncode == 0
    for name, has_files in (("streamed.tar", True), ("plain.tar", True), ("small.tar.gz", False)):
        assert "is whole" in manage(environ, "backup", "--check", str(tmp_path / name)).stdout
        new = {**environ, "IVLE_DATA": str(tmp_path / f"new-{name}")}
        restored = manage(new, "restore", str(tmp_path / name))
        assert restored.returncode == 0, restored.stderr
        assert (tmp_path / f"new-{name}" / "homes" / "sam" / "a.py").exists() is has_files
    with tarfile.open(tmp_path / "plain.tar") as tar:
        assert "homes/sam/a.py" in tar.getnames()
