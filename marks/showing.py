"""What students get to see: of hidden tests nothing but their titles, hints once they have tried. For api.py."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from courses.models import Course
from exercises import sentences
from exercises.exercise import Exercise
from marks import rules, turns
from marks.models import Attempt, Mark, State
from tutorial.references import Addresses
from tutorial.texts import html_of

SHOWN_OF_HIDDEN = ("title", "hidden", "passed", "points", "of_points")


def report_for_student(report: dict[str, Any] | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {**report, "results": [result_for_student(result) for result in report["results"]]}


def result_for_student(result: dict[str, Any]) -> dict[str, Any]:
    if not result["hidden"]:
        return in_words(result)
    return {**{name: result[name] for name in SHOWN_OF_HIDDEN}, "feedback": None, "cpu_seconds": 0.0}


def in_words(result: dict[str, Any]) -> dict[str, Any]:
    """With its sentence in the language of whoever reads it."""
    feedback = result["feedback"]
    if not feedback or not feedback.get("parts"):
        return result
    return {**result, "feedback": {**feedback, "sentence": sentences.in_words(feedback["parts"], gettext)}}


def attempt_in_short(attempt: Attempt) -> dict[str, Any]:
    """Without reading its report."""
    has_report = attempt.marked is not None
    return {
        "number": attempt.number,
        "submitted": attempt.submitted,
        "is_late": attempt.is_late,
        "state": State.MARKED if has_report else attempt.state,
        "points": attempt.points,
        "of_points": attempt.of_points,
        "faults": 0 if has_report else attempt.faults,
    }


def attempt_in_full(attempt: Attempt) -> dict[str, Any]:
    """With how far marking it is."""
    is_new = attempt.report is None
    return {
        **attempt_in_short(attempt),
        "files": attempt.files,
        "report": report_for_student(attempt.report),
        "progress": [result_for_student(result) for result in attempt.progress or ()] if is_new else [],
        "before_it": turns.position(attempt) if is_new else 0,
    }


def hints(course: Course, exercise: Exercise, mark: Mark | None) -> list[dict[str, Any]]:
    """Those that are earned, in HTML; of the next one, after how many more tries."""
    tries = mark.tries if mark else 0
    shown: list[dict[str, Any]] = []
    for hint in sorted(exercise.hints, key=lambda hint: hint.after_tries):
        left = hint.after_tries - tries
        shown.append({"html": html(course, hint.text) if left <= 0 else "", "tries_left": max(0, left)})
        if left > 0:
            break
    return shown


def html(course: Course, text: str) -> str:
    """Of a task or a hint, clean."""
    return html_of(text, Addresses(course.slug))


def terms_out(terms: rules.Terms) -> dict[str, Any]:
    return {
        "attempts_max": terms.attempts_max,
        "counts": terms.counts,
        "penalty_percent": terms.penalty_percent,
        "due": terms.due,
        "late_percent": terms.late_percent,
        "closes": terms.closes,
    }


def mark_out(mark: Mark | None) -> dict[str, Any] | None:
    if mark is None or mark.points is None:
        return None
    return {
        "points": mark.points,
        "of_points": mark.of_points,
        "attempt": mark.attempt.number if mark.attempt else None,
        "by_hand": mark.by_hand is not None,
    }
