"""What the database said is remembered for a moment, and never for longer than it is true in this process."""

from __future__ import annotations

import pytest

from accounts.models import Person
from cgirunner import recent
from files.models import PublishedFolder


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
