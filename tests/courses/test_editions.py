"""Editions: what was published, kept as it was."""

from __future__ import annotations

import zipfile

import pytest

from courses import editions
from courses.models import Course, Edition

FILES = {"one.md": b"# One", "exercises/a.md": b"# A", "pictures/ä b.png": b"\x89PNG"}


def test_students_see_the_newest(course, lecturer) -> None:
    assert editions.shown(course) is None
    first = editions.add(course, FILES, lecturer)
    second = editions.add(course, {"one.md": b"# Two"}, lecturer)
    assert (first.number, second.number) == (1, 2)
    assert editions.shown(course) == second
    assert editions.names(first) == ("exercises/a.md", "one.md", "pictures/ä b.png")
    assert editions.read(first, "pictures/ä b.png") == b"\x89PNG"
    assert editions.read(second, "one.md") == b"# Two"


@pytest.mark.parametrize("name", ["two.md", "", "..", "exercises/", "/one.md", "ONE.MD"])
def test_what_is_not_in_it(course, lecturer, name) -> None:
    assert editions.read(editions.add(course, FILES, lecturer), name) is None


def test_hidden_and_shown_again(course, lecturer) -> None:
    first = editions.add(course, FILES, lecturer)
    second = editions.add(course, FILES, lecturer)
    editions.hide(course)
    assert editions.shown(course) is None
    assert editions.newest(course) == second
    editions.show(first)
    assert editions.shown(course) == first
    editions.show(second)
    assert editions.shown(course) == second
    assert Edition.objects.filter(is_shown=True).count() == 1


def test_one_that_is_not_shown_leaves_what_is(course, lecturer) -> None:
    first = editions.add(course, FILES, lecturer)
    editions.add(course, {}, lecturer, is_shown=False)
    assert editions.shown(course) == first


def test_courses_are_apart(course, lecturer) -> None:
    other = Course.objects.create(slug="other", title="Other", term=course.term)
    editions.add(course, FILES, lecturer)
    theirs = editions.add(other, {"one.md": b"theirs"}, lecturer)
    assert (theirs.number, editions.read(theirs, "one.md")) == (1, b"theirs")
    editions.hide(other)
    assert editions.shown(course) is not None


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/../b", "/x", "a//b", "a/", "a\\b", "a\0b", "a\nb", "\udcff", "x" * 2000, "./x"],
)
def test_names_that_no_file_has(course, lecturer, name) -> None:
    with pytest.raises(editions.BadEdition):
        editions.add(course, {"one.md": b"", name: b"x"}, lecturer)
    assert not Edition.objects.exists()


@pytest.mark.parametrize("what", ["FILES_MAX", "TOTAL_MAX_BYTES"])
def test_too_much(course, lecturer, monkeypatch, what) -> None:
    monkeypatch.setattr(editions, what, 2)
    with pytest.raises(editions.BadEdition):
        editions.add(course, FILES, lecturer)
    assert not Edition.objects.exists()


def test_a_zip_that_cannot_be_written_is_no_edition(course, lecturer, monkeypatch, settings) -> None:
    editions.add(course, FILES, lecturer)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(editions, "write", full)
    with pytest.raises(OSError, match="No space"):
        editions.add(course, FILES, lecturer)
    assert editions.shown(course).number == 1


def test_the_same_files_give_the_same_zip(course, lecturer) -> None:
    first, second = (editions.place_of(editions.add(course, FILES, lecturer)).read_bytes() for _round in range(2))
    assert first == second


def test_a_zip_that_was_lost(course, lecturer) -> None:
    edition = editions.add(course, FILES, lecturer)
    editions.place_of(edition).unlink()
    assert editions.names(edition) == ()
    assert editions.read(edition, "one.md") is None


def test_the_zip_can_be_opened_elsewhere(course, lecturer) -> None:
    edition = editions.add(course, FILES, lecturer)
    with zipfile.ZipFile(editions.place_of(edition)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
    assert editions.files_of(edition) == FILES


class TestTheCache:
    def test_a_second_look_opens_nothing(self, course, lecturer) -> None:
        edition = editions.add(course, FILES, lecturer)
        assert editions.read(edition, "one.md") == b"# One"
        assert len(editions.names(edition)) == 3
        editions.place_of(edition).unlink()
        assert editions.read(edition, "one.md") == b"# One"
        assert len(editions.names(edition)) == 3

    def test_it_is_bounded(self, monkeypatch, course, lecturer) -> None:
        monkeypatch.setattr(editions, "CACHE_MAX_BYTES", 10)
        cache = editions.Cache()
        edition = editions.add(course, {f"{number}": b"12345" for number in range(9)}, lecturer)
        for number in range(9):
            assert cache.read(edition, f"{number}") == b"12345"
        assert (cache.size_bytes, len(cache.contents)) == (10, 2)

    def test_large_files_are_not_kept(self, monkeypatch, course, lecturer) -> None:
        monkeypatch.setattr(editions, "CACHED_FILE_MAX_BYTES", 3)
        cache = editions.Cache()
        assert cache.read(editions.add(course, FILES, lecturer), "one.md") == b"# One"
        assert cache.size_bytes == 0
