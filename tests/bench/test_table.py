"""What the bench prints is Markdown, and its verdicts follow from the figures."""

from __future__ import annotations

import json

import pytest

from bench.findings import Bound, Figure, Section, Target
from bench.table import as_json, number, section_text, table

AT_MOST_ONE = Target(Bound.AT_MOST, 1.0)
AT_LEAST_ONE = Target(Bound.AT_LEAST, 1.0)


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (AT_MOST_ONE, 1.0, "reached"),
        (AT_MOST_ONE, 1.0001, "NOT reached"),
        (AT_LEAST_ONE, 1.0, "reached"),
        (AT_LEAST_ONE, 0.9999, "NOT reached"),
        (None, 3.0, ""),
    ],
)
def test_verdict(target: Target | None, value: float, verdict: str) -> None:
    assert Figure("x", value, "s", target).verdict == verdict


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (0.1234, "0.123"), (1.0, "1"), (1.006, "1.006"), (12.34, "12.3"), (1234.5, "1234")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_columns_are_aligned() -> None:
    text = table(("server", "ms"), [("a", "1.25"), ("longer name", "10.00")])
    assert text.splitlines() == [
        "| server      |    ms |",
        "| ----------- | ----: |",
        "| a           |  1.25 |",
        "| longer name | 10.00 |",
    ]


def section() -> Section:
    made = Section("x", "A title", ("server", "ms"), rows=[("ours", "0.5")], notes=["five rounds"])
    made.figures += [Figure("ours: p50", 0.5, "ms", AT_MOST_ONE), Figure("ours: p99", 2.0, "ms")]
    return made


def test_a_section_shows_what_was_promised_and_what_came_of_it() -> None:
    lines = section_text(section()).splitlines()
    assert lines[0] == "### A title"
    assert "| ours: p50 | ≤ 1 ms | 0.500 ms | reached |" in [" ".join(line.split()) for line in lines]
    assert not any("p99" in line for line in lines)
    assert lines[-1] == "- five rounds"


def test_json_holds_every_figure() -> None:
    content = json.loads(as_json({"cores": "2"}, [section()]))
    assert content["machine"] == {"cores": "2"}
    first, second = content["sections"][0]["figures"]
    expected = {"bound": "≤", "value": 1.0}
    assert first == {"name": "ours: p50", "value": 0.5, "unit": "ms", "target": expected, "verdict": "reached"}
    assert second["target"] is None
