"""Joining by a code, and guessing one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from courses import joining, people
from courses.faults import NoCourse, TooOften
from courses.models import Course, Guess, Membership, Role


@pytest.fixture
def code(course) -> str:
    return joining.renew(course)


def test_who_has_the_code_is_a_student(course, code, stranger, client_of) -> None:
    response = client_of(stranger).post("/courses/join/", {"code": code})
    assert (response.status_code, response.url) == (303, "/courses/python/")
    assert Membership.objects.get(course=course, person=stranger).role == Role.STUDENT
    assert not Guess.objects.exists()


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"])
def test_however_it_is_typed(course, code, stranger, typed) -> None:
    text = typed.format(code, joining.spaced(code), code.upper())
    assert joining.join(stranger, text).course == course


def test_looking_at_the_link_joins_nothing(course, code, stranger, client_of) -> None:
    page = client_of(stranger).get(f"/courses/join/?code={code}").content.decode()
    assert f'value="{code}"' in page
    assert "Python for everybody" not in page
    assert not Membership.objects.filter(person=stranger).exists()


@pytest.mark.parametrize("person", ["tutor", "lecturer"])
def test_a_role_that_one_has_stays(course, code, person, request) -> None:
    somebody = request.getfixturevalue(person)
    assert joining.join(somebody, code).role == person


def test_a_code_that_was_renewed(course, code, stranger) -> None:
    joining.renew(course)
    with pytest.raises(NoCourse):
        joining.join(stranger, code)


@pytest.mark.parametrize("typed", ["", "None", "null", "%", "abcdefgh", "x" * 10_000, "\0", "' OR 1=1 --"])
def test_what_is_no_code(course, stranger, typed) -> None:
    """While the course has none: nothing is like nothing."""
    with pytest.raises(NoCourse):
        joining.join(stranger, typed)


def test_a_code_that_is_off(course, code, stranger) -> None:
    joining.turn_off(course)
    for typed in (code, "", "None"):
        with pytest.raises(NoCourse):
            joining.join(stranger, typed)


def test_a_course_that_is_over(course, code, stranger) -> None:
    Course.objects.filter(pk=course.pk).update(is_open=False)
    with pytest.raises(NoCourse):
        joining.join(stranger, code)


def test_who_was_removed(course, code, student, lecturer) -> None:
    """Whoever knows it would be back a moment later. Added by hand they are in, and may join again."""
    people.remove(course, "student", lecturer)
    with pytest.raises(NoCourse, match="taken out"):
        joining.join(student, code)
    assert not Guess.objects.exists()
    people.add(course, "student", Role.STUDENT, lecturer)
    assert joining.join(student, code).role == Role.STUDENT


def test_codes_are_not_alike(course) -> None:
    codes = {joining.renew(course) for _round in range(200)}
    assert len(codes) == 200
    assert all(len(code) == joining.LENGTH and set(code) <= set(joining.SIGNS) for code in codes)


class TestGuessing:
    def guess(self, person, times: int) -> None:
        for number in range(times):
            with pytest.raises(NoCourse):
                joining.join(person, f"wrong{number}")

    def test_after_so_many_not_even_the_right_one_is_looked_for(self, course, code, stranger) -> None:
        self.guess(stranger, joining.GUESSES_MAX)
        with pytest.raises(TooOften):
            joining.join(stranger, code)
        assert not Membership.objects.filter(person=stranger).exists()

    def test_by_the_page(self, course, code, stranger, client_of) -> None:
        self.guess(stranger, joining.GUESSES_MAX)
        response = client_of(stranger).post("/courses/join/", {"code": code})
        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= 15 * 60
        assert "Try again in 15 minutes" in response.content.decode()

    def test_by_the_api(self, course, code, stranger, script_of) -> None:
        self.guess(stranger, joining.GUESSES_MAX)
        response = script_of(stranger).post("/join", {"code": code})
        assert response.status_code == 429
        assert "Retry-After" in response

    def test_it_is_over_after_a_while(self, course, code, stranger) -> None:
        self.guess(stranger, joining.GUESSES_MAX)
        Guess.objects.update(at=timezone.now() - joining.GUESSES_WITHIN - timedelta(seconds=1))
        assert joining.join(stranger, code).course == course

    def test_others_are_not_kept_waiting(self, course, code, stranger, administrator) -> None:
        self.guess(stranger, joining.GUESSES_MAX)
        assert joining.join(administrator, code).course == course
