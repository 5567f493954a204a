"""The JSON API of courses: what it says, and in which shape; who may is test_rights.py's."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Person
from courses import joining, looks
from courses.models import Course, Membership
from tests.courses.conftest import Script

ROSTER = "login,name,role\nanna,Anna,\nclassmate,,tutor\n"


@pytest.fixture
def script(course, lecturer, script_of) -> Script:
    lecturer.user_permissions.add(Permission.objects.get(codename="add_course"))
    return script_of(lecturer)


def test_my_courses(script) -> None:
    assert script.get("").json() == [
        {
            "slug": "python",
            "title": "Python for everybody",
            "term": {"name": "2026/2", "starts": "2026-07-01", "ends": "2026-12-31"},
            "is_open": True,
            "environment": "",
            "role": "lecturer",
            "join_code": None,
        }
    ]


def test_a_code_is_for_lecturers(course, script, student, tutor, script_of) -> None:
    code = script.post("/python/code").json()["join_code"]
    assert script.get("/python").json()["join_code"] == code
    for person in (student, tutor):
        assert script_of(person).get("/python").json()["join_code"] is None
    assert script.ask("delete", "/python/code").status_code == 204
    assert script.get("/python").json()["join_code"] is None


def test_a_term_and_a_course_in_it(script) -> None:
    term = {"name": "2027/1", "starts": "2027-01-01", "ends": "2027-06-30"}
    assert script.post("/terms", term).json() == term
    assert term in script.get("/terms").json()
    made = script.post("", {"title": "Data", "term": "2027/1"})
    assert (made.status_code, made.json()["slug"], made.json()["role"]) == (201, "data", "lecturer")
    copied = script.post("/python/copy", {"term": "2027/1", "slug": "python-2"})
    assert (copied.status_code, copied.json()["title"]) == (201, "Python for everybody")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"title": "T", "term": "never"}, 400),
        ({"title": "T", "term": "2026/2", "slug": "A B"}, 400),
        ({"title": "T", "term": "2026/2", "slug": "python"}, 409),
        ({"title": "", "term": "2026/2"}, 422),
        ({"term": "2026/2"}, 422),
    ],
)
def test_a_course_that_cannot_be(script, content, status) -> None:
    response = script.post("", content)
    assert response.status_code == status
    assert response.json()["detail"]
    assert Course.objects.count() == 1


def test_who_may_not_make_one(course, tutor, script_of) -> None:
    response = script_of(tutor).post("", {"title": "T", "term": "2026/2"})
    assert (response.status_code, response.json()["detail"]) == (
        403,
        "You may not make courses. Ask your administrator.",
    )


def test_changes(script, course) -> None:
    assert script.ask("patch", "/python", {"is_open": False}).json()["is_open"] is False
    assert script.ask("patch", "/python", {"title": "New"}).json()["title"] == "New"
    course.refresh_from_db()
    assert (course.title, course.is_open) == ("New", False)


def test_the_environment(script, course, settings) -> None:
    (settings.IVLE_RUNTIMES / "science" / "current").mkdir(parents=True)
    assert script.ask("patch", "/python", {"environment": "science"}).json()["environment"] == "science"
    assert script.ask("patch", "/python", {"title": "New"}).json()["environment"] == "science"
    refused = script.ask("patch", "/python", {"environment": "art"})
    assert (refused.status_code, refused.json()["detail"]) == (400, "There is no environment “art” here.")
    assert script.ask("patch", "/python", {"environment": ""}).json()["environment"] == ""


def test_people(script, course, stranger) -> None:
    assert script.post("/python/people", {"login": "stranger"}).json() == {
        "login": "stranger",
        "name": "Toni Stranger",
        "role": "student",
        "is_active": True,
    }
    assert script.ask("put", "/python/people/stranger", {"role": "tutor"}).json()["role"] == "tutor"
    assert {one["login"]: one["role"] for one in script.get("/python/people").json()}["stranger"] == "tutor"
    assert script.ask("delete", "/python/people/stranger").status_code == 204
    assert script.ask("delete", "/python/people/stranger").status_code == 404
    assert script.ask("delete", "/python/people/lecturer").status_code == 400


def test_a_roster_in_two_steps(script, course) -> None:
    plan = script.post("/python/roster", {"text": ROSTER}).json()
    assert (plan["is_done"], plan["stay"], [step["doing"] for step in plan["steps"]]) == (False, 3, ["make", "change"])
    assert not Person.objects.filter(username="anna").exists()
    done = script.post("/python/roster", {"text": ROSTER, "digest": plan["digest"]})
    assert done.json()["is_done"] is True
    assert Membership.objects.get(course=course, person__username="anna").role == "student"
    [link] = script.post("/python/links").json()
    assert link["login"] == "anna"
    assert re.fullmatch(r"http://testserver/password/set/\w+/[\w-]+/", link["link"])


def test_a_roster_with_wrong_lines(script) -> None:
    response = script.post("/python/roster", {"text": "login\n1\n\0\n"})
    assert response.status_code == 400
    assert [fault["line"] for fault in response.json()["faults"]] == [2, 3]


def test_a_digest_of_another_plan(script) -> None:
    response = script.post("/python/roster", {"text": ROSTER, "digest": "0" * 64})
    assert response.status_code == 409
    assert not Person.objects.filter(username="anna").exists()


def test_a_roster_that_is_too_large(script) -> None:
    assert script.post("/python/roster", {"text": "a" * 2_000_000}).status_code == 422


def test_joining(course, stranger, script_of) -> None:
    code = joining.renew(course)
    script = script_of(stranger)
    assert script.post("/join", {"code": "wrong"}).status_code == 404
    assert script.post("/join", {"code": code}).json()["role"] == "student"


def test_looks(course, student, lecturer, script, script_of) -> None:
    looks.note(lecturer, "student", looks.FILE, "a.py")
    [mine] = script_of(student).get("/looks").json()
    assert {**mine, "at": ""} == {
        "viewer": "lecturer",
        "owner": "student",
        "course": "python",
        "what": "file",
        "path": "a.py",
        "at": "",
    }
    assert script.get("/python/log").json() == [mine]
    assert script.get("/looks").json() == []


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["", "/python", "/python/people", "/looks", "/join"])
def test_nobody_without_a_token(course, client: Client, method, path) -> None:
    assert getattr(client, method)(f"/api/courses{path}").status_code in (401, 405)


def test_a_session_needs_its_csrf_token(course, lecturer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(lecturer, backend="django.contrib.auth.backends.ModelBackend")
    response = client.delete("/api/courses/python/people/student")
    assert response.status_code == 403
    assert Membership.objects.filter(course=course, person__username="student").exists()


def test_it_is_described(client: Client, db) -> None:
    described = json.loads(client.get("/api/openapi.json").content)["paths"]
    ours = {path: set(ways) for path, ways in described.items() if path.startswith("/api/courses")}
    assert ours == {
        "/api/courses": {"get", "post"},
        "/api/courses/terms": {"get", "post"},
        "/api/courses/join": {"post"},
        "/api/courses/looks": {"get"},
        "/api/courses/{slug}": {"get", "patch"},
        "/api/courses/{slug}/copy": {"post"},
        "/api/courses/{slug}/code": {"post", "delete"},
        "/api/courses/{slug}/log": {"get"},
        "/api/courses/{slug}/people": {"get", "post"},
        "/api/courses/{slug}/people/{login}": {"put", "delete"},
        "/api/courses/{slug}/roster": {"post"},
        "/api/courses/{slug}/links": {"post"},
    }
