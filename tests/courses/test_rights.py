"""Who may do what in which course: each role, each action, in their own course, one that is over, and somebody else's.

MAY says it; everything below is made of it, through the pages, the API and access.py alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import Client

from accounts.models import Person
from courses import access
from courses.addresses import visit_of
from courses.models import Course, Membership, Role, Term

PEOPLE = ("student", "tutor", "lecturer", "administrator", "stranger")
COURSES = ("open", "over", "other")  # theirs, theirs when it is over, and one that they are not in

# Who may in a course of theirs that is open, and whether also when it is over. In other courses, only administrators.
MAY: dict[str, tuple[set[str], bool]] = {
    # access.py
    "see": ({"student", "tutor", "lecturer", "administrator"}, True),
    "teach": ({"tutor", "lecturer", "administrator"}, True),
    "edit": ({"lecturer", "administrator"}, True),
    "look at a student": ({"tutor", "lecturer", "administrator"}, False),
    "look at a tutor": (set(), False),
    "look at a lecturer": (set(), False),
    # the pages
    "page of people": ({"tutor", "lecturer", "administrator"}, True),
    "add somebody": ({"lecturer", "administrator"}, True),
    "give a role": ({"lecturer", "administrator"}, True),
    "remove somebody": ({"lecturer", "administrator"}, True),
    "page of a roster": ({"lecturer", "administrator"}, True),
    "plan a roster": ({"lecturer", "administrator"}, True),
    "links of newcomers": ({"lecturer", "administrator"}, True),
    "page of settings": ({"lecturer", "administrator"}, True),
    "save settings": ({"lecturer", "administrator"}, True),
    "make a code": ({"lecturer", "administrator"}, True),
    "turn the code off": ({"lecturer", "administrator"}, True),
    "read the log": ({"lecturer", "administrator"}, True),
    # the API
    "API: the course": ({"student", "tutor", "lecturer", "administrator"}, True),
    "API: change it": ({"lecturer", "administrator"}, True),
    "API: people": ({"tutor", "lecturer", "administrator"}, True),
    "API: add somebody": ({"lecturer", "administrator"}, True),
    "API: give a role": ({"lecturer", "administrator"}, True),
    "API: remove somebody": ({"lecturer", "administrator"}, True),
    "API: plan a roster": ({"lecturer", "administrator"}, True),
    "API: links": ({"lecturer", "administrator"}, True),
    "API: make a code": ({"lecturer", "administrator"}, True),
    "API: turn the code off": ({"lecturer", "administrator"}, True),
    "API: read the log": ({"lecturer", "administrator"}, True),
}


def may(action: str, person: str, where: str) -> bool:
    who, also_over = MAY[action]
    if where == "other":
        return person == "administrator" and person in who
    return person in who and (where == "open" or also_over)


@pytest.fixture
def other(course, db) -> Course:
    """Open, with people of its own, of whom none is in the first."""
    term = Term.objects.get()
    other = Course.objects.create(slug="other", title="Another", term=term)
    for username, role in {"s2": Role.STUDENT, "t2": Role.TUTOR, "l2": Role.LECTURER, "s3": Role.STUDENT}.items():
        Membership.objects.create(course=other, person=Person.objects.create_user(username, "ivle"), role=role)
    return other


class Somebody:
    """A person, in front of a course. `of` is who else is in it, by role; `victim` a student that one may lose."""

    def __init__(self, person: Person, course: Course, client: Client) -> None:
        self.person = person
        self.course = course
        self.client = client
        found = course.memberships.exclude(person=person).select_related("person").order_by("pk")
        self.of = {role: next((one.person for one in found if one.role == role), None) for role in Role}
        self.victim = course.memberships.filter(role=Role.STUDENT).exclude(person=person).last().person.username

    def asks(self, question: str) -> bool:
        return bool(getattr(access, f"may_{question}")(self.person, self.course))

    def looks_at(self, role: Role) -> bool:
        owner = self.of[role]
        return owner is not None and access.is_staff_for(self.person, owner.username)

    def opens(self, page: str) -> bool:
        return done(self.client.get(f"/courses/{self.course.slug}/{page}/"))

    def posts(self, page: str, **form: str) -> bool:
        return done(self.client.post(f"/courses/{self.course.slug}/{page}/", form))

    def api(self, method: str, path: str, **content: Any) -> bool:
        address = f"/api/courses/{self.course.slug}{path}"
        call = getattr(self.client, method)
        headers = {"X-CSRFToken": "a" * 32}
        self.client.cookies["ivle-csrf"] = "a" * 32
        body = json.dumps(content) if content else None
        return done(call(address, body, content_type="application/json", headers=headers))


def done(response: HttpResponse) -> bool:
    assert response.status_code in (200, 201, 204, 303, 403, 404), response.content
    return response.status_code < 400


ACTIONS: dict[str, Callable[[Somebody], bool]] = {
    "see": lambda one: one.asks("see"),
    "teach": lambda one: one.asks("teach"),
    "edit": lambda one: one.asks("edit"),
    "look at a student": lambda one: one.looks_at(Role.STUDENT),
    "look at a tutor": lambda one: one.looks_at(Role.TUTOR),
    "look at a lecturer": lambda one: one.looks_at(Role.LECTURER),
    "page of people": lambda one: one.opens("people"),
    "add somebody": lambda one: one.posts("people", do="add", login="newcomer", role="student"),
    "give a role": lambda one: one.posts("people", do="role", login=one.victim, role="tutor"),
    "remove somebody": lambda one: one.posts("people", do="remove", login=one.victim),
    "page of a roster": lambda one: one.opens("people/import"),
    "plan a roster": lambda one: one.posts("people/import", text="login\nnewcomer\n"),
    "links of newcomers": lambda one: one.posts("people/links"),
    "page of settings": lambda one: one.opens("settings"),
    "save settings": lambda one: one.posts(
        "settings", do="change", title="T", term=str(one.course.term_id), is_open="on" if one.course.is_open else ""
    ),
    "make a code": lambda one: one.posts("settings", do="renew"),
    "turn the code off": lambda one: one.posts("settings", do="turn_off"),
    "read the log": lambda one: one.opens("log"),
    "API: the course": lambda one: one.api("get", ""),
    "API: change it": lambda one: one.api("patch", "", title="T"),
    "API: people": lambda one: one.api("get", "/people"),
    "API: add somebody": lambda one: one.api("post", "/people", login="newcomer"),
    "API: give a role": lambda one: one.api("put", f"/people/{one.victim}", role="tutor"),
    "API: remove somebody": lambda one: one.api("delete", f"/people/{one.victim}"),
    "API: plan a roster": lambda one: one.api("post", "/roster", text="login\nnewcomer\n"),
    "API: links": lambda one: one.api("post", "/links"),
    "API: make a code": lambda one: one.api("post", "/code"),
    "API: turn the code off": lambda one: one.api("delete", "/code"),
    "API: read the log": lambda one: one.api("get", "/log"),
}


def test_the_table_is_of_all_actions() -> None:
    assert MAY.keys() == ACTIONS.keys()


@pytest.mark.parametrize("where", COURSES)
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may(person, where, course, other, client_of, request) -> None:
    """Every action in turn, each undone."""
    Person.objects.create_user("newcomer", "ivle")
    somebody, client = request.getfixturevalue(person), client_of(request.getfixturevalue(person))
    if where == "over":
        Course.objects.filter(pk=course.pk).update(is_open=False)
    before = state_of(course, other)
    wrong = []
    for action, doing in ACTIONS.items():
        with transaction.atomic():
            there = Course.objects.get(pk=other.pk if where == "other" else course.pk)
            could = doing(Somebody(somebody, there, client))
            if could != may(action, person, where) or (not could and state_of(course, other) != before):
                wrong.append(f"{action}: {could}")
            transaction.set_rollback(True)
    assert not wrong


def state_of(*courses: Course) -> list[Any]:
    """All that a refused request must not have changed."""
    rows = Course.objects.filter(pk__in=[one.pk for one in courses]).order_by("pk").values()
    return [*rows, *Membership.objects.order_by("pk").values("course", "person", "role")]


@pytest.mark.parametrize("person", ["student", "tutor", "lecturer", "administrator"])
def test_nothing_for_somebody_inactive(course, person, request) -> None:
    somebody = request.getfixturevalue(person)
    somebody.is_active = False
    assert access.role_of(somebody, course) is None
    assert not access.is_staff_for(somebody, "student")
    assert not access.may_make(somebody)
    assert not access.courses_of(somebody)
    with pytest.raises(Http404):
        visit_of(somebody, "python")


class TestMakingCourses:
    @pytest.mark.parametrize("person", PEOPLE)
    def test_nobody_but_administrators_by_themselves(self, course, person, request, client_of) -> None:
        somebody = request.getfixturevalue(person)
        assert access.may_make(somebody) == (person == "administrator")
        assert done(client_of(somebody).get("/courses/new/")) == (person == "administrator")

    def test_who_was_given_the_permission(self, course, lecturer, client_of) -> None:
        lecturer.user_permissions.add(Permission.objects.get(codename="add_course"))
        assert done(client_of(lecturer).get("/courses/new/"))

    def test_a_copy_is_a_course_too(self, course, lecturer, client_of) -> None:
        wish = {"do": "copy", "copy-title": "Again", "copy-term": str(course.term_id)}
        response = client_of(lecturer).post("/courses/python/settings/", wish)
        assert response.status_code == 400
        assert Course.objects.count() == 1


class TestNobodyGetsToSeeWhoTeaches:
    """A lecturer puts whom they like into their course; that shows them students' things, and nobody else's."""

    def test_another_lecturer(self, course, other, lecturer) -> None:
        victim = Person.objects.get(username="l2")
        Membership.objects.create(course=course, person=victim, role=Role.STUDENT)
        assert not access.is_staff_for(lecturer, "l2")

    def test_a_lecturer_of_a_course_that_is_over_is_a_student_again(self, course, other, lecturer) -> None:
        victim = Person.objects.get(username="l2")
        Membership.objects.create(course=course, person=victim, role=Role.STUDENT)
        Course.objects.filter(pk=other.pk).update(is_open=False)
        assert access.is_staff_for(lecturer, "l2")

    def test_an_administrator(self, course, lecturer, administrator) -> None:
        Membership.objects.create(course=course, person=administrator, role=Role.STUDENT)
        assert not access.is_staff_for(lecturer, "admin")

    @pytest.mark.parametrize("kind", ["is_staff", "is_superuser"])
    def test_whoever_administers_the_site_in_any_way(self, course, lecturer, student, kind) -> None:
        assert access.is_staff_for(lecturer, "student")
        Person.objects.filter(pk=student.pk).update(**{kind: True})
        assert not access.is_staff_for(lecturer, "student")

    def test_oneself(self, course, lecturer) -> None:
        assert not access.is_staff_for(lecturer, "lecturer")

    def test_a_name_that_nobody_has(self, course, lecturer) -> None:
        assert not access.is_staff_for(lecturer, "nobody")

    def test_a_tutor_who_is_a_student_elsewhere(self, course, other, lecturer) -> None:
        """Is seen by who teaches them there, and by nobody of the course where they help."""
        tutor = Person.objects.get(username="tutor")
        Membership.objects.create(course=other, person=tutor, role=Role.STUDENT)
        assert access.is_staff_for(Person.objects.get(username="t2"), "tutor")
        assert not access.is_staff_for(lecturer, "tutor")
