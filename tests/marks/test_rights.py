"""Who may do what: each page and each call, for each role, in a course that is open and in one that is over."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.marks.conftest import exercise

STUDENT_PAGES = ["exercises/hello/", "progress/"]
STAFF_PAGES = [
    "marks/",
    "marks/export.csv",
    "marks/changes/",
    "marks/exercises/hello/",
    "marks/people/student/",
    "marks/people/student/hello/1/",
]
LECTURER_PAGES = ["marks/conditions/"]
LECTURER_FORMS = {
    "marks/exercises/hello/": {"why": "Test 1 was wrong."},
    "marks/people/student/": {"exercise": "hello", "points": "1", "why": "Good idea."},
    "marks/conditions/": {},
}
ROLES = ["student", "classmate", "tutor", "lecturer", "administrator", "stranger", "nobody"]
STAFF, LECTURERS = ("tutor", "lecturer", "administrator"), ("lecturer", "administrator")


@pytest.fixture
def browser_of(request, client_of):
    def browser_of(role: str) -> Client:
        return Client() if role == "nobody" else client_of(request.getfixturevalue(role))

    return browser_of


@pytest.fixture
def open_course(publish, hand_in, work, examiner, student, tutor, stranger, administrator, course):
    publish(exercise())
    hand_in(student, "1")
    work()
    return course


@pytest.fixture(params=["open", "over"])
def some_course(request, open_course):
    if request.param == "over":
        open_course.is_open = False
        open_course.save()
    return open_course


def expected(role: str, allowed: bool, otherwise: int = 200) -> int:
    if role == "nobody":
        return 302
    return otherwise if allowed else 404


@pytest.mark.parametrize("role", ROLES)
def test_pages(some_course, browser_of, role: str) -> None:
    browser = browser_of(role)
    for pages, roles in (
        (STUDENT_PAGES, [one for one in ROLES if one not in ("stranger", "nobody")]),
        (STAFF_PAGES, STAFF),
        (LECTURER_PAGES, LECTURERS),
    ):
        for page in pages:
            status = browser.get(f"/courses/intro/{page}").status_code
            assert status == expected(role, role in roles), page


@pytest.mark.parametrize("role", ROLES)
def test_forms(some_course, browser_of, role: str) -> None:
    browser = browser_of(role)
    for page, form in LECTURER_FORMS.items():
        status = browser.post(f"/courses/intro/{page}", form).status_code
        assert status == expected(role, role in LECTURERS, 302), page


@pytest.mark.parametrize("role", [role for role in ROLES if role != "nobody"])
def test_api(some_course, request, script_of, role: str) -> None:
    script = script_of(request.getfixturevalue(role))
    inside = role != "stranger"
    assert script.get("intro/hello").status_code == (200 if inside else 404)
    assert script.get("intro/hello/attempts").status_code == (200 if inside else 404)
    others = script.get("intro/hello/attempts", person="student").status_code
    assert others == (200 if role in (*STAFF, "student") else 404)
    one = script.get("intro/hello/attempts/1", person="student").status_code
    assert one == (200 if role in (*STAFF, "student") else 404)
    work = 404 if not inside else 201 if some_course.is_open else 409
    assert script.post("intro/hello/check", files={}).status_code == (200 if work == 201 else work)
    assert script.post("intro/hello/submit", files={"hello.py": role}).status_code == work
    assert script.post("intro/hello/run", files={}).status_code == (200 if inside else 404)


def test_without_a_login_the_api_is_closed(open_course) -> None:
    client = Client()
    assert client.get("/api/exercises/intro/hello").status_code == 401
    form = json.dumps({"files": {}})
    assert client.post("/api/exercises/intro/hello/submit", form, content_type="application/json").status_code == 401


@pytest.mark.parametrize(
    "page", ["exercises/none/", "marks/exercises/none/", "marks/people/stranger/", "marks/again/9/"]
)
def test_what_is_not_there(open_course, client_of, lecturer, page: str) -> None:
    assert client_of(lecturer).get(f"/courses/intro/{page}").status_code == 404


def test_a_course_that_is_not_there(open_course, client_of, script_of, lecturer) -> None:
    assert client_of(lecturer).get("/courses/none/marks/").status_code == 404
    assert script_of(lecturer).get("none/hello").status_code == 404


def test_nothing_published(course, client_of, script_of, student, lecturer) -> None:
    assert client_of(student).get("/courses/intro/exercises/hello/").status_code == 404
    assert script_of(student).get("intro/hello").status_code == 404
    assert client_of(student).get("/courses/intro/progress/").status_code == 200
    assert client_of(lecturer).get("/courses/intro/marks/").status_code == 200


def test_another_course_of_the_same_lecturer_tells_nothing(open_course, client_of, classmate, student) -> None:
    from courses.models import Course, Membership, Role

    other = Course.objects.create(slug="other", title="Other", term=open_course.term)
    Membership.objects.create(course=other, person=classmate, role=Role.LECTURER)
    browser = client_of(classmate)
    assert browser.get("/courses/other/marks/people/student/").status_code == 404
    assert browser.get("/courses/intro/marks/people/student/").status_code == 404
