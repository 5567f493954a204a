"""What marking tells: plain values that go into JSON and come back. Made by marking.py, kept and shown by others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

SAME, MISSING, EXTRA = " ", "-", "+"  # the signs of a difference: in both, expected only, there only


@dataclass(frozen=True)
class Feedback:
    """Of a test that is not hidden. Texts are cut to a size that a page can show."""

    sentence: str  # what happened, in one sentence
    given: str = ""  # what the program was given: input, arguments, the call
    expected: str = ""
    actual: str = ""
    diff: tuple[tuple[str, str], ...] = ()  # a sign and a line


@dataclass(frozen=True)
class TestResult:
    __test__ = False  # to pytest

    title: str
    hidden: bool
    passed: bool
    points: float
    of_points: float
    feedback: Feedback | None = None  # None for a hidden test
    cpu_seconds: float = 0.0

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Self:
        feedback = message["feedback"]
        if feedback is not None:
            diff = tuple((sign, line) for sign, line in feedback["diff"])
            feedback = Feedback(**{**feedback, "diff": diff})
        return cls(**{**message, "feedback": feedback})


@dataclass(frozen=True)
class Report:
    results: tuple[TestResult, ...]
    points: float
    of_points: float

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    def to_message(self) -> dict[str, Any]:
        return {**asdict(self), "results": [result.to_message() for result in self.results]}

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Self:
        results = tuple(TestResult.from_message(result) for result in message["results"])
        return cls(results, message["points"], message["of_points"])
