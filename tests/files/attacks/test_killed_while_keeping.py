"""A writer of versions that is killed at whatever moment: all that is listed can be read, and the next one goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from files import versions
from files.paths import as_text

# Does one thing with the store again and again, and is killed a few lines later each time, until it gets to its end.
KILLED_AT_MANY_LINES = """
import json, os, shutil, signal, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from files import version_store, versions
from files.opener import open_home

settings.IVLE_DISK_RESERVE_MB = 0
os.fsync = lambda descriptor: None  # a process that is killed loses nothing that it wrote; the disk's cache is not ours
home = settings.IVLE_HOMES / "student"
store = versions.store_of("student")
lines_left = 0
READING = ("read_line", "as_line", "blocks", "histories", "read_list", "candidates", "size", "<genexpr>", "<dictcomp>")

def keep(content):
    (home / "a").write_bytes(content)
    versions.keep("student", (b"a",), folder, "save")

def follow(content):
    versions.follow("student", (b"f",), (b"g",))

def count_lines(frame, event, argument):
    global lines_left
    if frame.f_code.co_filename != version_store.__file__ or frame.f_code.co_name in READING:
        return None
    if event == "line":
        lines_left -= 1
        if lines_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return count_lines

def read_all():
    found = 0
    for history in store.histories():
        for version in history.versions:
            assert len(store.read(version.digest)) == version.size_bytes
            found += 1
    return found

(home / "f").mkdir(parents=True)
folder = open_home(settings.IVLE_HOMES, "student")
for number in range(6):
    (home / "f" / f"file{number % 3}").write_bytes(os.urandom(30_000))
    versions.keep("student", (b"f", b"file%d" % (number % 3)), folder, "save")
keep(os.urandom(30_000))
shutil.copytree(store.folder, store.folder.with_name("before"))
settings.IVLE_VERSIONS_MB = float(sys.argv[2])
killed = 0
while True:
    shutil.rmtree(store.folder)
    shutil.copytree(store.folder.with_name("before"), store.folder)
    content = os.urandom(30_000)
    child = os.fork()
    if child == 0:
        lines_left = killed + 1
        sys.settrace(count_lines)
        {"keep": keep, "follow": follow}[sys.argv[1]](content)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    assert read_all() >= int(sys.argv[3])
    assert len({history.path for history in store.histories()} - {"g/file%d" % number for number in range(3)}) >= (
        4 if sys.argv[1] == "keep" else 1)
    keep(content)
    assert store.read(store.history("a").newest.digest) == content
    read_all()
    with store.writing():
        store.thin(0, lambda path: True)
        left = list(store.histories())
        named = {store.place(history.newest.digest) for history in left}
        assert set(store.files()) == named | {store.lists / history.name for history in left}
    if status == 0:
        break
    killed += 3
print(json.dumps(killed))
"""


@pytest.mark.parametrize("doing", ["keep", "follow"])
def test_killed_at_many_lines(checkout, tmp_path, doing) -> None:
    assert killed_so_often(checkout, tmp_path, doing, megabytes=512, left_at_least=7) > 20


def test_killed_at_many_lines_while_it_makes_room(checkout, tmp_path) -> None:
    assert killed_so_often(checkout, tmp_path, "keep", megabytes=0.25, left_at_least=4) > 100


def killed_so_often(checkout, data, doing: str, *, megabytes: float, left_at_least: int) -> int:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings", "IVLE_DATA": str(data)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_MANY_LINES, doing, str(megabytes), str(left_at_least)],
        cwd=checkout, env=environ, capture_output=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_a_list_that_is_cut_anywhere_keeps_what_is_whole(settings, home, home_fd) -> None:
    settings.IVLE_DISK_RESERVE_MB = 0
    name = b"\xff.py"
    for number in range(4):
        (home / os.fsdecode(name)).write_bytes(b"%d" % number)
        versions.keep("student", (name,), home_fd, "save")
    [file] = versions.store_of("student").lists.iterdir()
    whole = file.read_bytes()
    for length in range(0, len(whole), 3):
        file.write_bytes(whole[:length])
        kept = versions.list_versions("student", (name,))
        assert len(kept) in (whole[:length].count(b"}") - 1, 0)
        assert [versions.read("student", each.id)[1] for each in kept] == [b"%d" % n for n in range(len(kept))][::-1]
        (home / os.fsdecode(name)).write_bytes(b"later")
        versions.keep("student", (name,), home_fd, "save")
        latest = versions.list_versions("student", (name,))
        assert len(latest) == len(kept) + 1
        assert (versions.read("student", latest[0].id)[1], latest[0].path) == (b"later", as_text((name,)))
