"""Who has which standing: by roles, by an administrator's word, by what they used, in an exam."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Person
from allowances import changing
from allowances.models import Allowance, CpuDay, ExamTime, Kind
from allowances.standings import standings
from courses.models import Membership, Role
from sandbox.standing import STUDENT, Standing


@pytest.fixture
def told():
    def told(person: Person | None = None, counted=None):
        found = standings(counted or {}, timezone.now())
        return found if person is None else found.get(person.username)

    return told


@pytest.fixture
def exam(course):
    now = timezone.now()
    return ExamTime.objects.create(course=course, starts=now - timedelta(minutes=1), ends=now + timedelta(hours=1))


def kind_of(standing: Standing | None) -> str:
    return standing.kind if standing else "student"


@pytest.fixture(autouse=True)
def one_hour(settings) -> None:
    settings.IVLE_ALLOWANCE_STUDENT_SECONDS = 3600


def test_students_are_the_usual_and_not_told(student, course, told) -> None:
    assert told(student) is None


@pytest.mark.parametrize("role", ["tutor", "lecturer", "administrator"])
def test_staff(request, course, told, role) -> None:
    person = request.getfixturevalue(role)
    standing = told(person)
    assert (standing.kind, standing.shares, standing.goes_first) == ("staff", 700, True)


def test_who_taught_a_course_that_is_over_is_no_staff(course, tutor, told) -> None:
    course.is_open = False
    course.save()
    assert told(tutor) is None


def test_who_is_switched_off_is_no_staff(course, tutor, told) -> None:
    tutor.is_active = False
    tutor.save()
    assert told(tutor) is None


def test_who_is_switched_off_stays_where_they_were_put(student, told) -> None:
    """Their programs may run on."""
    changing.put_into_tarpit(student, None)
    student.is_active = False
    student.save()
    assert kind_of(told(student)) == "tarpit"


def test_who_is_switched_off_is_no_staff_with_a_word_of_their_own(course, tutor, told) -> None:
    changing.change(tutor, None, memory_mib=100)
    tutor.is_active = False
    tutor.save()
    assert told(tutor).kind == "student"


def test_over_the_allowance_is_the_tarpit(student, classmate, told, used) -> None:
    used(classmate, 3599)
    used(student, 3600)
    assert told(student) == Standing("tarpit", 2, STUDENT.memory_bytes, STUDENT.processes, goes_first=False)
    assert told(classmate) is None


def test_the_tarpit_ends_with_the_day(student, told, used) -> None:
    used(student, 3600)
    CpuDay.objects.update(day=CpuDay.objects.get().day - timedelta(days=1))
    assert told(student) is None


def test_staff_have_more_and_then_the_tarpit_too(lecturer, told, used, settings) -> None:
    used(lecturer, settings.IVLE_ALLOWANCE_STAFF_SECONDS - 1)
    assert kind_of(told(lecturer)) == "staff"
    used(lecturer, 2)
    assert (told(lecturer).kind, told(lecturer).goes_first) == ("tarpit", False)


def test_what_was_granted_comes_on_top(student, told, used) -> None:
    used(student, 3600)
    changing.give(student, 60)
    assert told(student) is None
    used(student, 60)
    assert kind_of(told(student)) == "tarpit"


def test_what_was_forgiven_does_not_count(student, told, used) -> None:
    used(student, 4000)
    changing.reset(student, None)
    assert told(student) is None
    used(student, 3600)
    assert kind_of(told(student)) == "tarpit"


def test_a_person_may_have_their_own(student, classmate, told, used) -> None:
    changing.change(student, None, cpu_seconds=10, memory_mib=100, processes=9)
    used(student, 11)
    used(classmate, 11)
    assert told(student) == Standing("tarpit", 2, 100 << 20, 9, goes_first=False)
    assert told(classmate) is None
    changing.change(student, None, cpu_seconds=7200)
    used(student, 4000)
    assert kind_of(told(student)) == "student"


def test_an_administrator_s_word_comes_before_roles(student, tutor, course, told) -> None:
    changing.change(student, None, kind=Kind.STAFF)
    changing.change(tutor, None, kind=Kind.STUDENT)
    assert (kind_of(told(student)), kind_of(told(tutor))) == ("staff", "student")


def test_into_the_tarpit_and_out_again(student, told, used, exam) -> None:
    changing.put_into_tarpit(student, None)
    assert (told(student).kind, told(student).goes_first) == ("tarpit", False)
    used(student, 5000)
    changing.take_out_of_tarpit(student, None)
    assert kind_of(told(student)) == "student"


def test_in_an_exam_students_go_first_and_nobody_into_the_tarpit(student, classmate, course, told, used, exam) -> None:
    used(student, 5000)
    for person in (student, classmate):
        assert (told(person).kind, told(person).goes_first) == ("student", True)
    exam.ends = timezone.now()
    exam.save()
    assert (kind_of(told(student)), told(classmate)) == ("tarpit", None)


def test_an_exam_is_of_its_course_alone(student, stranger, exam, told, db) -> None:
    assert told(stranger) is None
    Membership.objects.filter(person=student).update(role=Role.TUTOR)
    assert kind_of(told(student)) == "staff"


def test_guests_have_an_allowance_for_their_life(told, db, settings) -> None:
    most = settings.IVLE_ALLOWANCE_GUEST_SECONDS
    found = told(counted={"guest.a1": most, "guest.b2": most - 1.0, "student": 99999.0})
    assert {owner: one.kind for owner, one in found.items()} == {"guest.a1": "tarpit"}


def test_many_cost_few_questions(course, django_assert_max_num_queries, told) -> None:
    people = Person.objects.bulk_create(Person(username=f"s{number}", password="!") for number in range(200))
    day = timezone.localdate()
    for days in (0, 1):
        CpuDay.objects.bulk_create(
            CpuDay(person=person, day=day - timedelta(days=days), seconds=9000) for person in people
        )
    Allowance.objects.bulk_create(Allowance(person=person, cpu_seconds=100) for person in people[:50])
    with django_assert_max_num_queries(16):
        found = told()
    assert [found[person.username].kind for person in people] == ["tarpit"] * 200
