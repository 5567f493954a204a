"""A student's files, for who teaches them: to look, which is written down, and never to change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from courses import looks
from courses.models import Look, Role
from tests.files.conftest import Script


@pytest.fixture(autouse=True)
def files(home, course) -> None:
    (home / "a b.py").write_text("print(1)\n")
    (home / "sub").mkdir()


@pytest.fixture
def seen() -> Callable[[], list[tuple[str, str, str]]]:
    return lambda: sorted(Look.objects.values_list("viewer__username", "what", "path"))


@pytest.fixture(params=["lecturer", "tutor"])
def teacher(request) -> Script:
    return Script(request.getfixturevalue(request.param))


READING = [
    ("/list", {"path": "sub"}, looks.FOLDER, "sub"),
    ("/content", {"path": "a%20b.py"}, looks.FILE, "a%20b.py"),
    ("/preview", {"path": "a%20b.py"}, looks.FILE, "a%20b.py"),
    ("/versions", {"path": "a%20b.py"}, looks.VERSIONS, "a%20b.py"),
    ("/versions/deleted", {}, looks.TRASH, ""),
    ("/zip", {"path": "sub"}, looks.ZIP, "sub"),
    ("/mappings", {}, looks.FOLDER, ""),
]


@pytest.mark.parametrize(("path", "query", "what", "named"), READING)
def test_looking_is_written_down(teacher, seen, path, query, what, named) -> None:
    assert teacher.get(path, owner="student", **query).status_code == 200
    assert seen() == [(teacher.person.username, what, named)]


@pytest.mark.parametrize(("path", "query"), [row[:2] for row in READING])
@pytest.mark.parametrize("person", ["classmate", "stranger"])
def test_it_is_not_there_for_others(seen, request, person, path, query) -> None:
    script = Script(request.getfixturevalue(person))
    assert script.get(path, owner="student", **query).status_code == 404
    assert seen() == []


@pytest.mark.parametrize(("path", "query"), [row[:2] for row in READING])
@pytest.mark.parametrize("owner", ["lecturer", "tutor", "classmate"])
def test_a_student_sees_nobodys(student, path, query, owner) -> None:
    assert Script(student).get(path, owner=owner, **query).status_code == 404


def test_looking_three_times_is_one_look(teacher, seen) -> None:
    for _round in range(3):
        teacher.get("/list", path="", owner="student")
    assert len(seen()) == 1


def test_what_the_owner_does_is_no_look(script, seen) -> None:
    script.get("/list", path="")
    script.get("/list", path="", owner="student")
    assert seen() == []


def test_an_administrators_look(administrator, seen) -> None:
    Script(administrator).get("/list", path="", owner="student")
    assert seen() == [("admin", "folder", "")]


def test_the_list_says_that_it_is_read_only(teacher) -> None:
    assert teacher.get("/list", path="", owner="student").json()["writable"] is False


@pytest.mark.parametrize("owner", [{}, {"owner": "student"}])
def test_nothing_can_be_written(teacher, home, owner) -> None:
    """Whatever says whose it is, what changes something is about one's own."""
    teacher.client.put("/api/files/content?path=a%20b.py&owner=student", b"x", content_type="text/plain")
    for path in ("/delete", "/make_folder", "/rename", "/copy", "/move", "/publish"):
        teacher.post(path, path="a%20b.py", paths=["a%20b.py"], name="c", to="sub", published=True, **owner)
    assert (home / "a b.py").read_text() == "print(1)\n"
    assert sorted(entry.name for entry in home.iterdir()) == ["a b.py", "sub"]


def test_the_pages(teacher, client_of) -> None:
    browser = client_of(teacher.person)
    assert browser.get("/files/?owner=student").status_code == 200
    page = browser.get("/edit/a%20b.py?owner=student")
    assert page.status_code == 200
    assert " writable" not in page.content.decode().split("<ivle-editor")[1].split(">")[0]


class TestTheRightEnds:
    def test_with_the_course(self, teacher, course) -> None:
        course.is_open = False
        course.save()
        assert teacher.get("/list", path="", owner="student").status_code == 404

    def test_with_the_role(self, teacher, course) -> None:
        course.memberships.filter(person=teacher.person).update(role=Role.STUDENT)
        assert teacher.get("/list", path="", owner="student").status_code == 404

    def test_when_the_student_leaves(self, teacher, course, student) -> None:
        course.memberships.filter(person=student).delete()
        assert teacher.get("/list", path="", owner="student").status_code == 404
