"""Checking and publishing from the command line; what runs in jails is tried in test_trying.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from courses import editions
from sandbox.faults import SandboxError
from tutorial.page import Fault
from tutorial.sources import read_folder


@pytest.fixture
def found(monkeypatch) -> list[Fault]:
    """What trying a course finds."""
    faults: list[Fault] = []

    async def try_course(*_args, **_options):
        return tuple(faults)

    monkeypatch.setattr("tutorial.publishing.try_course", try_course)
    return faults


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "course"
    (folder / "pictures").mkdir(parents=True)
    (folder / "a.md").write_text("# A")
    (folder / "pictures" / "cat.png").write_bytes(b"x")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "link.md").symlink_to("/etc/passwd")
    return folder


@pytest.mark.django_db(transaction=True)
def test_publish_a_folder(course, lecturer, source, found, capsys) -> None:
    call_command("publish_course", "loops", str(source))
    edition = editions.shown(course)
    assert edition is not None
    assert edition.by == lecturer
    assert editions.names(edition) == ("a.md", "pictures/cat.png")
    assert "edition 1 of loops" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_publish_a_zip(course, source, found, tmp_path) -> None:
    (tmp_path / "course.zip").write_bytes(editions.zipped({"a.md": b"# A"}))
    call_command("publish_course", "loops", str(tmp_path / "course.zip"), "--by", "lecturer")
    assert editions.shown(course) is not None


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_is_not_published(course, source, found, capsys) -> None:
    found.append(Fault("a.md", 3, "This is wrong."))
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("publish_course", "loops", str(source))
    assert "a.md:3: This is wrong." in capsys.readouterr().err
    assert editions.shown(course) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bound", ["FILES_MAX", "TOTAL_MAX_BYTES"])
def test_a_folder_that_is_too_large_is_read_no_further(course, source, found, monkeypatch, bound) -> None:
    monkeypatch.setattr(editions, bound, 1)
    for number in range(5):
        (source / f"{number}.md").write_text("# More")
    assert len(read_folder(source)) < 5
    with pytest.raises(CommandError, match="at most"):
        call_command("publish_course", "loops", str(source))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing", "."), "There is no course nothing"),
        (("loops", "/nowhere"), "There is no folder /nowhere"),
        (("loops", "/nowhere", "--by", "student"), "student is no lecturer"),
        (("loops", "/nowhere", "--by", "nobody"), "nobody is no lecturer"),
    ],
)
def test_what_cannot_be_published(course, found, arguments, words) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("publish_course", *arguments)


@pytest.mark.django_db(transaction=True)
def test_check_what_is_published(published, course, found, capsys) -> None:
    published({"a.md": "# A"})
    call_command("check_tutorials")
    assert "loops: 0 to mend" in capsys.readouterr().out
    found.append(Fault("a.md", 3, "This is wrong."))
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("check_tutorials", "loops")
    assert "loops/a.md:3: This is wrong." in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_it_is_tried_in_the_environment_of_its_course(published, course, monkeypatch) -> None:
    asked: list[str] = []

    async def try_course(*_args, environment: str, **_options):
        asked.append(environment)
        return ()

    monkeypatch.setattr("tutorial.publishing.try_course", try_course)
    published({"a.md": "# A"})
    type(course).objects.update(environment="data-science")
    call_command("check_tutorials")
    assert asked == ["data-science"]


@pytest.mark.django_db(transaction=True)
def test_without_a_sandbox_nothing_is_said_of_the_course(published, monkeypatch) -> None:
    async def cannot(*_args, **_options):
        raise SandboxError("it is away")

    monkeypatch.setattr("tutorial.publishing.try_course", cannot)
    published({"a.md": "# A"})
    with pytest.raises(CommandError, match="Is ivle running"):
        call_command("check_tutorials", "loops")
