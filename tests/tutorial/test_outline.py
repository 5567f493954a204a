"""What is kept of an edition: its tutorials in their order, their dates, their exercises."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from courses import editions
from courses.models import Edition
from tutorial.outline import Outline, Part, outline_of
from tutorial.page import Dates
from tutorial.publishing import add

NOW = timezone.make_aware(datetime(2027, 3, 1, 12))
DAY = timedelta(days=1)
FIRST = "# First\n\n```exercise double\n```\n\n[Another](exercises/half.md), [the same](exercises/double.md)\n"
SECOND = "---\nopens: 2027-03-01\ncloses: 2027-03-14 18:00\nhidden: yes\n---\n# Second\n\n```exercise half\n```\n"


@pytest.fixture
def outline(published) -> Outline:
    return outline_of(published({"02-second.md": SECOND, "01-first.md": FIRST, "exercises/double.md": "# D"}))


def test_tutorials_and_exercises_in_their_order(outline) -> None:
    assert [(part.name, part.title, part.exercises) for part in outline.parts] == [
        ("01-first", "First", ("double", "half")),
        ("02-second", "Second", ("half",)),
    ]
    assert outline.parts[1].dates.is_hidden
    assert timezone.localtime(outline.parts[1].dates.closes).strftime("%d %H:%M") == "14 18:00"


def test_it_is_kept_with_the_edition(course, lecturer, monkeypatch) -> None:
    edition = add(course, {"01-first.md": FIRST.encode()}, lecturer)
    monkeypatch.setattr("tutorial.outline.parts_in", lambda edition: pytest.fail("its pages are read again"))
    assert [part.name for part in outline_of(Edition.objects.get(pk=edition.pk)).parts] == ["01-first"]


def test_of_nothing() -> None:
    assert outline_of(None) == Outline()
    assert Outline().is_open("double", NOW)


@pytest.mark.parametrize(
    ("dates", "is_open", "closes"),
    [
        ([Dates()], True, None),
        ([Dates(opens=NOW + DAY)], False, None),
        ([Dates(is_hidden=True)], False, None),
        ([Dates(closes=NOW - DAY)], True, NOW - DAY),
        ([Dates(closes=NOW - DAY), Dates(closes=NOW + DAY)], True, NOW + DAY),
        ([Dates(closes=NOW - DAY), Dates()], True, None),
        ([Dates(closes=NOW - DAY), Dates(is_hidden=True)], True, NOW - DAY),
        ([Dates(closes=NOW - DAY), Dates(opens=NOW + DAY)], True, NOW - DAY),
    ],
)
def test_when_an_exercise_is_open(dates, is_open: bool, closes) -> None:
    outline = Outline(tuple(Part(str(number), "", one, ("double",)) for number, one in enumerate(dates)))
    assert (outline.is_open("double", NOW), outline.closes("double", NOW)) == (is_open, closes)


def test_what_cannot_be_read_now_is_not_kept(published) -> None:
    edition = published({"01-first.md": FIRST})
    place = editions.place_of(edition)
    away = place.rename(place.with_suffix(".away"))
    assert outline_of(Edition.objects.get(pk=edition.pk)) == Outline()
    away.rename(place)
    assert outline_of(Edition.objects.get(pk=edition.pk)).parts
