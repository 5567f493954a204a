"""What marking tells: plain values that go into JSON and come back. Made by marking.py, kept and shown by others."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from exercises.sentences import Sentence

SAME, MISSING, EXTRA = " ", "-", "+"  # the signs of a difference: in both, expected only, there only
REPORT_MAX_CHARACTERS = 300_000  # of all feedback


@dataclass(frozen=True)
class Feedback:
    """Of a test that is not hidden. Texts are cut to a size that a page can show."""

    sentence: str  # what happened, in one sentence; a Sentence where it can be said in other languages
    given: str = ""  # what the program was given: input, arguments, the call
    expected: str = ""
    actual: str = ""
    diff: tuple[tuple[str, str], ...] = ()  # a sign and a line

    @property
    def length(self) -> int:
        """In characters, about."""
        texts = (self.sentence, self.sentence, self.given, self.expected, self.actual)
        return sum(map(len, texts)) + sum(len(line) for _, line in self.diff)


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
        """With the `parts` of its sentence beside it in English."""
        message = asdict(self)
        if self.feedback is not None:
            said = self.feedback.sentence
            message["feedback"]["sentence"] = str(said)
            message["feedback"]["parts"] = said.to_message() if isinstance(said, Sentence) else []
        return message

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Self:
        feedback = message["feedback"]
        if feedback is not None:
            diff = tuple((sign, line) for sign, line in feedback["diff"])
            kept = {name: value for name, value in feedback.items() if name != "parts"}
            feedback = Feedback(**{**kept, "diff": diff})
        return cls(**{**message, "feedback": feedback})


@dataclass
class Room:
    """For the feedback of one report: where there is no more, a test is told with its sentence alone."""

    left_characters: int = REPORT_MAX_CHARACTERS

    def fit(self, result: TestResult) -> TestResult:
        if result.feedback is None:
            return result
        self.left_characters -= result.feedback.length
        if self.left_characters >= 0:
            return result
        return replace(result, feedback=Feedback(result.feedback.sentence))


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
