"""/serve/ of a student, for who teaches them: the report of a run, never a page that could pass for the site's own."""

from __future__ import annotations

import pytest

from cgirunner.errors import pieces
from courses.models import Look
from tests.cgirunner.conftest import BROWSER, Visitor

PAGE = "/serve/student/program.py"
HOSTILE = "print('Content-Type: text/html\\n\\n<form><h1>Log in again</h1></form>')"


@pytest.fixture(autouse=True)
def program(home) -> None:
    home.write("program.py", HOSTILE)
    home.write("page.html", "<h1>Log in again</h1>")
    home.write("wrong.py", "1 / 0")


@pytest.fixture(params=["lecturer", "tutor", "administrator"])
def teacher(request, course, supervisor) -> Visitor:
    visitor = Visitor()
    visitor.log_in(request.getfixturevalue(request.param))
    return visitor


def test_a_report_and_no_page(teacher) -> None:
    reply = teacher.ask(PAGE, headers=BROWSER)
    assert reply.status == 200
    assert "The program ran to its end." in reply.text
    assert "<h1>Log in again" not in reply.text
    assert "Open the page itself" not in reply.text
    assert "sandbox" not in (reply["Content-Security-Policy"] or "")


@pytest.mark.parametrize("headers", [{}, BROWSER, {"sec-fetch-dest": "iframe"}, {"accept": "*/*"}])
def test_however_it_is_asked_for(teacher, headers) -> None:
    assert "<h1>Log in again" not in teacher.ask(PAGE, headers=headers).text


def test_by_a_form(teacher) -> None:
    reply = teacher.ask(PAGE, method="POST", headers={"origin": "http://localhost:8000", "host": "localhost:8000"})
    assert "<h1>Log in again" not in reply.text


def test_what_is_no_program_is_not_served(teacher) -> None:
    assert teacher.ask("/serve/student/page.html", headers=BROWSER).status == 404


def test_lines_lead_to_the_students_file() -> None:
    place = 'File "/home/student/wrong.py", line 1'
    assert (place, "/edit/wrong.py?owner=student#L1") in pieces(place, "student", by_owner=False)
    assert (place, "/edit/wrong.py#L1") in pieces(place, "student")


def test_it_is_not_run_in_their_console(teacher) -> None:
    assert "/console/run" not in teacher.ask("/serve/student/wrong.py", headers=BROWSER).text


def test_it_is_written_down_once(teacher) -> None:
    for _round in range(3):
        teacher.ask(PAGE, headers=BROWSER)
    [look] = Look.objects.all()
    assert (look.owner.username, look.what, look.path) == ("student", "run", "program.py")


def test_the_owner_still_sees_the_page(owner, course) -> None:
    assert owner.ask(PAGE).text == "<form><h1>Log in again</h1></form>\n"
    assert not Look.objects.exists()


def test_nobody_serves_who_teaches(course, student, lecturer, settings, supervisor) -> None:
    visitor = Visitor()
    visitor.log_in(student)
    assert visitor.ask("/serve/lecturer/program.py").status == 404


def test_when_the_course_is_over(teacher, course, request) -> None:
    course.is_open = False
    course.save()
    assert teacher.ask(PAGE, headers=BROWSER).status == 404
