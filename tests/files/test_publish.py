"""manage.py publish."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from files.access import published_part
from files.models import PublishedFolder


@pytest.fixture
def home(settings, site_settings, student):
    home = settings.IVLE_HOMES / "student"
    (home / "a" / "b").mkdir(parents=True)
    (home / ".x").mkdir()
    (home / "file").write_text("x")
    return home


def test_on_and_off(home, capsys) -> None:
    call_command("publish", "student", "a/b")
    assert published_part("student", (b"a", b"b", b"c.py")) == (b"a", b"b")
    assert published_part("student", (b"a", b"c.py")) is None
    call_command("publish", "student", "a/b/", "--off")
    assert published_part("student", (b"a", b"b", b"c.py")) is None
    assert capsys.readouterr().out.splitlines() == [
        "Everybody can see the folder a/b of student now.",
        "The folder a/b/ of student is private now.",
    ]


def test_twice_is_once(home) -> None:
    call_command("publish", "student", ".")
    call_command("publish", "student", "./")
    assert PublishedFolder.objects.count() == 1
    assert published_part("student", (b"anything",)) == ()


def test_the_widest_folder_counts(home) -> None:
    call_command("publish", "student", "a/b")
    call_command("publish", "student", "a")
    assert published_part("student", (b"a", b"b", b"x")) == (b"a",)


@pytest.mark.parametrize(
    "arguments", [("nobody", "a"), ("student", "missing"), ("student", "file"), ("student", "../x"), ("student", ".x")]
)
def test_what_cannot_be_published(home, arguments) -> None:
    with pytest.raises(CommandError):
        call_command("publish", *arguments)
    assert not PublishedFolder.objects.exists()


def test_off_where_it_was_not_on(home) -> None:
    with pytest.raises(CommandError):
        call_command("publish", "student", "a", "--off")


def test_nobody_else_s_folder_is_meant(home, classmate) -> None:
    call_command("publish", "student", "a")
    assert published_part("classmate", (b"a",)) is None
