"""The JSON API of one's own CPU: the meter, the last days, asking for more, answering who asks. ivle/api.py puts it up,
with api_people.py.
"""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from channels.db import database_sync_to_async
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator

from accounts.authentication import BySession, ByToken, person_of
from accounts.models import Person
from allowances import asking, deciding, words
from allowances.access import asked_in
from allowances.faults import NotThere
from allowances.meter import Meter, meter_of
from allowances.models import (
    CPU_MAX_SECONDS,
    PROGRAM_MAX_CHARACTERS,
    REASON_MAX_CHARACTERS,
    CpuDay,
    CpuRequest,
    Kind,
    State,
    What,
)

LIST_MAX = 100
router = Router(auth=[ByToken(), BySession()], tags=["allowances"])


def storable(text: str) -> str:
    """What every database keeps. Raises ValueError."""
    if "\0" in text or (not text.isascii() and text != text.encode("utf-8", "replace").decode("utf-8")):
        raise ValueError("this has a character that cannot be kept")
    return text


Reason = Annotated[str, Field(max_length=REASON_MAX_CHARACTERS), AfterValidator(storable)]
Seconds = Annotated[int, Field(ge=1, le=CPU_MAX_SECONDS)]


class Problem(Schema):
    detail: str


class MeterOut(Schema):
    """Of the day that you are in, which ends when it `renews`. `counted_seconds` is what was used without what does not
    count. `is_last`: your programs run when nobody else needs the machine. `today` and `state` are sentences."""

    day: date
    kind: Kind
    used_seconds: float
    counted_seconds: float
    allowed_seconds: float
    renews: datetime
    in_exam: bool
    is_over: bool
    is_near: bool
    is_last: bool
    today: str
    state: str


class DayOut(Schema):
    day: date
    seconds: float
    forgiven_seconds: float
    granted_seconds: float


class AskIn(Schema):
    """`course` is the address of one in which you are a student; without it the administrators are asked. `program`,
    for a run, is its path in your files."""

    what: What
    seconds: Seconds
    reason: Reason
    course: Annotated[str, Field(max_length=48)] | None = None
    program: Annotated[str, Field(max_length=PROGRAM_MAX_CHARACTERS), AfterValidator(storable)] = ""


class RequestOut(Schema):
    id: int
    person: str
    course: str | None
    what: What
    program: str
    seconds: int
    reason: str
    made: datetime
    state: State
    granted_seconds: int | None
    answer: str
    decided: datetime | None
    by: str | None


class GrantIn(Schema):
    """Without `seconds`, as much as was asked for."""

    seconds: Seconds | None = None
    answer: Reason = ""


class RefuseIn(Schema):
    answer: Reason = ""


PROBLEMS: dict[int, Any] = dict.fromkeys((400, 403, 404, 409, 429), Problem)


def meter_out(meter: Meter) -> dict[str, Any]:
    told = {name: getattr(meter, name) for name in MeterOut.model_fields if name not in ("today", "state")}
    return {**told, "today": words.today(meter), "state": words.state(meter)}


def request_out(request: CpuRequest) -> dict[str, Any]:
    told = {name: getattr(request, name) for name in RequestOut.model_fields if name != "id"}
    return {
        **told,
        "id": request.pk,
        "person": request.person.username,
        "course": request.course.slug if request.course else None,
        "by": request.by.username if request.by else None,
    }


@router.get("/me", response={200: MeterOut, **PROBLEMS})
async def read_meter(request: HttpRequest) -> dict[str, Any]:
    """How much CPU you had today."""
    found: dict[str, Any] = await database_sync_to_async(lambda: meter_out(meter_of(person_of(request))))()
    return found


@router.get("/days", response={200: list[DayOut], **PROBLEMS})
async def list_days(request: HttpRequest) -> list[CpuDay]:
    """The last days in which you used any, the latest first."""

    def find() -> list[CpuDay]:
        return list(CpuDay.objects.filter(person=person_of(request)).order_by("-day")[:LIST_MAX])

    found: list[CpuDay] = await database_sync_to_async(find)()
    return found


@router.get("/requests", response={200: list[RequestOut], **PROBLEMS})
async def list_requests(request: HttpRequest) -> list[dict[str, Any]]:
    """What you have asked for, the latest first."""

    def find() -> list[dict[str, Any]]:
        asking.lapse()
        mine = CpuRequest.objects.filter(person=person_of(request)).select_related("person", "course", "by")
        return [request_out(one) for one in mine[:LIST_MAX]]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


@router.post("/requests", response={201: RequestOut, **PROBLEMS})
async def ask_for_more(request: HttpRequest, wish: AskIn) -> Status[dict[str, Any]]:
    """One at a time, and a few a day."""

    def ask() -> dict[str, Any]:
        person = person_of(request)
        course = course_named(person, wish.course) if wish.course is not None else None
        return request_out(asking.ask(person, wish.what, wish.seconds, wish.reason, course, wish.program))

    return Status(HTTPStatus.CREATED, await database_sync_to_async(ask)())


def course_named(person: Person, slug: str) -> Any:
    """Raises NotThere."""
    course = asked_in(person).filter(slug=slug).first()
    if course is None:
        raise NotThere("You are no student of such a course.")
    return course


@router.delete("/requests/{pk}", response={204: None, **PROBLEMS})
async def take_request_back(request: HttpRequest, pk: int) -> Status[None]:
    await database_sync_to_async(lambda: asking.take_back(person_of(request), pk))()
    return Status(HTTPStatus.NO_CONTENT, None)


@router.get("/decisions", response={200: list[RequestOut], **PROBLEMS})
async def list_decisions(request: HttpRequest) -> list[dict[str, Any]]:
    """What others have asked for and you can answer, the oldest first."""

    def find() -> list[dict[str, Any]]:
        return [request_out(one) for one in deciding.open_for(person_of(request))[:LIST_MAX]]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


@router.post("/requests/{pk}/grant", response={200: RequestOut, **PROBLEMS})
async def grant(request: HttpRequest, pk: int, wish: GrantIn) -> dict[str, Any]:
    """For staff of the course."""
    answer = database_sync_to_async(lambda: deciding.grant(person_of(request), pk, wish.seconds, wish.answer))
    return request_out(await answer())


@router.post("/requests/{pk}/refuse", response={200: RequestOut, **PROBLEMS})
async def refuse(request: HttpRequest, pk: int, wish: RefuseIn) -> dict[str, Any]:
    """For staff of the course."""
    answer = database_sync_to_async(lambda: deciding.refuse(person_of(request), pk, wish.answer))
    return request_out(await answer())
