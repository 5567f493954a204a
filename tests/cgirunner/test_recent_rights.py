"""What the database said is remembered for a moment, and never for longer than it is true in this process."""

from __future__ import annotations

import pytest
from django.conf import settings as site

from accounts.models import Person
from cgirunner import recent
from cgirunner.request import Request
from cgirunner.visit import session_person
from files.models import PublishedFolder
from tests.cgirunner.conftest import scope_of


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    recent.forget()


def test_asks_once() -> None:
    asked = []
    for _ in range(3):
        assert recent.remembered("question", lambda: asked.append(1) or "answer") == "answer"
    assert len(asked) == 1


def test_asks_again_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(recent.time, "monotonic", lambda: now[0])
    assert recent.remembered("question", lambda: "old") == "old"
    now[0] += recent.REMEMBER_SECONDS
    assert recent.remembered("question", lambda: "new") == "new"


def test_stays_bounded() -> None:
    for number in range(recent.ENTRIES_MAX + 10):
        recent.remembered(number, lambda: None)
    assert len(recent._answers) <= recent.ENTRIES_MAX


def test_an_answer_from_before_a_change_is_not_remembered() -> None:
    """The right changed while the database was asked, so what it said may be from before."""

    def ask() -> str:
        recent.forget()
        return "old"

    assert recent.remembered("question", ask) == "old"
    assert recent.remembered("question", lambda: "new") == "new"


@pytest.mark.django_db
@pytest.mark.parametrize(("length", "remembered"), [(32, 1), (recent.QUESTION_MAX_CHARACTERS, 0)])
def test_what_a_visitor_makes_long_is_not_remembered(length: int, remembered: int) -> None:
    """A visitor may send anything, and does not choose how much memory it takes."""
    cookie = f"{site.SESSION_COOKIE_NAME}={'x' * length}"
    scope = scope_of("/serve/student/", "GET", {"cookie": cookie}, ("192.0.2.7", 50123))
    assert session_person(Request.from_scope(scope)) is None
    assert len(recent._answers) == remembered


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["publish", "unpublish", "person"])
def test_forgets_when_a_right_changes(student: Person, change: str) -> None:
    folder = PublishedFolder.objects.create(person=student, path="shown")
    recent.remembered("question", lambda: "old")
    changes = {
        "publish": lambda: PublishedFolder.objects.create(person=student, path="more"),
        "unpublish": folder.delete,
        "person": student.save,
    }
    changes[change]()
    assert recent.remembered("question", lambda: "new") == "new"
