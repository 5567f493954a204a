"""The lab hour's diary and its words for what saturated."""

from __future__ import annotations

from bench.browser import Wrong
from bench.lab import ACTS, Diary, in_milliseconds
from bench.lab_site import JAILS, Processors


def processors(elapsed_seconds: float, machine_seconds: float, **seconds: float) -> Processors:
    made = Processors.__new__(Processors)
    made.elapsed_seconds, made.machine_seconds, made.seconds = elapsed_seconds, machine_seconds, dict(seconds)
    return made


async def test_only_what_went_well_is_timed() -> None:
    async def well() -> None:
        pass

    async def wrong() -> None:
        raise Wrong("status 500")

    diary = Diary()
    assert await diary.note("save", well())
    assert not await diary.note("save", wrong())
    assert len(diary.seconds["save"]) == 1
    assert diary.errors == {"save: status 500": 1}


def test_one_thread_that_is_busy_is_named_before_the_machine() -> None:
    assert (
        processors(10, 15, web=9.5).saturated().startswith("web first: it has one thread, and used 95% of a processor")
    )


def test_nothing() -> None:
    assert processors(10, 1, web=0.5).saturated().startswith("nothing: 0.10 of")


def test_the_greediest_comes_first() -> None:
    assert processors(10, 15, web=1.0, **{JAILS: 5.0}).shares() == [(JAILS, 0.5), ("web", 0.1)]


def test_a_row_has_measured_values() -> None:
    assert in_milliseconds([0.001 * value for value in range(1, 101)]) == ("50", "95", "99", "100", "100")


def test_all_that_is_done_adds_up_to_a_hundred() -> None:
    assert sum(weight for _, weight in ACTS.values()) == 100
