"""CPU of people: what a supervisor counted is added once, whatever ends and begins anew in between."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from allowances.counting import KEPT_DAYS, KEPT_READINGS, count, is_clock_right, tidy
from allowances.models import CpuDay, Reading

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_what_is_new_is_added(student, classmate, sums) -> None:
    count("a", {"student": 1.5}, NOON)
    count("a", {"student": 2.0, "classmate": 0.25}, NOON)
    assert sums(student) == [pytest.approx(2.0)]
    assert sums(classmate) == [pytest.approx(0.25)]


def test_the_warden_begins_anew(student, sums) -> None:
    """It has nothing but the database, so every call is as of a new one."""
    for _again in range(5):
        count("a", {"student": 7.0}, NOON)
    assert sums(student) == [7.0]


def test_the_supervisor_begins_anew(student, sums) -> None:
    count("a", {"student": 7.0}, NOON)
    count("b", {"student": 1.0}, NOON)
    count("b", {"student": 3.0}, NOON)
    assert sums(student) == [10.0]


def test_two_machines_are_added(student, sums) -> None:
    for seconds in (1.0, 2.0, 3.0):
        count("a", {"student": seconds}, NOON)
        count("b", {"student": 10 * seconds}, NOON)
    assert sums(student) == [33.0]


def test_one_that_is_not_told_of_for_a_while_is_not_counted_again(student, classmate, sums) -> None:
    count("a", {"student": 5.0}, NOON)
    count("a", {"classmate": 1.0}, NOON)
    count("a", {"student": 6.0}, NOON)
    assert sums(student) == [6.0]


def test_one_whom_the_supervisor_has_forgotten_begins_at_nothing(student, sums) -> None:
    count("a", {"student": 5.0}, NOON)
    count("a", {"student": 0.5}, NOON)
    count("a", {"student": 1.5}, NOON)
    assert sums(student) == [6.0]


def test_the_sum_and_what_was_seen_are_written_together(student, sums, monkeypatch) -> None:
    count("a", {"student": 1.0}, NOON)

    def break_off(self, *args, **kwargs):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(Reading, "save", break_off)
        with pytest.raises(DatabaseError):
            count("a", {"student": 4.0}, NOON)
    assert sums(student) == [1.0]
    count("a", {"student": 4.0}, NOON)
    assert sums(student) == [4.0]


def test_any_course_of_events_adds_up(student, sums) -> None:
    """Supervisors end at any moment; what was counted is what the last look at each supervisor saw."""
    chance = random.Random(6)
    truth, before, counted, boot = 0.0, 0.0, 0.0, 0
    for _event in range(300):
        match chance.choice(["works", "works", "look", "supervisor ends"]):
            case "works":
                counted += chance.random()
            case "look":
                count(f"boot {boot}", {"student": counted} if counted else {}, NOON)
                truth += counted - before
                before = counted
            case "supervisor ends":
                boot, counted, before = boot + 1, 0.0, 0.0
    [found] = sums(student)
    assert found == pytest.approx(truth, abs=0.01)


def test_a_new_day_begins_at_nothing(student, sums) -> None:
    count("a", {"student": 5.0}, NOON)
    count("a", {"student": 6.0}, NOON + timedelta(days=1))
    assert sums(student) == [1.0, 5.0]


def test_a_clock_set_back_goes_on_with_the_day(student, sums) -> None:
    count("a", {"student": 5.0}, NOON + timedelta(days=1))
    count("a", {"student": 6.0}, NOON)
    assert sums(student) == [6.0]


def test_who_is_no_person_is_not_kept(student) -> None:
    count("a", {"ivle.marking": 5.0, "guest.x1": 2.0, "student": 1.0}, NOON)
    assert CpuDay.objects.count() == 1
    assert "guest.x1" not in Reading.objects.get().seen


def test_where_nothing_is_new_nothing_is_written(student) -> None:
    count("a", {"student": 5.0}, NOON)
    with CaptureQueriesContext(connection) as queries:
        count("a", {"student": 5.0}, NOON + timedelta(minutes=1))
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


def test_many_cost_few_questions(db, django_assert_max_num_queries) -> None:
    people = Person.objects.bulk_create(Person(username=f"s{number}", password="!") for number in range(300))
    with django_assert_max_num_queries(20):
        count("a", {person.username: 1.0 + person.pk for person in people}, NOON)
    assert all(row.seconds == 1.0 + row.person_id for row in CpuDay.objects.all())
    assert CpuDay.objects.count() == 300


def test_tidying_keeps_the_last_days(student) -> None:
    for ago in range(KEPT_DAYS + 2):
        CpuDay.objects.create(person=student, day=NOON.date() - timedelta(days=ago), seconds=1)
    tidy(NOON)
    days = CpuDay.objects.order_by("day").values_list("day", flat=True)
    assert (len(days), days[0]) == (KEPT_DAYS, NOON.date() - timedelta(days=KEPT_DAYS - 1))


def test_tidying_forgets_supervisors_that_have_ended(db) -> None:
    for number in range(KEPT_READINGS + 5):
        Reading.objects.create(boot=f"ended {number}", at=NOON - timedelta(days=3 + number))
    Reading.objects.create(boot="alive", at=NOON)
    tidy(NOON)
    assert Reading.objects.count() == KEPT_READINGS
    assert Reading.objects.filter(boot__in=("alive", "ended 0")).count() == 2


def test_many_that_live_are_all_kept(db) -> None:
    Reading.objects.bulk_create(Reading(boot=f"{number}", at=NOON) for number in range(KEPT_READINGS + 5))
    tidy(NOON)
    assert Reading.objects.count() == KEPT_READINGS + 5


@pytest.mark.parametrize("wrong", [timedelta(days=60), timedelta(days=4000), timedelta(days=-4000)])
def test_a_clock_that_is_wrong_forgets_nothing(student, wrong) -> None:
    for ago in range(10):
        count("other", {"student": 1.0 + ago}, NOON - timedelta(days=9 - ago))
    count("this", {"student": 1.0}, NOON + wrong)
    for moment in (NOON + wrong, NOON + wrong + timedelta(days=1), NOON):
        tidy(moment)
    assert CpuDay.objects.count() == 11
    assert Reading.objects.count() == 2


@pytest.mark.parametrize("hour", [0, 1, 3, 5, 12, 23])  # the day of some, or of all, began yesterday
@pytest.mark.parametrize(("ahead", "is_right"), [(0, True), (5, True), (60, False), (-60, False)])
def test_a_clock_is_believed_that_fits_what_was_counted_before(student, ahead, is_right, hour) -> None:
    moment = NOON.replace(hour=hour) + timedelta(days=ahead)
    count("a", {"student": 1.0}, NOON - timedelta(days=2))
    count("b", {"student": 1.0}, moment)
    assert is_clock_right(moment) is is_right
