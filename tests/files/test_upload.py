"""Uploads in pieces: begun, continued, finished into the folder, given up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from urllib.parse import quote

import pytest

from files import uploads
from files.uploads import PIECE_MAX_BYTES
from tests.files.zips import zip_of

MIB = 1024 * 1024


class Uploader:
    """A page that uploads."""

    def __init__(self, script) -> None:
        self.script = script

    def begin(self, name: str = "a.bin", size_bytes: int = 10, folder: str = "", **wish):
        return self.script.post("/uploads", folder=folder, name=quote(name), size_bytes=size_bytes, **wish)

    def piece(self, upload_id: str, offset: int, data: bytes):
        address = f"/api/files/uploads/{upload_id}?offset={offset}"
        return self.script.client.patch(address, data, content_type="application/octet-stream")

    def ask(self, upload_id: str):
        return self.script.get(f"/uploads/{upload_id}")

    def send(self, name: str, data: bytes, piece_bytes: int = PIECE_MAX_BYTES, **wish):
        """The whole thing; the answer to the last piece."""
        begun = self.begin(name, len(data), **wish)
        assert begun.status_code == 201, begun.content
        upload_id = begun.json()["id"]
        answer = self.piece(upload_id, 0, data[:piece_bytes])
        for offset in range(piece_bytes, len(data), piece_bytes):
            assert answer.json()["offset"] == offset
            assert answer.json()["done"] is None
            answer = self.piece(upload_id, offset, data[offset : offset + piece_bytes])
        return answer


@pytest.fixture
def uploader(script) -> Uploader:
    return Uploader(script)


@pytest.fixture
def stored(home):
    """The folder of the student's uploads."""
    return home.parent.parent / "uploads" / "student"


def test_in_pieces(uploader, home) -> None:
    data = os.urandom(25_000)
    answer = uploader.send("a b.bin", data, piece_bytes=10_000)
    done = answer.json()["done"]
    assert (home / "a b.bin").read_bytes() == data
    assert (answer.status_code, answer.json()["offset"]) == (200, 25_000)
    assert (done["path"], done["files"], done["failed"]) == ("a%20b.bin", 1, [])
    assert (home / "a b.bin").stat().st_mode & 0o777 == 0o600


def test_an_empty_file(uploader, home) -> None:
    assert uploader.send("empty", b"").json()["done"]["files"] == 1
    assert (home / "empty").read_bytes() == b""


def test_into_a_folder_under_a_name_of_any_bytes(uploader, home) -> None:
    (home / "f").mkdir()
    begun = uploader.script.post("/uploads", folder="f", name="%FF%5C%0A", size_bytes=1)
    uploader.piece(begun.json()["id"], 0, b"x")
    assert os.listdir(os.fsencode(home / "f")) == [b"\xff\\\n"]


def test_what_begin_says(uploader) -> None:
    begun = uploader.begin(size_bytes=5).json()
    assert (begun["offset"], begun["size_bytes"], begun["piece_max_bytes"], begun["done"]) == (
        0,
        5,
        PIECE_MAX_BYTES,
        None,
    )


def test_it_is_kept_as_a_version(uploader, script) -> None:
    version = uploader.send("a", b"uploaded").json()["done"]["version"]
    [entry] = script.get("/versions", path="a").json()["entries"]
    assert (entry["id"], entry["why"]) == (version, "upload")


# --- continued -------------------------------------------------------------------------------------------------------


def test_after_a_lost_answer_it_goes_on_where_it_was(uploader, home) -> None:
    upload_id = uploader.begin(size_bytes=6).json()["id"]
    uploader.piece(upload_id, 0, b"abc")
    again = uploader.piece(upload_id, 0, b"abc")
    assert (again.status_code, again.json()["offset"]) == (409, 3)
    assert again.json()["detail"] == "The next piece of this upload begins elsewhere."
    assert uploader.ask(upload_id).json()["offset"] == 3
    assert uploader.piece(upload_id, 3, b"def").json()["done"]
    assert (home / "a.bin").read_bytes() == b"abcdef"


def test_whoever_missed_the_last_answer_asks_for_it(uploader) -> None:
    upload_id = uploader.begin(size_bytes=3).json()["id"]
    answer = uploader.piece(upload_id, 0, b"abc").json()
    assert uploader.ask(upload_id).json() == answer
    assert uploader.piece(upload_id, 0, b"abc").json() == answer


@pytest.mark.parametrize("offset", [1, 5, -1, 1 << 40])
def test_a_piece_that_belongs_elsewhere_changes_nothing(uploader, stored, offset) -> None:
    upload_id = uploader.begin(size_bytes=6).json()["id"]
    assert uploader.piece(upload_id, offset, b"x").status_code == 409
    assert (stored / upload_id / "content").stat().st_size == 0


def test_another_web_process_goes_on(uploader, home, checkout) -> None:
    """Nothing of an upload is in the memory of the one that began it."""
    upload_id = uploader.begin(size_bytes=6).json()["id"]
    uploader.piece(upload_id, 0, b"abc")
    program = (
        "import sys, django; django.setup(); from django.conf import settings; from pathlib import Path\n"
        "from files import uploads; settings.IVLE_HOMES = Path(sys.argv[1]); settings.IVLE_DISK_RESERVE_MB = 0\n"
        "print(uploads.add('student', sys.argv[2], 3, [b'def']).done.path)"
    )
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings", "IVLE_DATA": str(home.parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", program, home.parent, upload_id],
        cwd=checkout, env=environ, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"a.bin\n", b"")
    assert (home / "a.bin").read_bytes() == b"abcdef"
    assert uploader.ask(upload_id).json()["done"]["path"] == "a.bin"


def test_one_that_died_after_saving_and_before_saying_so(uploader, home, stored, monkeypatch) -> None:
    upload_id = uploader.begin(size_bytes=3).json()["id"]
    real, uploads.write_whole = uploads.write_whole, died
    try:
        with pytest.raises(ZeroDivisionError):
            uploader.piece(upload_id, 0, b"abc")
    finally:
        uploads.write_whole = real
    assert (home / "a.bin").read_bytes() == b"abc"
    assert uploader.ask(upload_id).json()["done"] is None
    assert uploader.piece(upload_id, 3, b"").json()["done"]["path"] == "a.bin"


def died(*arguments):
    raise ZeroDivisionError


def test_those_that_are_not_finished_are_listed(uploader, script) -> None:
    upload_id = uploader.begin("a b", 6, replace=True).json()["id"]
    uploader.piece(upload_id, 0, b"abc")
    uploader.send("done", b"x")
    [entry] = script.get("/uploads").json()
    assert (entry["id"], entry["path"], entry["offset"], entry["replace"]) == (upload_id, "a%20b", 3, True)


# --- refused ---------------------------------------------------------------------------------------------------------


def test_a_name_that_is_taken_is_refused_before_anything_is_sent(uploader, home) -> None:
    (home / "a.bin").write_bytes(b"mine")
    refused = uploader.begin()
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "There is a a.bin here already. Choose another name.",
    )
    assert uploader.send("a.bin", b"new", replace=True).status_code == 200
    assert (home / "a.bin").read_bytes() == b"new"


def test_a_name_that_is_taken_meanwhile(uploader, home) -> None:
    upload_id = uploader.begin(size_bytes=3).json()["id"]
    (home / "a.bin").write_bytes(b"mine")
    refused = uploader.piece(upload_id, 0, b"abc")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "There is a a.bin here already. Choose another name.",
    )
    assert (home / "a.bin").read_bytes() == b"mine"
    (home / "a.bin").rename(home / "b.bin")
    assert uploader.piece(upload_id, 3, b"").json()["done"]


def test_what_a_program_wrote_is_kept_when_it_is_replaced(uploader, home, script) -> None:
    (home / "a.bin").write_bytes(b"mine")
    uploader.send("a.bin", b"new", replace=True)
    assert [entry["why"] for entry in script.get("/versions", path="a.bin").json()["entries"]] == ["upload", "run"]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"folder": "missing"}, 404),
        ({"folder": "file"}, 404),
        ({"folder": "../x"}, 404),
        ({"name": ""}, 400),
        ({"name": ".."}, 400),
        ({"name": "a%2Fb"}, 400),
        ({"size_bytes": -1}, 422),
        ({"size_bytes": 1 << 60}, 422),
        ({"size_bytes": 1 << 49}, 507),
    ],
)
def test_what_cannot_be_begun(uploader, home, stored, wish, status) -> None:
    (home / "file").write_bytes(b"")
    answer = uploader.script.post("/uploads", **{"folder": "", "name": "a", "size_bytes": 1, **wish})
    assert answer.status_code == status
    assert not stored.exists() or not [path for path in stored.iterdir() if path.is_dir()]


def test_a_piece_that_is_too_long(uploader, stored) -> None:
    upload_id = uploader.begin(size_bytes=10 * MIB).json()["id"]
    assert uploader.piece(upload_id, 0, b"x" * (PIECE_MAX_BYTES + 1)).status_code == 413
    assert uploader.ask(upload_id).json()["offset"] == 0
    assert uploader.piece(upload_id, 0, b"x" * PIECE_MAX_BYTES).json()["offset"] == PIECE_MAX_BYTES
    short = uploader.begin(size_bytes=5).json()["id"]
    assert uploader.piece(short, 0, b"x" * 6).status_code == 413
    assert (stored / short / "content").stat().st_size == 0


def test_a_full_quota_refuses_at_the_start_and_at_each_piece(uploader, home, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    assert uploader.begin(size_bytes=2 * MIB).status_code == 507
    upload_id = uploader.begin(size_bytes=MIB // 2).json()["id"]
    uploader.piece(upload_id, 0, b"x" * 1000)
    (home / "big").write_bytes(b"x" * MIB)
    from files import quota

    quota.forget("student")
    refused = uploader.piece(upload_id, 1000, b"x" * 1000)
    assert refused.status_code == 507
    assert refused.json()["detail"].startswith("Your folder is full: all of its 1 MB are used.")
    (home / "big").unlink()
    quota.forget("student")
    assert uploader.piece(upload_id, 1000, b"x" * (MIB // 2 - 1000)).json()["done"]


def test_uploads_under_way_count_together(uploader, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    assert uploader.begin("a", 700_000).status_code == 201
    assert uploader.begin("b", 700_000).status_code == 507


def test_a_full_disk_keeps_what_was_there(uploader, monkeypatch, stored) -> None:
    upload_id = uploader.begin(size_bytes=6).json()["id"]
    uploader.piece(upload_id, 0, b"abc")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        assert uploader.piece(upload_id, 3, b"def").status_code == 507
    assert uploader.piece(upload_id, 3, b"def").json()["done"]


def test_only_so_many_at_once(uploader, stored) -> None:
    ids = [uploader.begin(f"a{number}").json()["id"] for number in range(uploads.AT_ONCE_MAX)]
    refused = uploader.begin("one more")
    assert (refused.status_code, "unfinished uploads already" in refused.json()["detail"]) == (409, True)
    hours_ago = time.time() - 2 * 3600
    os.utime(stored / ids[3] / "content", (hours_ago, hours_ago))
    assert uploader.begin("one more").status_code == 201
    assert uploader.ask(ids[3]).status_code == 404
    assert uploader.ask(ids[4]).status_code == 200


# --- given up --------------------------------------------------------------------------------------------------------


def test_cancelling(uploader, stored) -> None:
    upload_id = uploader.begin().json()["id"]
    assert uploader.script.delete(f"/uploads/{upload_id}").status_code == 204
    assert uploader.ask(upload_id).status_code == 404
    assert uploader.piece(upload_id, 0, b"x").status_code == 404
    assert not [path for path in stored.iterdir() if path.is_dir()]


def test_cancelling_what_is_done_leaves_the_file(uploader, home) -> None:
    upload_id = uploader.send("a", b"x").json()["id"]
    assert uploader.script.delete(f"/uploads/{upload_id}").status_code == 204
    assert (home / "a").exists()


def test_old_ones_are_removed(uploader, stored) -> None:
    old, young = (uploader.begin(name).json()["id"] for name in ("old", "young"))
    (stored / ".left over by somebody who died").mkdir()
    days_ago = time.time() - 25 * 3600
    for path in (*stored.glob(f"{old}/*"), stored / old, stored / ".left over by somebody who died"):
        os.utime(path, (days_ago, days_ago))
    os.utime(stored.parent / "swept", (days_ago, days_ago))
    uploader.begin("another")
    assert uploader.ask(old).status_code == 404
    assert uploader.ask(young).status_code == 200
    assert not list(stored.glob(".*"))


@pytest.mark.parametrize("upload_id", ["x", "..", "0" * 32, "..%2F..%2Fhomes", "0" * 31 + "G"])
def test_what_never_was(uploader, upload_id) -> None:
    assert uploader.ask(upload_id).status_code == 404
    assert uploader.piece(upload_id, 0, b"x").status_code == 404


def test_nobody_else_has_it(uploader, classmate, administrator, client_of) -> None:
    upload_id = uploader.begin().json()["id"]
    for person in (classmate, administrator):
        assert client_of(person).get(f"/api/files/uploads/{upload_id}").status_code == 404
    assert client_of(classmate).get("/api/files/uploads").json() == []


# --- zips ------------------------------------------------------------------------------------------------------------


def test_unzipping(uploader, home, script) -> None:
    answer = uploader.send("work.zip", zip_of({"a.py": b"a", "b/c.py": b"c", "../x": b"evil"}), unzip=True)
    done = answer.json()["done"]
    assert (done["path"], done["files"]) == ("work", 2)
    assert done["failed"] == [
        {"path": "..%2Fx", "name": "../x", "detail": "Its name is not that of a place in a folder."}
    ]
    assert (home / "work" / "b" / "c.py").read_bytes() == b"c"
    assert not (home / "work.zip").exists()
    assert [entry["why"] for entry in script.get("/versions", path="work/b/c.py").json()["entries"]] == ["upload"]


def test_a_zip_may_be_uploaded_as_it_is(uploader, home) -> None:
    data = zip_of({"a": b"a"})
    uploader.send("work.zip", data)
    assert (home / "work.zip").read_bytes() == data


def test_what_is_no_zip_says_so(uploader, home, stored) -> None:
    refused = uploader.send("a.zip", b"no zip", unzip=True)
    assert (refused.status_code, "not a zip" in refused.json()["detail"]) == (400, True)
    assert os.listdir(home) == []


def test_a_zip_that_does_not_fit(uploader, home, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    refused = uploader.send("a.zip", zip_of({"f/a": b"\0" * (2 * MIB)}), unzip=True)
    assert refused.status_code == 507
    assert os.listdir(home) == []


def test_about_is_plain(uploader, stored) -> None:
    """What an upload is, is written down for the next web process."""
    upload_id = uploader.begin("a b").json()["id"]
    about = json.loads((stored / upload_id / "about").read_text())
    assert about == {"path": "a%20b", "size_bytes": 10, "unzip": False, "replace": False}
