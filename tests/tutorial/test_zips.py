"""A course out of a zip, however it was made."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from courses import editions
from courses.editions import BadEdition
from tutorial.zips import read_zip


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_what_was_exported() -> None:
    files = {"a.md": b"# A", "exercises/b.md": b"# B"}
    assert read_zip(editions.zipped(files)) == files


def test_one_made_by_hand() -> None:
    files = {"course/": b"", "course/a.md": b"# A", "__MACOSX/course/._a.md": b"x", "course/.DS_Store": b"x"}
    assert read_zip(zip_of(files)) == {"a.md": b"# A"}


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + bytes(40), zip_of({"a.md": b"x" * 99})[:-30]])
def test_what_is_no_zip(data: bytes) -> None:
    with pytest.raises(BadEdition, match="not a zip"):
        read_zip(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_one_that_is_broken_within(method: int) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.md", "# A\n" * 2000)
    data = bytearray(buffer.getvalue())
    begin = data.find(b"a.md") + len("a.md")
    data[begin + 6 : begin + 40] = bytes(sign ^ 0xFF for sign in data[begin + 6 : begin + 40])
    with pytest.raises(BadEdition, match="not a zip"):
        read_zip(bytes(data))


def test_a_bomb(monkeypatch) -> None:
    monkeypatch.setattr(editions, "TOTAL_MAX_BYTES", 1000)
    with pytest.raises(BadEdition, match="MB together"):
        read_zip(zip_of({"a.md": bytes(100_000)}))


def test_too_many_files(monkeypatch) -> None:
    monkeypatch.setattr(editions, "FILES_MAX", 3)
    with pytest.raises(BadEdition, match="at most 3 files"):
        read_zip(zip_of({f"{n}.md": b"" for n in range(4)}))


@pytest.mark.parametrize("name", ["../a.md", "/a.md", "a/../../b.md", "a\\b.md", "a\x01.md"])
def test_names_that_lead_elsewhere_are_left_out_or_refused(name: str) -> None:
    try:
        files = read_zip(zip_of({name: b"x", "z.md": b"x"}))
        editions.check(files)
    except BadEdition:
        return
    assert set(files) == {"z.md"}


def with_directory_of(size_bytes: int, before: bytes = b"") -> bytes:
    """A zip that says so much of its list of entries, which is read whole."""
    data = bytearray(zip_of({"a.md": b"# A"}))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = size_bytes.to_bytes(4, "little")
    return bytes(data[:end]) + before + bytes(data[end:])


@pytest.mark.parametrize(
    "data",
    [
        with_directory_of(5 * 1024 * 1024),
        with_directory_of(0xFFFFFFFF),
        with_directory_of(56, b"PK\x06\x07" + bytes(16)),
        with_directory_of(5 * 1024 * 1024) + b"comment",
    ],
)
def test_a_list_of_a_million_entries_is_not_read(data: bytes, monkeypatch) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it is read"))
    with pytest.raises(BadEdition, match="at most 2000 files"):
        read_zip(data)
