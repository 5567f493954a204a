"""Why something was not done with a course: each has a sentence for whoever asked, and the status of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


class CourseFault(Exception):
    """Nothing was changed. Its text is a sentence."""

    status = HTTPStatus.BAD_REQUEST

    def about(self) -> dict[str, Any]:
        """For the API."""
        return {"detail": str(self)}


class NotAllowed(CourseFault):
    status = HTTPStatus.FORBIDDEN


class NoCourse(CourseFault):
    """Not there, or not for whoever asks."""

    status = HTTPStatus.NOT_FOUND


class Taken(CourseFault):
    status = HTTPStatus.CONFLICT


class TooOften(CourseFault):
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


@dataclass(frozen=True)
class LineFault:
    """What is wrong in one line of a roster, counted from 1."""

    line: int
    reason: str


class BadRoster(CourseFault):
    """A roster of which nothing was done, because of some lines."""

    def __init__(self, sentence: str, faults: Sequence[LineFault]) -> None:
        super().__init__(sentence)
        self.faults = tuple(faults)

    def about(self) -> dict[str, Any]:
        return {"detail": str(self), "faults": [vars(fault) for fault in self.faults]}
