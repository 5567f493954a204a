"""The queue: in a fair order, once each, and nothing lost when whoever marks dies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import Person
from courses.models import Membership
from exercises.report import Report, TestResult
from marks import marking, remarking, standing, tickets, turns
from marks.management.commands.marker import worker
from marks.models import Attempt, Mark, MarkChange, State, Turn
from marks.submitting import NotTaken
from sandbox.faults import SandboxError
from tests.marks.conftest import exercise


def tickets_there() -> int:
    return DBTaskResult.objects.ready().filter(queue_name=tickets.QUEUE).count()


def people(course, count: int) -> list[Person]:
    made = Person.objects.bulk_create(Person(username=f"student{number:03}") for number in range(count))
    Membership.objects.bulk_create(Membership(course=course, person=person) for person in made)
    return made


def order() -> list[str]:
    return [attempt.person.username for attempt in turns.waiting().select_related("person")]


def test_each_submission_brings_a_ticket_and_the_library_works_it_off(publish, hand_in, examiner, student) -> None:
    publish(exercise())
    attempt = hand_in(student, "12")
    assert tickets_there() == 1
    worker("one").run()
    attempt.refresh_from_db()
    assert attempt.state == State.MARKED
    assert [ticket.status for ticket in DBTaskResult.objects.all()] == [TaskResultStatus.SUCCESSFUL]


def test_who_was_served_longest_ago_comes_first(publish, hand_in, work, examiner, student, classmate) -> None:
    publish(exercise(), exercise("more"), exercise("most"))
    for name in ("hello", "more", "most"):
        hand_in(student, "1", name)
    hand_in(classmate, "1")
    assert order() == ["student", "student", "student", "classmate"]
    tickets.mark_whose_turn_it_is.call()
    assert order() == ["classmate", "student", "student"]
    tickets.mark_whose_turn_it_is.call()
    assert order() == ["student", "student"]
    assert Turn.objects.count() == 2


def test_position(publish, hand_in, examiner, student, classmate) -> None:
    publish(exercise())
    first, second = hand_in(student, "1"), hand_in(classmate, "1")
    assert (turns.position(first), turns.position(second)) == (0, 1)
    turns.claim()
    assert turns.position(second) == 0


def test_two_never_take_the_same(publish, hand_in, examiner, student, classmate) -> None:
    publish(exercise())
    hand_in(student, "1")
    hand_in(classmate, "1")
    taken = [turns.claim(), turns.claim(), turns.claim()]
    assert {attempt.person.username for attempt in taken[:2]} == {"student", "classmate"}
    assert taken[2] is None


def test_one_of_a_person_at_a_time(publish, hand_in, examiner, student, classmate) -> None:
    """Else whoever hands in two programs that sleep has both threads of a small machine."""
    publish(exercise(), exercise("more"))
    hand_in(student, "1")
    hand_in(student, "1", "more")
    first = turns.claim()
    assert turns.claim() is None
    hand_in(classmate, "1")
    other = turns.claim()
    assert (first.person, other.person) == (student, classmate)
    marking.mark_claimed(first)
    assert turns.claim().exercise == "more"


def test_no_tickets_for_who_is_served_already(publish, hand_in, examiner, student) -> None:
    publish(exercise(), exercise("more"))
    hand_in(student, "1")
    hand_in(student, "1", "more")
    first = turns.claim()
    worker("one").run()
    tickets.tidy()
    assert tickets_there() == 0
    marking.mark_claimed(first)
    tickets.tidy()
    assert tickets_there() == 1


def test_a_ticket_that_came_too_early_is_made_again(publish, hand_in, examiner, student) -> None:
    publish(exercise(), exercise("more"))
    hand_in(student, "1")
    hand_in(student, "1", "more")
    DBTaskResult.objects.all().delete()
    tickets.mark_whose_turn_it_is.call()
    assert tickets_there() == 1


class TestWhatCannotBeMarked:
    @pytest.fixture
    def aside(self, publish, hand_in, examiner, student) -> Attempt:
        """Handed in, and marked until it is put aside."""
        publish(exercise(attempts_max=1, penalty_percent=50))
        hand_in(student, "1")
        self.mark_with(examiner, ValueError("a bug"), 3)
        return Attempt.objects.get()

    def mark_with(self, examiner, fault: Exception | None, times: int) -> None:
        examiner.fault = fault
        for _ in range(times):
            Attempt.objects.update(due=timezone.now())
            tickets.mark_whose_turn_it_is.call()

    def test_it_is_put_aside(self, aside, examiner, course) -> None:
        assert (aside.state, aside.claim, aside.raised) == (State.ASIDE, "", 3)
        self.mark_with(examiner, None, 1)
        assert not examiner.marked
        assert standing.waiting_count(course) == 0

    @pytest.mark.parametrize(
        "fault", [SandboxError("no room"), OSError(24, "no descriptors"), MemoryError(), OperationalError("locked")]
    )
    def test_what_there_was_no_room_for_waits_on(self, publish, hand_in, examiner, student, fault: Exception) -> None:
        publish(exercise())
        hand_in(student, "1")
        self.mark_with(examiner, fault, 5)
        assert Attempt.objects.get().state == State.WAITING
        self.mark_with(examiner, ValueError("a bug"), 2)
        assert Attempt.objects.get().state == State.WAITING

    def test_it_costs_no_attempt_and_no_penalty(self, aside, examiner, hand_in, work, student, script_of) -> None:
        shown = script_of(student).get("intro/hello").json()
        assert (shown["refusal"], shown["attempts"][0]["state"]) == ("", "aside")
        examiner.fault = None
        hand_in(student, "1")
        work()
        assert Mark.objects.get().points == 1.0
        with pytest.raises(NotTaken):
            hand_in(student, "12")

    def test_staff_see_it_and_have_it_marked_again(
        self, aside, examiner, hand_in, work, course, student, lecturer, client_of
    ) -> None:
        page = client_of(lecturer).get("/courses/intro/marks/people/student/hello/1/").content.decode()
        assert "could not be marked, by a fault of the site" in page
        examiner.fault = None
        remarking.begin(course, "hello", lecturer, "The site was mended.")
        hand_in(student, "2")  # while it waits
        work()
        assert list(Attempt.objects.order_by("number").values_list("state", "points")) == [("marked", 1), ("marked", 2)]
        assert Mark.objects.get().points == 2.0

    def test_it_holds_up_no_marking_again(
        self, publish, hand_in, work, examiner, course, student, lecturer, client_of
    ) -> None:
        publish(exercise())
        hand_in(student, "12")
        work()
        begun = remarking.begin(course, "hello", lecturer, "To be sure.")
        self.mark_with(examiner, ValueError("a bug"), 3)
        assert (remarking.left(begun), Attempt.objects.get().state, Mark.objects.get().points) == (0, "marked", 3.0)
        page = client_of(lecturer).get(f"/courses/intro/marks/again/{begun.pk}/").content.decode()
        assert "could not be marked again" in page
        assert not Attempt.objects.get().is_free  # it was marked well before
        remarking.begin(course, "hello", lecturer, "Once more.")


def report(points: float) -> Report:
    return Report((TestResult("It greets", False, True, points, 3.0),), points, 3.0)


def test_what_its_marker_died_over_is_marked_again_by_another(publish, hand_in, work, examiner, student) -> None:
    publish(exercise(attempts_max=1))
    hand_in(student, "12")
    turns.claim()  # and nobody goes on holding it
    assert turns.free_the_lost() == 0
    Attempt.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    tickets.tidy()
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.faults) == (State.WAITING, 1)
    Attempt.objects.update(due=timezone.now())
    work()
    assert Attempt.objects.get().state == State.MARKED
    assert MarkChange.objects.count() == 1


def test_one_that_was_thought_dead_writes_nothing(publish, hand_in, examiner, student) -> None:
    made = exercise()
    publish(made)
    hand_in(student, "12")
    slow = turns.claim()
    Attempt.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    turns.free_the_lost()
    Attempt.objects.update(due=timezone.now())
    fast = turns.claim()
    assert not turns.hold(slow, [])
    assert marking.write_down(fast, made, report(2.0))
    assert not marking.write_down(slow, made, report(3.0))
    turns.give_back(slow)
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.points) == (State.MARKED, 2.0)
    assert (Mark.objects.get().points, MarkChange.objects.count()) == (2.0, 1)


def test_what_is_held_is_not_freed(publish, hand_in, examiner, student) -> None:
    publish(exercise())
    hand_in(student, "12")
    attempt = turns.claim()
    Attempt.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert turns.hold(attempt, [{"title": "It greets"}])
    assert turns.free_the_lost() == 0
    assert Attempt.objects.get().progress == [{"title": "It greets"}]


def test_a_lost_ticket_is_replaced(publish, hand_in, examiner, student) -> None:
    publish(exercise())
    hand_in(student, "12")
    DBTaskResult.objects.all().delete()
    tickets.tidy()
    tickets.tidy()
    assert tickets_there() == 1


def test_a_ticket_too_many_does_no_harm(publish, hand_in, examiner, student) -> None:
    publish(exercise())
    hand_in(student, "12")
    for _ in range(3):
        tickets.issue()
    worker("one").run()
    assert (len(examiner.marked), tickets_there()) == (1, 0)


def test_old_tickets_are_thrown_away(publish, hand_in, examiner, student) -> None:
    publish(exercise())
    hand_in(student, "12")
    worker("one").run()
    tickets.tidy()
    assert DBTaskResult.objects.count() == 1
    DBTaskResult.objects.update(started_at=timezone.now() - tickets.KEPT - timedelta(seconds=1))
    tickets.tidy()
    assert DBTaskResult.objects.count() == 0


def test_no_ticket_without_its_submission(publish, hand_in, examiner, student, monkeypatch) -> None:
    publish(exercise())
    monkeypatch.setattr(tickets, "issue", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hand_in(student, "12")
    assert not Attempt.objects.exists()


def test_a_hundred_at_once_each_once_and_in_a_fair_order(publish, hand_in, examiner, course, work) -> None:
    publish(exercise(), exercise("more"))
    crowd = people(course, 50)
    for person in crowd:
        hand_in(person, f"12 {person.username}")
        hand_in(person, f"1 {person.username}", "more")
    worker("one").run()
    assert sorted(examiner.marked) == sorted(
        [f"12 {one.username}" for one in crowd] + [f"1 {one.username}" for one in crowd]
    )
    served = [text.split()[1] for text in examiner.marked]
    assert len(set(served[:50])) == 50, "everybody is served once before anybody is served twice"
    assert not Attempt.objects.exclude(state=State.MARKED).exists()
    assert Mark.objects.filter(exercise="hello", points=3).count() == 50


def test_who_ends_in_order_gives_back_what_they_hold(publish, hand_in, examiner, student, monkeypatch) -> None:
    publish(exercise())
    hand_in(student, "12")
    turns.claim()
    try:
        assert turns.end() == 1
        attempt = Attempt.objects.get()
        assert (attempt.state, attempt.faults) == (State.WAITING, 0)
        assert turns.claim() is None
    finally:
        turns._ending.clear()
