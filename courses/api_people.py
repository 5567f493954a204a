"""The JSON API of who is in a course: list, add, change, remove, import a roster, links of who has no password yet."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from channels.db import database_sync_to_async
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from accounts.authentication import BySession, ByToken, person_of
from courses import importing, newcomers, people
from courses.addresses import visit_of
from courses.api import PROBLEMS, Problem, edited
from courses.faults import NotAllowed
from courses.models import Membership, Role
from courses.roster import BYTES_MAX, read_roster

router = Router(auth=[ByToken(), BySession()], tags=["people of courses"])


class PersonOut(Schema):
    login: str
    name: str
    role: Role
    is_active: bool


class PersonIn(Schema):
    login: str = Field(max_length=64)
    role: Role = Role.STUDENT


class RoleIn(Schema):
    role: Role


class RosterIn(Schema):
    """`text` is CSV. Without a `digest` you hear what it would do; with the digest of that answer it is done, unless
    meanwhile it would do something else."""

    text: str = Field(max_length=BYTES_MAX)
    digest: str = Field("", max_length=64)


class StepOut(Schema):
    line: int
    login: str
    name: str
    role: Role
    doing: Literal["make", "add", "change", "nothing"]


class PlanOut(Schema):
    """`stay`: how many of the course the roster does not name."""

    is_done: bool
    digest: str
    stay: int
    steps: list[StepOut]


class LineFaultOut(Schema):
    line: int
    reason: str


class RosterProblem(Problem):
    """Nothing was done."""

    faults: list[LineFaultOut] = Field(default_factory=list)


class LinkOut(Schema):
    login: str
    link: str


def person_out(membership: Membership) -> dict[str, Any]:
    person = membership.person
    return {
        "login": person.username,
        "name": person.name,
        "role": membership.role,
        "is_active": person.is_active,
    }


@router.get("/{slug}/people", response={200: list[PersonOut], **PROBLEMS})
async def list_people(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """For lecturers and tutors."""

    def find() -> list[dict[str, Any]]:
        visit = visit_of(person_of(request), slug)
        if not visit.teaches:
            raise NotAllowed(_("Only lecturers and tutors of this course see who is in it."))
        return [person_out(one) for one in visit.course.memberships.select_related("person")]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


@router.post("/{slug}/people", response={201: PersonOut, **PROBLEMS})
async def add_person(request: HttpRequest, slug: str, wish: PersonIn) -> Status[dict[str, Any]]:
    """Somebody who has a login already."""

    def add() -> dict[str, Any]:
        visit = edited(person_of(request), slug)
        return person_out(people.add(visit.course, wish.login, wish.role, visit.person))

    return Status(HTTPStatus.CREATED, await database_sync_to_async(add)())


@router.put("/{slug}/people/{login}", response={200: PersonOut, **PROBLEMS})
async def change_role(request: HttpRequest, slug: str, login: str, wish: RoleIn) -> dict[str, Any]:
    def change() -> dict[str, Any]:
        visit = edited(person_of(request), slug)
        return person_out(people.change_role(visit.course, login, wish.role, visit.person))

    found: dict[str, Any] = await database_sync_to_async(change)()
    return found


@router.delete("/{slug}/people/{login}", response={204: None, **PROBLEMS})
async def remove_person(request: HttpRequest, slug: str, login: str) -> Status[None]:
    """What they handed in stays."""

    def remove() -> None:
        visit = edited(person_of(request), slug)
        people.remove(visit.course, login, visit.person)

    await database_sync_to_async(remove)()
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/{slug}/roster", response={200: PlanOut, **{**PROBLEMS, 400: RosterProblem}})
async def import_roster(request: HttpRequest, slug: str, wish: RosterIn) -> dict[str, Any]:
    """Looks at a roster, then does what it says, in every line or not at all."""

    def look_or_do() -> dict[str, Any]:
        visit = edited(person_of(request), slug)
        roster = read_roster(wish.text.encode("utf-8", "replace"))
        if wish.digest:
            plan = importing.carry_out(visit.course, roster, visit.person, wish.digest)
        else:
            plan = importing.plan(visit.course, roster)
        steps = [{**vars(step.row), "doing": step.doing} for step in plan.steps]
        return {"is_done": bool(wish.digest), "digest": plan.digest, "stay": plan.stay, "steps": steps}

    found: dict[str, Any] = await database_sync_to_async(look_or_do)()
    return found


@router.post("/{slug}/links", response={200: list[LinkOut], **PROBLEMS})
async def make_links(request: HttpRequest, slug: str) -> list[dict[str, str]]:
    """Of all whom a roster of this course made and who have no password yet: where each chooses one, within 14 days."""

    def make() -> list[dict[str, str]]:
        course = edited(person_of(request), slug).course
        return [
            {"login": person.username, "link": request.build_absolute_uri(link)}
            for person, link in newcomers.links(course)
        ]

    found: list[dict[str, str]] = await database_sync_to_async(make)()
    return found
