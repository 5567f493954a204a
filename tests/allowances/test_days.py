"""Each person's day begins once a night, at their own time, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allowances.days import begin, begins_at, day_of, earliest_day, end, today

MELBOURNE = ZoneInfo("Australia/Melbourne")
BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour
LOGINS = st.from_regex(r"\A[a-z][a-z0-9_-]{0,31}\Z")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
ZONES = st.sampled_from([UTC, MELBOURNE, BERLIN, LORD_HOWE])


def login_at(hour: int, minute: int) -> str:
    """Somebody whose day begins then."""
    return next(name for name in (f"s{number}" for number in range(10_000)) if begins_at(name) == time(hour, minute))


def test_they_are_spread_over_the_night() -> None:
    times = [begins_at(f"s{number}") for number in range(1000)]
    assert {moment.hour for moment in times} == {2, 3, 4}
    assert len(set(times)) > 150
    assert begins_at("student") == begins_at("student")


@given(LOGINS, MOMENTS, ZONES)
def test_every_moment_is_in_one_day(login, moment, zone) -> None:
    day = day_of(login, moment, zone)
    assert begin(login, day, zone) <= moment < end(login, day, zone)


@given(LOGINS, MOMENTS, ZONES)
def test_nobody_is_in_a_day_before_the_earliest(login, moment, zone) -> None:
    earliest = earliest_day(moment, zone)
    assert earliest <= day_of(login, moment, zone) <= earliest + timedelta(days=1)
    assert all(earliest_day(moment + timedelta(hours=hours), zone) >= earliest for hours in range(24))


@given(LOGINS, MOMENTS, ZONES)
def test_days_follow_each_other(login, moment, zone) -> None:
    later = day_of(login, moment + timedelta(hours=1), zone)
    assert later - day_of(login, moment, zone) in (timedelta(0), timedelta(days=1))


@pytest.mark.parametrize(
    ("night", "hours"),
    [
        (date(2026, 3, 29), 23),  # 2:00 is followed by 3:00
        (date(2026, 10, 25), 25),  # 3:00 is followed by 2:00
        (date(2026, 6, 1), 24),
    ],
)
def test_a_clock_set_for_summer_gives_no_day_twice(night, hours) -> None:
    before = night - timedelta(days=1)
    for minute in (0, 30, 59):
        login = login_at(4, minute)
        assert end(login, before, BERLIN) - begin(login, before, BERLIN) == timedelta(hours=hours)
    login = login_at(2, 30)
    moment = datetime(night.year, night.month, night.day, tzinfo=BERLIN).astimezone(UTC)
    days = [day_of(login, moment + timedelta(minutes=minute), BERLIN) for minute in range(6 * 60)]
    assert days == sorted(days)
    assert len(set(days)) == 2


def test_a_time_that_comes_twice_counts_the_first_time() -> None:
    login = login_at(2, 30)
    assert begin(login, date(2026, 10, 25), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(LOGINS, MOMENTS, ZONES, st.timedeltas(timedelta(0), timedelta(hours=20)))
def test_a_clock_set_back_gives_no_day_again(login, moment, zone, back) -> None:
    day = today(login, moment, zone, ())
    assert today(login, moment - back, zone, [day]) == day


@given(LOGINS, MOMENTS, ZONES)
def test_a_clock_that_was_a_year_ahead_holds_nobody_there(login, moment, zone) -> None:
    latest = day_of(login, moment + timedelta(days=365), zone)
    assert today(login, moment, zone, [latest]) == day_of(login, moment, zone)


@given(LOGINS, MOMENTS, ZONES, st.integers(0, 400))
def test_what_was_counted_long_ago_holds_nobody_there(login, moment, zone, days) -> None:
    latest = day_of(login, moment, zone) - timedelta(days=days)
    assert today(login, moment, zone, [latest]) == day_of(login, moment, zone)
