"""When trouble is told: once, and once when it is over, whatever happens meanwhile."""

from __future__ import annotations

import json
import random

import pytest

from operations import alarms
from operations.alarms import CALM_SECONDS, HOUR_SECONDS, Alarm, Book, Letter, News, step

AFTER = 60.0
STEP = 5.0


def run(states: str, alarm: Alarm | None = None, start: float = 1e9, pause: float = STEP) -> tuple[Alarm, list[News]]:
    """`b`: bad, `.`: good; one look each."""
    alarm, told = alarm or Alarm("disk"), []
    for number, state in enumerate(states):
        alarm, news = step(alarm, "it is full" if state == "b" else None, start + number * pause, AFTER)
        told += [news] if news else []
    return alarm, told


def test_trouble_that_lasts_is_told_once() -> None:
    _, told = run("b" * 1000)
    assert told == [News("disk", False, "it is full", 1e9)]


def test_not_before_it_has_lasted() -> None:
    assert run("b" * 12)[1] == []
    assert len(run("b" * 13)[1]) == 1


@pytest.mark.parametrize("states", ["", "....", "bbbbb." * 50, "b.b.b.b." * 50])
def test_trouble_that_passes_is_not_told(states: str) -> None:
    assert run(states)[1] == []


def test_the_end_is_told_once_and_not_at_the_first_good_look() -> None:
    _, told = run("b" * 20 + "." * 5 + "b" + "." * 100)
    assert [news.is_over for news in told] == [False, True]
    assert told[1].since == told[0].since


def test_after_the_end_it_may_be_told_again() -> None:
    assert [news.is_over for news in run("b" * 20 + "." * 20 + "b" * 20)[1]] == [False, True, False]


def test_what_comes_and_goes_is_told_a_few_times_an_hour() -> None:
    _, told = run(("b" * 13 + "." * 13) * 100)
    seconds = 100 * 26 * STEP
    assert len(told) <= 2 * (3 + seconds / CALM_SECONDS + 1)
    assert [news.is_over for news in told] == [bool(number % 2) for number in range(len(told))]


@pytest.mark.parametrize("seed", range(20))
def test_beginnings_and_ends_take_turns_whatever_comes(seed: int) -> None:
    """With a clock that jumps, and a warden that is restarted in between."""
    chance = random.Random(seed)
    alarm, now, told = Alarm("disk"), 1e9, []
    for _ in range(3000):
        now += chance.choice([5.0] * 50 + [-3600.0, 86400.0])
        state = "it is full" if chance.random() < chance.choice([0.02, 0.98]) else None
        alarm, news = step(alarm, state, now, AFTER)
        told += [news] if news else []
        if chance.random() < 0.1:
            alarm = Book.from_text(Book({"disk": alarm}).as_text()).alarms["disk"]
    assert [news.is_over for news in told] == [bool(number % 2) for number in range(len(told))]


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    alarm, _ = run("b" * 3, start=1e9)
    _, told = run("b" * 13, alarm, start=1e9 - 86400)
    assert len(told) == 1
    alarm, _ = run("b" * 20 + "." * 2)
    assert [news.is_over for news in run("." * 13, alarm, start=1e9 - 86400)[1]] == [True]


def test_what_was_told_long_ago_does_not_count_as_coming_and_going() -> None:
    alarm = Alarm("disk", told_before=(1e9 - HOUR_SECONDS - 1,) * 10)
    assert len(run("b" * 20 + "." * 20, alarm)[1]) == 2


def test_a_restart_of_the_warden_tells_nothing_again(settings) -> None:
    (settings.IVLE_DATA / "run").mkdir()
    alarm, told = run("b" * 20)
    assert len(told) == 1
    alarms.write(Book({"disk": alarm}, [Letter("command", {"id": "1"}, tries=2, due=5.0)]).as_text())
    book = alarms.read()
    assert book.letters == [Letter("command", {"id": "1"}, tries=2, due=5.0)]
    assert alarms.read_told() == [alarm]
    assert run("b" * 100, book.alarms["disk"])[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"alarms": {"disk": {}}, "letters": []}',
        '{"alarms": 3}',
        '{"alarms": {}, "letters": [{"hook": "command", "message": 3}]}',
    ],
)
def test_a_book_that_makes_no_sense_is_an_empty_one(text: str) -> None:
    assert Book.from_text(text) == Book()


def test_a_book_that_is_no_text(settings) -> None:
    (settings.IVLE_DATA / "run").mkdir()
    alarms.place().write_bytes(b"\xff\xfe{}")
    assert alarms.read() == Book()


def test_a_book_without_a_place(settings) -> None:
    assert alarms.read() == Book()
    assert json.loads(Book().as_text()) == {"alarms": {}, "letters": []}
