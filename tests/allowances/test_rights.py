"""Who may do what about CPU: each role, each action, in a course that is open, one that is over, and another's.

MAY says it; everything below is made of it, through the pages, the API and access.py alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Person
from allowances import access, exams
from allowances.models import CpuRequest
from courses.models import Course, Membership, Role, Term

PEOPLE = ("student", "classmate", "tutor", "lecturer", "administrator", "stranger", "nobody")
COURSES = ("open", "over", "other")
EVERYBODY = {"student", "classmate", "tutor", "lecturer", "administrator", "stranger"}
STAFF = {"tutor", "lecturer", "administrator"}
# Who may about a request in an open course of theirs; who still may when it is over; who may in any.
MAY: dict[str, tuple[set[str], set[str], set[str]]] = {
    "see the request": (STAFF, {"administrator"}, {"administrator"}),
    "grant it": (STAFF, {"administrator"}, {"administrator"}),
    "refuse it": (STAFF, {"administrator"}, {"administrator"}),
    "take it back": ({"student"}, {"student"}, set()),
    "page of requests": (STAFF, {"administrator"}, STAFF),
    "API: see it": (STAFF, {"administrator"}, {"administrator"}),
    "API: grant it": (STAFF, {"administrator"}, {"administrator"}),
    "API: refuse it": (STAFF, {"administrator"}, {"administrator"}),
    "API: take it back": ({"student"}, {"student"}, set()),
    "page of exams": ({"lecturer", "administrator"},) * 2 + ({"administrator"},),
    "set an exam": ({"lecturer", "administrator"}, set(), {"administrator"}),
    "remove an exam": ({"lecturer", "administrator"},) * 2 + ({"administrator"},),
    "API: exams": ({"lecturer", "administrator"},) * 2 + ({"administrator"},),
    "API: set an exam": ({"lecturer", "administrator"}, set(), {"administrator"}),
    "API: remove an exam": ({"lecturer", "administrator"},) * 2 + ({"administrator"},),
    "own page": (EVERYBODY,) * 3,
    "API: own meter": (EVERYBODY,) * 3,
    "API: somebody": ({"administrator"},) * 3,
    "API: change somebody": ({"administrator"},) * 3,
    "API: tarpit": ({"administrator"},) * 3,
    "API: out of the tarpit": ({"administrator"},) * 3,
    "API: reset": ({"administrator"},) * 3,
}


@pytest.fixture
def other(course) -> Course:
    """Open, with a student and staff of its own, of whom none is in the first."""
    other = Course.objects.create(slug="other", title="Another", term=Term.objects.get())
    for login, role in {"s2": Role.STUDENT, "t2": Role.TUTOR, "l2": Role.LECTURER}.items():
        Membership.objects.create(course=other, person=Person.objects.create_user(login, "ivle"), role=role)
    return other


class Somebody:
    """In front of a course in which somebody has asked and an exam is set."""

    def __init__(self, person: Person | None, course: Course, client: Client) -> None:
        self.person, self.course, self.client = person, course, client
        asker = course.memberships.filter(role=Role.STUDENT).order_by("pk").first().person
        self.request = CpuRequest.objects.create(person=asker, course=course, seconds=600, reason="Secret reason")
        now = timezone.now()
        lecturer = course.memberships.get(role=Role.LECTURER).person
        is_open, course.is_open = course.is_open, True
        self.exam = exams.set_exam(course, now, now + timedelta(hours=1), lecturer)
        course.is_open = is_open

    def opens(self, path: str) -> bool:
        return done(self.client.get(path))

    def posts(self, path: str, **form: Any) -> bool:
        return done(self.client.post(path, form))

    def api(self, method: str, path: str, **content: Any) -> bool:
        self.client.cookies["ivle-csrf"] = "a" * 32
        body = json.dumps(content) if method != "get" else None
        call = getattr(self.client, method)
        headers = {"X-CSRFToken": "a" * 32}
        return done(call(f"/api/allowances{path}", body, content_type="application/json", headers=headers))

    def sees(self) -> bool:
        return self.person is not None and access.may_decide(self.person, self.request)

    def is_told(self) -> bool:
        answer = self.client.get("/api/allowances/decisions")
        return answer.status_code == 200 and self.request.pk in [one["id"] for one in answer.json()]

    def is_withdrawn(self, *_asked: bool) -> bool:
        self.request.refresh_from_db()
        return self.request.state == "withdrawn"

    def moments(self, form: str) -> dict[str, str]:
        later = timezone.localtime() + timedelta(days=1)
        return {"starts": f"{later:{form}}", "ends": f"{later + timedelta(hours=1):{form}}"}


def done(response: HttpResponse) -> bool:
    assert response.status_code in (200, 201, 204, 302, 303, 400, 401, 403, 404), response.content
    login = response.status_code == 302
    assert not login or response.headers["Location"].startswith("/login/")
    return response.status_code < 400 and not login


ACTIONS: dict[str, Callable[[Somebody], bool]] = {
    "see the request": Somebody.sees,
    "grant it": lambda one: one.posts("/usage/requests/", request=one.request.pk, do="grant", seconds="5"),
    "refuse it": lambda one: one.posts("/usage/requests/", request=one.request.pk, do="refuse"),
    "take it back": lambda one: one.is_withdrawn(one.posts(f"/usage/{one.request.pk}/take-back/")),
    "page of requests": lambda one: one.opens("/usage/requests/"),
    "API: see it": Somebody.is_told,
    "API: grant it": lambda one: one.api("post", f"/requests/{one.request.pk}/grant"),
    "API: refuse it": lambda one: one.api("post", f"/requests/{one.request.pk}/refuse"),
    "API: take it back": lambda one: one.api("delete", f"/requests/{one.request.pk}"),
    "page of exams": lambda one: one.opens(f"/courses/{one.course.slug}/exams/"),
    "set an exam": lambda one: one.posts(f"/courses/{one.course.slug}/exams/", **one.moments("%Y-%m-%dT%H:%M")),
    "remove an exam": lambda one: one.posts(f"/courses/{one.course.slug}/exams/", remove=one.exam.pk),
    "API: exams": lambda one: one.api("get", f"/courses/{one.course.slug}/exams"),
    "API: set an exam": lambda one: one.api(
        "post", f"/courses/{one.course.slug}/exams", **one.moments("%Y-%m-%dT%H:%M:00Z")
    ),
    "API: remove an exam": lambda one: one.api("delete", f"/courses/{one.course.slug}/exams/{one.exam.pk}"),
    "own page": lambda one: one.opens("/usage/"),
    "API: own meter": lambda one: one.api("get", "/me"),
    "API: somebody": lambda one: one.api("get", "/people/student"),
    "API: change somebody": lambda one: one.api("patch", "/people/student", cpu_seconds=5),
    "API: tarpit": lambda one: one.api("post", "/people/student/tarpit"),
    "API: out of the tarpit": lambda one: one.api("delete", "/people/student/tarpit"),
    "API: reset": lambda one: one.api("post", "/people/student/reset"),
}


def test_every_action_has_its_line() -> None:
    assert ACTIONS.keys() == MAY.keys()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("where", COURSES)
def test_who_may_what(request, client_of, course, other, administrator, stranger, who, where) -> None:
    person = None if who == "nobody" else request.getfixturevalue(who)
    client = Client() if person is None else client_of(person)
    place = other if where == "other" else course
    place.is_open = where != "over"
    place.save()
    for action, do in ACTIONS.items():
        CpuRequest.objects.all().delete()
        place.exam_times.all().delete()
        allowed = who in MAY[action][COURSES.index(where)]
        assert do(Somebody(person, place, client)) == allowed, f"{who}: {action} ({where})"


def test_nobody_answers_their_own(administrator, tutor, course) -> None:
    Membership.objects.create(course=course, person=administrator, role=Role.STUDENT)
    mine = CpuRequest.objects.create(person=administrator, course=course, seconds=600, reason="x")
    assert not access.may_decide(administrator, mine)
    assert not access.may_decide(tutor, mine)


def test_who_left_the_course_or_became_staff_is_nobody_s_to_answer(student, tutor, course) -> None:
    request = CpuRequest.objects.create(person=student, course=course, seconds=600, reason="x")
    assert access.may_decide(tutor, request)
    for change in ({"role": Role.TUTOR}, {"role": Role.STUDENT}):
        Membership.objects.filter(person=student).update(**change)
        assert access.may_decide(tutor, request) == (change["role"] == Role.STUDENT)
    Membership.objects.filter(person=student).delete()
    assert not access.may_decide(tutor, request)


def test_what_is_asked_of_administrators_is_theirs(student, lecturer, administrator, course) -> None:
    request = CpuRequest.objects.create(person=student, course=None, seconds=600, reason="x")
    assert access.may_decide(administrator, request)
    assert not access.may_decide(lecturer, request)
