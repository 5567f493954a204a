"""The JSON API of what others may have: people, for administrators; exams of a course, for its lecturers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from channels.db import database_sync_to_async
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from accounts.authentication import BySession, ByToken, person_of
from accounts.models import Person
from allowances import changing, exams
from allowances.access import may_administer
from allowances.api import PROBLEMS, MeterOut, Reason, Seconds, meter_out
from allowances.faults import CpuFault, NotAllowed, NotThere
from allowances.meter import meter_of
from allowances.models import Allowance, ExamTime, Kind
from courses.addresses import Visit, visit_of

router = Router(auth=[ByToken(), BySession()], tags=["allowances"])
PK = Annotated[int, Field(ge=1, lt=1 << 63)]


class OwnOut(Schema):
    """What this person has in place of what others of their kind have; null where nothing."""

    kind: Kind | None
    cpu_seconds: int | None
    memory_mib: int | None
    processes: int | None


class PersonOut(Schema):
    login: str
    own: OwnOut
    meter: MeterOut


class OwnIn(Schema):
    """What is left out stays as it is; null: as others of their kind."""

    kind: Kind | None = None
    cpu_seconds: Seconds | None = None
    memory_mib: Annotated[int, Field(ge=1, lt=1 << 31)] | None = None
    processes: Annotated[int, Field(ge=1, lt=1 << 31)] | None = None


class WhyIn(Schema):
    why: Reason = ""


class ExamIn(Schema):
    """Moments with their zone."""

    starts: datetime
    ends: datetime


class ExamOut(ExamIn):
    id: int
    by: str | None


def person_out(person: Person) -> dict[str, Any]:
    own = Allowance.objects.filter(person=person).first() or Allowance(person=person)
    told = {name: getattr(own, name) or None for name in OwnOut.model_fields}
    return {"login": person.username, "own": told, "meter": meter_out(meter_of(person))}


async def administered(
    request: HttpRequest, login: str, act: Callable[[Person, Person], object] = lambda person, by: None
) -> dict[str, Any]:
    """Does it, and tells how that person stands then. Raises NotThere, as for who is not there, to everybody else."""

    def do() -> dict[str, Any]:
        by = person_of(request)
        person = Person.objects.filter(username=login).first() if may_administer(by) else None
        if person is None:
            raise NotThere(_("There is nobody with this login name."))
        act(person, by)
        return person_out(person)

    found: dict[str, Any] = await database_sync_to_async(do)()
    return found


@router.get("/people/{login}", response={200: PersonOut, **PROBLEMS})
async def read_person(request: HttpRequest, login: str) -> dict[str, Any]:
    """For administrators, as all below that is about a person."""
    return await administered(request, login)


@router.patch("/people/{login}", response={200: PersonOut, **PROBLEMS})
async def change_person(request: HttpRequest, login: str, wish: OwnIn) -> dict[str, Any]:
    def change(person: Person, by: Person) -> None:
        fields = wish.dict(exclude_unset=True)
        if "kind" in fields:
            fields["kind"] = fields["kind"] or ""
        try:
            changing.change(person, by, **fields)
        except ValidationError as fault:
            raise CpuFault(" ".join(fault.messages)) from None

    return await administered(request, login, change)


@router.post("/people/{login}/tarpit", response={200: PersonOut, **PROBLEMS})
async def put_into_tarpit(request: HttpRequest, login: str, wish: WhyIn) -> dict[str, Any]:
    return await administered(request, login, lambda person, by: changing.put_into_tarpit(person, by, wish.why))


@router.delete("/people/{login}/tarpit", response={200: PersonOut, **PROBLEMS})
async def take_out_of_tarpit(request: HttpRequest, login: str) -> dict[str, Any]:
    """Whatever put them there."""
    return await administered(request, login, changing.take_out_of_tarpit)


@router.post("/people/{login}/reset", response={200: PersonOut, **PROBLEMS})
async def reset(request: HttpRequest, login: str) -> dict[str, Any]:
    """What they have used today does not count."""
    return await administered(request, login, changing.reset)


def edited(request: HttpRequest, slug: str) -> Visit:
    """Raises Http404, and NotAllowed for who is in the course and no lecturer."""
    visit = visit_of(person_of(request), slug)
    if not visit.edits:
        raise NotAllowed(_("Only lecturers of this course can do that."))
    return visit


def exam_out(exam: ExamTime) -> dict[str, Any]:
    return {"id": exam.pk, "starts": exam.starts, "ends": exam.ends, "by": exam.by.username if exam.by else None}


@router.get("/courses/{slug}/exams", response={200: list[ExamOut], **PROBLEMS})
async def list_exams(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Those that are not over. For lecturers, as all below."""

    def find() -> list[dict[str, Any]]:
        return [exam_out(exam) for exam in exams.coming(edited(request, slug).course)]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


@router.post("/courses/{slug}/exams", response={201: ExamOut, **PROBLEMS})
async def set_exam(request: HttpRequest, slug: str, wish: ExamIn) -> Status[dict[str, Any]]:
    def set_it() -> dict[str, Any]:
        visit = edited(request, slug)
        if wish.starts.tzinfo is None or wish.ends.tzinfo is None:
            raise CpuFault(_("Say the zone of both moments, as 2027-06-01T09:00:00+10:00."))
        return exam_out(exams.set_exam(visit.course, wish.starts, wish.ends, visit.person))

    return Status(HTTPStatus.CREATED, await database_sync_to_async(set_it)())


@router.delete("/courses/{slug}/exams/{pk}", response={204: None, **PROBLEMS})
async def remove_exam(request: HttpRequest, slug: str, pk: PK) -> Status[None]:
    def remove() -> None:
        visit = edited(request, slug)
        exams.remove_exam(visit.course, pk, visit.person)

    await database_sync_to_async(remove)()
    return Status(HTTPStatus.NO_CONTENT, None)
