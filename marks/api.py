"""The JSON API of exercises: look, run, check, hand in, see what became of it. ivle/api.py puts it up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Path, Router, Schema, Status
from ninja.errors import HttpError

from accounts import memory, places
from accounts.authentication import BySession, ByToken, person_of
from courses import access, looks
from courses.addresses import Visit, visit_of
from courses.models import Edition
from exercises import marking
from exercises.exercise import Exercise
from marks import catalogue, showing, standing, submitting, watching, words, workplace
from marks.catalogue import BrokenExercise, NoExercise
from marks.models import TO_BE_MARKED, Attempt, Mark
from marks.rules import is_late, refusal
from marks.submitting import NotTaken
from sandbox.faults import SandboxError

FILES_MAX: Final = 50
NAME_MAX_CHARACTERS: Final = 300
router = Router(auth=[ByToken(), BySession()], tags=["exercises"])
Result = TypeVar("Result")
FileName = Annotated[str, Field(max_length=NAME_MAX_CHARACTERS)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[float, Field(ge=0, le=20)]
LARGE: Final = ("files", "report", "progress")  # megabytes each, and in no list
SOON_BEFORE: Final = 8  # how many may be before one that is waited for
_watch = watching.Watch()


class Fault(Schema):
    detail: str


class WorkIn(Schema):
    """Texts by the names of the exercise's files. What is left out is as it is given."""

    files: dict[FileName, str] = Field(default_factory=dict, max_length=FILES_MAX)


class FileOut(Schema):
    """`starting` is what everybody begins with, `path` where the file is in your home."""

    name: str
    text: str
    starting: str
    path: str


class TermsOut(Schema):
    """`counts` is best or last. Percents are of the points: for each attempt before, for each day late that begins."""

    attempts_max: int | None
    counts: str
    penalty_percent: float
    due: datetime | None
    late_percent: float
    closes: datetime | None


class HintOut(Schema):
    """`html` is clean, and empty for one that is shown only after `tries_left` more tries."""

    html: str
    tries_left: int


class MarkOut(Schema):
    """What counts now; null where nothing does yet. `attempt` is null for a mark that was set by hand."""

    points: float | None
    of_points: float | None
    attempt: int | None
    by_hand: bool


class TestOut(Schema):
    """The title of a hidden one is told once something was handed in, and is empty here."""

    title: str
    hidden: bool
    points: float


class FeedbackOut(Schema):
    """`diff` is of pairs of a sign and a line: - for what was expected only, + for what came only, a space for both."""

    sentence: str
    given: str = ""
    expected: str = ""
    actual: str = ""
    diff: list[tuple[str, str]] = Field(default_factory=list)


class ResultOut(Schema):
    """Of hidden tests nothing is told but this, and `feedback` is null."""

    title: str
    hidden: bool
    passed: bool
    points: float
    of_points: float
    feedback: FeedbackOut | None
    cpu_seconds: float


class ReportOut(Schema):
    results: list[ResultOut]
    points: float
    of_points: float


class AttemptOut(Schema):
    """`state` is waiting, marking, marked or aside. `faults`: how often marking it failed, which is no fault of yours;
    after too many it is put aside, costs you no attempt, and waits for your lecturer to have it marked again."""

    number: int
    submitted: datetime
    is_late: bool
    state: str
    points: float | None
    of_points: float | None
    faults: int


class AttemptInFullOut(AttemptOut):
    """`before_it`: how many are marked first. `progress`: the results so far, while it is being marked."""

    files: dict[str, str]
    report: ReportOut | None
    progress: list[ResultOut]
    before_it: int


class ExerciseOut(Schema):
    """`html` is clean. `refusal`: why nothing can be handed in now, or empty."""

    name: str
    title: str
    html: str
    files: list[FileOut]
    tests: list[TestOut]
    terms: TermsOut
    hints: list[HintOut]
    mark: MarkOut | None
    attempts: list[AttemptOut]
    refusal: str
    is_late: bool


class RunOut(Schema):
    """`path`: of the file to run, saved now. A console runs it: POST /api/consoles, program python, this file."""

    path: str


class CheckOut(Schema):
    report: ReportOut
    hints: list[HintOut]


FAULTS: Final[dict[int, Any]] = dict.fromkeys((400, 403, 404, 409, 413, 503, 507), Fault)


async def in_course(request: HttpRequest, slug: str, act: Callable[[Visit], Result], *, work: bool = False) -> Result:
    """Does it as somebody who is in the course. Whatever it raises becomes an answer."""
    person = person_of(request)

    def visit() -> Result:
        try:
            visit = visit_of(person, slug)
            if work and not visit.course.is_open:
                raise HttpError(HTTPStatus.CONFLICT, words.course_closed())
            return act(visit)
        except (Http404, NoExercise):
            raise HttpError(HTTPStatus.NOT_FOUND, words.not_there()) from None
        except BrokenExercise:
            raise HttpError(HTTPStatus.CONFLICT, words.broken()) from None
        except NotTaken as refused:
            raise HttpError(refused.status, str(refused)) from None

    result: Result = await database_sync_to_async(visit)()
    return result


def exercise_of(visit: Visit, name: str) -> Exercise:
    return catalogue.shown_to(visit, name)[1]


@router.get("/{course}/{name}", response={200: ExerciseOut, **FAULTS})
async def get_exercise(request: HttpRequest, course: str, name: str) -> dict[str, Any]:
    """What is asked, your files, your attempts, and what counts."""

    def look(visit: Visit) -> dict[str, Any]:
        return exercise_out(visit, *catalogue.shown_to(visit, name))

    return await in_course(request, course, look)


def exercise_out(visit: Visit, edition: Edition, exercise: Exercise) -> dict[str, Any]:
    course, person = visit.course, visit.person
    terms = catalogue.terms_now(edition, exercise)
    about = {"course": course, "person": person, "exercise": exercise.name}
    attempts = list(Attempt.objects.filter(**about).order_by("-number").defer(*LARGE))
    used = sum(not attempt.is_free for attempt in attempts)
    mark = Mark.objects.filter(**about).select_related("attempt").first()
    mine = workplace.texts(visit, exercise)
    now = timezone.now()
    return {
        "name": exercise.name,
        "title": exercise.title,
        "html": showing.html(course, exercise.text),
        "files": [
            {"name": file, "text": mine[file], "starting": text, "path": workplace.path_of(visit, exercise, file)}
            for file, text in exercise.files.items()
        ],
        "tests": [
            {"title": "" if test.hidden else test.title, "hidden": test.hidden, "points": test.points}
            for test in exercise.tests
        ],
        "terms": showing.terms_out(terms),
        "hints": showing.hints(course, exercise, mark),
        "mark": showing.mark_out(mark),
        "attempts": [showing.attempt_in_short(attempt) for attempt in attempts],
        "refusal": words.refusal(course.is_open, refusal(terms, used, now), terms, used),
        "is_late": is_late(terms, now),
    }


@router.post("/{course}/{name}/run", response={200: RunOut, **FAULTS})
async def run(request: HttpRequest, course: str, name: str, work: WorkIn) -> dict[str, str]:
    """Saves your files, to be run in a console. Free."""

    def save(visit: Visit) -> str:
        exercise = exercise_of(visit, name)
        submitting.accepted(exercise, work.files)
        return workplace.keep(visit, exercise, work.files)

    return {"path": await in_course(request, course, save)}


def place_of_check(login: str) -> places.Place | None:
    return places.take(f"check of {login}")


@router.post("/{course}/{name}/check", response={200: CheckOut, **FAULTS})
async def check(request: HttpRequest, course: str, name: str, work: WorkIn) -> dict[str, Any]:
    """Runs the tests that you may see, at once. Free."""

    def begin(visit: Visit) -> tuple[Visit, Exercise, dict[str, str], int]:
        exercise = exercise_of(visit, name)
        return visit, exercise, submitting.accepted(exercise, work.files), memory.budget_bytes(visit.person)

    visit, exercise, files, budget_bytes = await in_course(request, course, begin, work=True)
    login = visit.person.username
    place = place_of_check(login)
    if place is None:
        raise HttpError(HTTPStatus.CONFLICT, words.still_checked())
    try:
        with place:
            report = await marking.mark(
                exercise,
                files,
                str(settings.IVLE_SANDBOX_SOCKET),
                hidden=False,
                owner=login,
                limits=settings.CGI_LIMITS,
                budget_bytes=budget_bytes,
                environment=visit.course.environment,
            )
    except SandboxError:
        raise HttpError(HTTPStatus.SERVICE_UNAVAILABLE, words.cannot_check()) from None

    def note() -> list[dict[str, Any]]:
        standing.note_try(visit.course, visit.person, name, submitting.digest_of(files), report.passed)
        about = {"course": visit.course, "person": visit.person, "exercise": name}
        return showing.hints(visit.course, exercise, Mark.objects.filter(**about).first())

    hints = await database_sync_to_async(note)()
    return {"report": showing.report_for_student(report.to_message()), "hints": hints}


@router.post("/{course}/{name}/submit", response={201: AttemptInFullOut, **FAULTS})
async def submit(request: HttpRequest, course: str, name: str, work: WorkIn) -> Status[dict[str, Any]]:
    """Hands in: all tests, in the background, counted. Ask for the attempt until its `report` is there."""

    def hand_in(visit: Visit) -> dict[str, Any]:
        attempt = submitting.submit(visit, name, work.files)
        return showing.attempt_in_full(attempt)

    return Status(HTTPStatus.CREATED, await in_course(request, course, hand_in, work=True))


@router.get("/{course}/{name}/attempts", response={200: list[AttemptOut], **FAULTS})
async def list_attempts(request: HttpRequest, course: str, name: str, person: str = "") -> list[dict[str, Any]]:
    """Yours, the last first; or, of a course that you teach, those of the `person` with that login name."""

    def look(visit: Visit) -> list[dict[str, Any]]:
        found = attempts_of(visit, name, person).order_by("-number").defer(*LARGE)
        return [showing.attempt_in_short(attempt) for attempt in found]

    return await in_course(request, course, look)


@router.get("/{course}/{name}/attempts/{number}", response={200: AttemptInFullOut, **FAULTS})
async def get_attempt(
    request: HttpRequest,
    course: str,
    name: str,
    number: Path[Number],
    person: str = "",
    wait: Seconds = 0.0,
) -> dict[str, Any]:
    """With its files, and with its report once it is marked. With `wait`, seconds, it is answered as soon as there is
    something new to tell of one that is marked soon; else at once, as it is."""

    def look(visit: Visit) -> tuple[Attempt, dict[str, Any]]:
        attempt = attempts_of(visit, name, person).filter(number=number).first()
        if attempt is None:
            raise HttpError(HTTPStatus.NOT_FOUND, words.no_attempt())
        if person:
            looks.note(visit.person, person, looks.ATTEMPT, f"{course}/{name}/{number}", visit.course)
        return attempt, showing.attempt_in_full(attempt)

    attempt, answer = await in_course(request, course, look)
    is_soon = answer["state"] in TO_BE_MARKED and answer["before_it"] < SOON_BEFORE
    if wait and is_soon and await _watch.wait(attempt.pk, watching.news_of(attempt), wait):
        _attempt, answer = await in_course(request, course, look)
    return answer


def attempts_of(visit: Visit, name: str, login: str) -> Any:
    """Raises NoExercise for another's, where the visitor does not teach."""
    whose = login or visit.person.username
    if whose != visit.person.username and not access.may_teach(visit.person, visit.course):
        raise NoExercise(name)
    return Attempt.objects.filter(course=visit.course, exercise=name, person__username=whose)
