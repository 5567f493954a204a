"""Asking for more CPU and being answered: how often, how much, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from allowances import asking, deciding
from allowances.faults import CpuFault, NotThere, TooLate, TooOften
from allowances.meter import meter_of
from allowances.models import Change, CpuDay, CpuRequest, Done, State, What


@pytest.fixture
def ask(student, course):
    def ask(seconds: int = 1800, reason: str = "The simulation", **how):
        return asking.ask(student, how.pop("what", What.DAY), seconds, reason, **{"course": course, **how})

    return ask


def test_what_is_granted_for_a_day_comes_on_top_of_it(student, tutor, ask) -> None:
    before = meter_of(student).allowed_seconds
    request = deciding.grant(tutor, ask().pk, answer="Good luck")
    assert (request.state, request.granted_seconds, request.answer, request.by) == ("granted", 1800, "Good luck", tutor)
    assert meter_of(student).allowed_seconds == before + 1800


def test_staff_may_grant_another_amount(student, tutor, ask) -> None:
    before = meter_of(student).allowed_seconds
    deciding.grant(tutor, ask().pk, 600)
    assert meter_of(student).allowed_seconds == before + 600


def test_what_is_refused_gives_nothing(student, tutor, ask) -> None:
    before = meter_of(student)
    request = deciding.refuse(tutor, ask().pk, "Use less")
    assert (request.state, request.answer) == (State.REFUSED, "Use less")
    assert meter_of(student).allowed_seconds == before.allowed_seconds


def test_everything_is_in_the_log(student, tutor, lecturer, course, ask) -> None:
    deciding.refuse(tutor, ask().pk)
    deciding.grant(lecturer, ask().pk)
    assert list(Change.objects.values_list("what", "by__username", "person__username", "course__slug", "details")) == [
        (Done.GRANTED, "lecturer", "student", "python", "day: 1800 s"),
        (Done.REFUSED, "tutor", "student", "python", "day: 1800 s"),
    ]


def test_it_is_answered_once(tutor, lecturer, student, ask) -> None:
    request = ask()
    deciding.grant(tutor, request.pk)
    allowed = meter_of(student).allowed_seconds
    for answer in (deciding.grant, deciding.refuse):
        with pytest.raises(TooLate):
            answer(lecturer, request.pk)
    assert meter_of(student).allowed_seconds == allowed
    request.refresh_from_db()
    assert request.by == tutor


def test_one_at_a_time(ask) -> None:
    ask()
    with pytest.raises(TooLate):
        ask()
    assert CpuRequest.objects.count() == 1


def test_three_a_day_whatever_became_of_them(student, tutor, ask) -> None:
    deciding.grant(tutor, ask().pk)
    deciding.refuse(tutor, ask().pk)
    asking.take_back(student, ask().pk)
    with pytest.raises(TooOften):
        ask()
    CpuRequest.objects.update(made=timezone.now() - timedelta(hours=25))
    ask()


@pytest.mark.parametrize(
    ("what", "seconds"), [(What.DAY, 59), (What.DAY, 4 * 3600 + 1), (What.RUN, 3601), (What.DAY, 0), (What.DAY, -60)]
)
def test_there_is_a_least_and_a_most(tutor, ask, what, seconds) -> None:
    with pytest.raises(CpuFault):
        ask(seconds, what=what, program="a.py")
    request = ask(60, what=what, program="a.py")
    with pytest.raises(CpuFault):
        deciding.grant(tutor, request.pk, seconds)
    request.refresh_from_db()
    assert request.state == State.OPEN


def test_a_reason_and_a_program_are_wanted(ask) -> None:
    with pytest.raises(CpuFault, match="what you need it for"):
        ask(reason=" \n ")
    with pytest.raises(CpuFault, match="Name the program"):
        ask(what=What.RUN)


def test_only_where_one_is_a_student(student, tutor, stranger, course, ask) -> None:
    for person in (tutor, stranger):
        with pytest.raises(NotThere):
            asking.ask(person, What.DAY, 600, "Please", course)
    course.is_open = False
    course.save()
    with pytest.raises(NotThere):
        ask()
    assert ask(course=None).course is None


def test_what_nobody_answers_is_in_nobody_s_way(student, tutor, ask) -> None:
    request = ask()
    CpuDay.objects.create(person=tutor, day=timezone.localdate() - timedelta(days=2))
    CpuRequest.objects.update(made=timezone.now() - asking.ANSWERED_WITHIN)
    assert list(deciding.open_for(tutor)) == []
    request.refresh_from_db()
    assert request.state == State.LAPSED
    ask()


def test_a_clock_set_far_ahead_ends_no_request(student, tutor, ask, used, monkeypatch) -> None:
    request, ahead = ask(), timezone.now() + timedelta(days=60)
    used(student, 5)
    monkeypatch.setattr(timezone, "now", lambda: ahead)
    used(student, 5)
    assert list(deciding.open_for(tutor)) == [request]


def test_taking_back(student, classmate, tutor, ask) -> None:
    request = ask()
    with pytest.raises(NotThere):
        asking.take_back(classmate, request.pk)
    asking.take_back(student, request.pk)
    for late in (lambda: asking.take_back(student, request.pk), lambda: deciding.grant(tutor, request.pk)):
        with pytest.raises(TooLate):
            late()
