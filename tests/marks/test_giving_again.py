"""A course given again in another term: what goes along beside its files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from courses import editions, making
from courses.models import Term
from marks.models import Conditions
from tutorial.front_matter import without_dates
from tutorial.outline import outline_of

DATED = b"\xef\xbb\xbf---\nopens: 2026-01-01\ncloses: 2026-02-01\n---\n# A\n\n```exercise double\n```\n"


@pytest.fixture
def again(course, lecturer):
    files = {"01-a.md": DATED, "02-b.md": b"---\nhidden: yes\n---\n# B\n", "exercises/double.md": b"# D\n"}
    files["cat.png"] = b"\x89---\n"
    editions.add(course, files, lecturer)
    due = timezone.now() + timedelta(days=1)
    Conditions.objects.create(course=course, exercise="double", weight=7, due=due, closes=due)
    Conditions.objects.create(course=course, exercise="other", due=due)
    term = Term.objects.create(name="Next", starts="2027-01-01", ends="2027-06-01")
    return making.copy_course(course, lecturer, term)


def test_weights_go_along_and_dates_do_not(again) -> None:
    found = Conditions.objects.filter(course=again).values_list("exercise", "weight", "due", "closes")
    assert list(found) == [("double", 7.0, None, None)]


def test_tutorials_of_the_term_before_are_open(again) -> None:
    edition = editions.shown(again)
    now = timezone.now()
    outline = outline_of(edition)
    assert outline.is_open("double", now)
    assert outline.closes("double", now) is None
    assert [part.dates.state(now) for part in outline.parts] == ["open", "hidden"]
    assert editions.read(edition, "cat.png") == b"\x89---\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n", "# A\n"),
        ("---\nopens: 2026-01-01\n---\n# A\n", "# A\n"),
        ("---\n opens : x\nhidden: yes\n---\n# A\n\nopens: it\n", "---\nhidden: yes\n---\n# A\n\nopens: it\n"),
        ("---\nopens: 2026-01-01\n# A\n", "---\nopens: 2026-01-01\n# A\n"),
        ("---\r\ncloses: 2026-01-01\r\n---\r\n# A\r\n", "# A\r\n"),
    ],
)
def test_without_dates(text: str, expected: str) -> None:
    assert without_dates(text) == expected
