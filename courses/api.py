"""The JSON API of courses: mine, making, settings, copies, joining, terms, looks. ivle/api.py puts it up, with
api_people.py."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from channels.db import database_sync_to_async
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from accounts.authentication import BySession, ByToken, person_of
from accounts.models import Person
from courses import access, joining, looks, making
from courses.addresses import Visit, visit_of
from courses.faults import CourseFault, NotAllowed
from courses.models import TITLE_MAX_CHARACTERS, Look, Membership, Role, Term

LOOKS_MAX = 500
router = Router(auth=[ByToken(), BySession()], tags=["courses"])
Title = Annotated[str, Field(min_length=1, max_length=TITLE_MAX_CHARACTERS)]
Slug = Annotated[str, Field(max_length=48)]  # what is wrong with one, making.py says in words


class Problem(Schema):
    detail: str


class TermOut(Schema):
    name: str
    starts: date
    ends: date


class CourseOut(Schema):
    """`environment` is what its programs run in, "" the standard one. `role` is yours. `join_code` is told to
    lecturers; null: nobody joins by a code."""

    slug: str
    title: str
    term: TermOut
    is_open: bool
    environment: str
    role: Role
    join_code: str | None


class CourseIn(Schema):
    """`term` is the name of one that there is. An empty `slug` is made of the title."""

    title: Title
    term: str
    slug: Slug = ""


class ChangesIn(Schema):
    """What is left out stays as it is."""

    title: Title | None = None
    term: str | None = None
    is_open: bool | None = None
    environment: str | None = Field(None, max_length=32)


class CopyIn(Schema):
    term: str
    title: Title | None = None
    slug: Slug = ""


class JoinIn(Schema):
    code: str = Field(max_length=64)


class CodeOut(Schema):
    join_code: str | None


class LookOut(Schema):
    """One thing in one hour. `path` is percent-encoded; for a console it is its title. No `course`: the viewer is an
    administrator."""

    viewer: str
    owner: str
    course: str | None
    what: str
    path: str
    at: datetime


PROBLEMS: dict[int, Any] = dict.fromkeys((400, 403, 404, 409, 429), Problem)


def out(visit: Visit) -> dict[str, Any]:
    course = visit.course
    return {
        "slug": course.slug,
        "title": course.title,
        "term": course.term,
        "is_open": course.is_open,
        "environment": course.environment,
        "role": visit.role,
        "join_code": course.join_code if visit.edits else None,
    }


def edited(person: Person, slug: str) -> Visit:
    """Raises Http404, and NotAllowed for who is in the course and no lecturer."""
    visit = visit_of(person, slug)
    if not visit.edits:
        raise NotAllowed(_("Only lecturers of this course can do that."))
    return visit


def term_named(name: str) -> Term:
    """Raises CourseFault."""
    term = Term.objects.filter(name=name).first()
    if term is None:
        raise CourseFault(_("There is no term of that name."))
    return term


def maker(person: Person) -> Person:
    """Raises NotAllowed."""
    if not access.may_make(person):
        raise NotAllowed(_("You may not make courses. Ask your administrator."))
    return person


@router.get("", response={200: list[CourseOut], **PROBLEMS})
async def list_courses(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that you are in, the newest term first."""

    def find() -> list[dict[str, Any]]:
        person = person_of(request)
        mine = Membership.objects.filter(person=person).select_related("course__term").order_by("-course__term__starts")
        return [out(Visit(person, one.course, Role(one.role))) for one in mine]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


@router.post("", response={201: CourseOut, **PROBLEMS})
async def make_course(request: HttpRequest, wish: CourseIn) -> Status[dict[str, Any]]:
    """With you as its lecturer. Not everybody may."""

    def make() -> dict[str, Any]:
        person = maker(person_of(request))
        course = making.make_course(person, wish.title, term_named(wish.term), wish.slug)
        return out(Visit(person, course, Role.LECTURER))

    return Status(HTTPStatus.CREATED, await database_sync_to_async(make)())


@router.get("/terms", response={200: list[TermOut], **PROBLEMS})
async def list_terms(request: HttpRequest) -> list[Term]:
    found: list[Term] = await database_sync_to_async(lambda: list(Term.objects.all()))()
    return found


@router.post("/terms", response={201: TermOut, **PROBLEMS})
async def make_term(request: HttpRequest, wish: TermOut) -> Status[Term]:
    def make() -> Term:
        maker(person_of(request))
        return making.make_term(wish.name, wish.starts, wish.ends)

    return Status(HTTPStatus.CREATED, await database_sync_to_async(make)())


@router.post("/join", response={200: CourseOut, **PROBLEMS})
async def join_course(request: HttpRequest, wish: JoinIn) -> dict[str, Any]:
    """With a code that you were given. Guessing is slowed down."""

    def join() -> dict[str, Any]:
        membership = joining.join(person_of(request), wish.code)
        return out(Visit(membership.person, membership.course, Role(membership.role)))

    found: dict[str, Any] = await database_sync_to_async(join)()
    return found


@router.get("/looks", response={200: list[LookOut], **PROBLEMS})
async def list_looks(request: HttpRequest) -> list[dict[str, Any]]:
    """Who looked at your things, the latest 500."""

    def find() -> list[dict[str, Any]]:
        return [look_out(look) for look in looks.looks_at(person_of(request))[:LOOKS_MAX]]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


@router.get("/{slug}", response={200: CourseOut, **PROBLEMS})
async def get_course(request: HttpRequest, slug: str) -> dict[str, Any]:
    found: dict[str, Any] = await database_sync_to_async(lambda: out(visit_of(person_of(request), slug)))()
    return found


@router.patch("/{slug}", response={200: CourseOut, **PROBLEMS})
async def change_course(request: HttpRequest, slug: str, wish: ChangesIn) -> dict[str, Any]:
    def change() -> dict[str, Any]:
        visit = edited(person_of(request), slug)
        course = visit.course
        term = course.term if wish.term is None else term_named(wish.term)
        is_open = course.is_open if wish.is_open is None else wish.is_open
        making.change_course(course, wish.title or course.title, term, is_open=is_open, environment=wish.environment)
        return out(visit)

    found: dict[str, Any] = await database_sync_to_async(change)()
    return found


@router.post("/{slug}/copy", response={201: CourseOut, **PROBLEMS})
async def copy_course(request: HttpRequest, slug: str, wish: CopyIn) -> Status[dict[str, Any]]:
    """Its lecturers and what was published last, in another term."""

    def copy() -> dict[str, Any]:
        visit = edited(maker(person_of(request)), slug)
        copied = making.copy_course(visit.course, visit.person, term_named(wish.term), wish.slug, wish.title or "")
        return out(Visit(visit.person, copied, Role.LECTURER))

    return Status(HTTPStatus.CREATED, await database_sync_to_async(copy)())


@router.post("/{slug}/code", response={200: CodeOut, **PROBLEMS})
async def renew_code(request: HttpRequest, slug: str) -> dict[str, Any]:
    """A new code to join with. The old one leads nowhere any more."""

    def renew() -> dict[str, Any]:
        return {"join_code": joining.renew(edited(person_of(request), slug).course)}

    found: dict[str, Any] = await database_sync_to_async(renew)()
    return found


@router.delete("/{slug}/code", response={204: None, **PROBLEMS})
async def turn_code_off(request: HttpRequest, slug: str) -> Status[None]:
    await database_sync_to_async(lambda: joining.turn_off(edited(person_of(request), slug).course))()
    return Status(HTTPStatus.NO_CONTENT, None)


@router.get("/{slug}/log", response={200: list[LookOut], **PROBLEMS})
async def read_log(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Who looked at whose things because of this course, the latest 500. For lecturers."""

    def find() -> list[dict[str, Any]]:
        course = edited(person_of(request), slug).course
        return [look_out(look) for look in looks.looks_in(course)[:LOOKS_MAX]]

    found: list[dict[str, Any]] = await database_sync_to_async(find)()
    return found


def look_out(look: Look) -> dict[str, Any]:
    return {
        "viewer": look.viewer.username,
        "owner": look.owner.username,
        "course": look.course.slug if look.course else None,
        "what": look.what,
        "path": look.path,
        "at": look.at,
    }
