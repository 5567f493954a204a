"""Ratios beside Apache come from the same round, and an address without a measurement gets no figure."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import ours
from bench.findings import Section
from bench.load import Address, Load
from bench.peers import Apache
from bench.serving import Tally, report


def tally(name: str, *rounds_ms: float, errors: Counter[str] | None = None) -> Tally:
    """Alike in all three ways; every answer of a round took that long. The errors are the calm client's."""

    def loads() -> list[Load]:
        return [Load([milliseconds / 1000] * 10, Counter(), 10 * milliseconds / 1000) for milliseconds in rounds_ms]

    made = Tally(Address(name, 1, "/", b""), loads(), loads(), loads(), busy_seconds=0.1)
    made.calm[0].errors = errors or Counter()
    return made


def reported(*tallies: Tally) -> Section:
    section = Section("serving", "", ("server", *"123456", "answers", "errors"))
    report(section, list(tallies))
    return section


def figure(section: Section, name: str) -> float:
    return next(figure.value for figure in section.figures if figure.name == name)


def test_ratios_are_those_of_the_rounds() -> None:
    # 0.1, 0.2 and 0.9 round by round; the ratio of the medians would be 0.4.
    section = reported(tally(ours.NAMES[0], 1, 4, 9), tally(Apache().name, 10, 20, 10))
    assert figure(section, f"{ours.NAMES[0]}: calm p50 / Apache's") == pytest.approx(0.2)
    assert figure(section, f"{ours.NAMES[0]}: back to back p50 / Apache's") == pytest.approx(0.2)
    assert figure(section, f"{ours.NAMES[0]}: throughput / Apache's") == pytest.approx(5)


def test_the_cpu_of_the_machine_is_shared_among_the_answers() -> None:
    section = reported(tally("lighttpd mod_cgi", 1, 1))
    assert figure(section, "lighttpd mod_cgi: busy CPU per answer") == pytest.approx(5)


def test_without_apache_there_is_no_ratio() -> None:
    assert not any("Apache" in figure.name for figure in reported(tally(ours.NAMES[0], 1)).figures)


def test_errors_are_told() -> None:
    section = reported(tally("lighttpd mod_cgi", 1, errors=Counter({"status 500": 3})))
    assert section.rows[0][-1] == "3"
    assert "status 500" in section.notes[0]


def test_who_never_answered_has_no_figures_and_keeps_its_row() -> None:
    silent = tally(ours.NAMES[0], 1, errors=Counter({"status 503": 5}))
    silent.crowd = [Load([], Counter({"status 503": 5}), 1.0)]
    section = reported(silent, tally(Apache().name, 10))
    assert section.rows[0][:2] == (ours.NAMES[0], "-")
    assert len(section.rows[0]) == len(section.columns)
    assert not any(figure.name.startswith(ours.NAMES[0]) for figure in section.figures)
