"""Who gets a language server, and for which file."""

from __future__ import annotations

import os

import pytest

from accounts import rights
from accounts.models import Person, Token
from accounts.tokens import make_token
from tests.console.conftest import logged_in, story
from tests.editor.language_world import Page

SILENT = "import sys\nfor line in sys.stdin: pass"


@pytest.fixture
def home(world, student):
    world.stand_in(SILENT)
    world.write("student", "a.py")
    return world.home("student")


def status_of(page: Page) -> int:
    """101 for whoever is let in."""
    statuses = []

    async def telling() -> None:
        await page.enter()
        statuses.append(101 if page.is_in else page.status)
        if page.is_in:
            await page.leave()

    story(telling)
    return statuses[0]


def test_the_owner(home, student) -> None:
    assert status_of(Page.of("a.py", logged_in(student))) == 101
    assert status_of(Page.of("a.py", logged_in(student), owner="student")) == 101


def test_a_program_with_a_token(home, student) -> None:
    headers = {"host": "localhost:8000", "authorization": f"Bearer {make_token(student, 'x')}"}
    assert status_of(Page.of("a.py", headers)) == 101


def test_a_file_that_is_not_saved_yet(home, student) -> None:
    assert status_of(Page.of("new.py", logged_in(student))) == 101


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost:8000"}, {"authorization": "Bearer ivle_x"}])
def test_nobody(home, headers) -> None:
    assert status_of(Page.of("a.py", {"host": "localhost:8000", **headers})) == 403


def test_a_page_of_another_site(home, student) -> None:
    headers = {**logged_in(student), "origin": "http://evil.example"}
    assert status_of(Page.of("a.py", headers)) == 403


@pytest.mark.parametrize("person", ["classmate", "lecturer", "administrator"])
def test_somebody_elses_home(home, world, person, request) -> None:
    """An administrator may read it, and needs no suggestions for that."""
    other = request.getfixturevalue(person)
    world.write(other.username, "a.py")
    assert status_of(Page.of("a.py", logged_in(other))) == 101
    assert status_of(Page.of("a.py", logged_in(other), owner="student")) == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../classmate/a.py",
        "a.py/",
        "/home/student/a.py",
        "a.txt",
        "folder",
        "folder.py",
        "gone/a.py",
        "a.py/b.py",
        "out.py",
        "out/a.py",
        "fifo.py",
        "socket.py",
        "circle.py",
        "a\0.py",
        "x" * 300 + ".py",
    ],
)
def test_what_is_no_file_to_edit(home, world, student, path: str) -> None:
    """Nothing hangs, and nobody is told more than that it is not there."""
    world.write("classmate", "a.py", "SECRET = 1")
    world.write("student", "a.txt")
    for folder in ("folder", "folder.py"):
        (home / folder).mkdir()
    (home / "out.py").symlink_to("../classmate/a.py")
    (home / "out").symlink_to("/home")
    (home / "circle.py").symlink_to("circle.py")
    os.mkfifo(home / "fifo.py")
    os.mknod(home / "socket.py", 0o140600)
    assert status_of(Page.of(path, logged_in(student))) == 404


def test_too_many_questions_in_the_address(home, student) -> None:
    page = Page("/editor/language/socket?" + "&".join(f"a{number}=1" for number in range(50)), logged_in(student))
    assert status_of(page) == 404


def test_somebody_without_a_home(world, stranger) -> None:
    assert status_of(Page.of("a.py", logged_in(stranger))) == 404


def test_an_installation_without_a_server(home, student, settings) -> None:
    settings.IVLE_LANGUAGE_SERVER = ()
    assert status_of(Page.of("a.py", logged_in(student))) == 404


def end_by(page: Page, change) -> tuple[str, int]:
    """What a page is told after a change that takes its right away."""
    endings = []

    async def telling() -> None:
        await page.enter()
        await rights.look_again()  # which finds nothing yet
        await change()
        await rights.look_again()
        endings.append(await page.ending())
        await page.task

    story(telling)
    return endings[0]


def test_logging_out_ends_it(home, student) -> None:
    page = Page.of("a.py", logged_in(student))

    async def change() -> None:
        from django.contrib.sessions.models import Session

        await Session.objects.all().adelete()

    assert end_by(page, change) == ("logged_out", 4401)


def test_a_token_that_is_taken_back_ends_it(home, student) -> None:
    headers = {"host": "localhost:8000", "authorization": f"Bearer {make_token(student, 'x')}"}

    async def change() -> None:
        await Token.objects.all().adelete()

    assert end_by(Page.of("a.py", headers), change) == ("logged_out", 4401)


def test_a_closed_account_ends_it(home, student) -> None:
    async def change() -> None:
        await Person.objects.filter(pk=student.pk).aupdate(is_active=False)

    assert end_by(Page.of("a.py", logged_in(student)), change) == ("logged_out", 4401)


def test_a_right_that_is_gone_ends_it(home, student, monkeypatch) -> None:
    async def change() -> None:
        monkeypatch.setattr("editor.language.may_write", lambda person, owner: False)

    assert end_by(Page.of("a.py", logged_in(student)), change) == ("rights", 4404)
