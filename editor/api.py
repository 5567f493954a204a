"""The JSON API of the editor: what is wrong with a text, its usual form, its draft. ivle/api.py puts it up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from channels.db import database_sync_to_async
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from accounts.authentication import BySession, ByToken, person_of
from editor import drafts, words
from editor.drafts import Kept, TooLarge
from editor.file_path import is_python, parts_of
from editor.format import NotPython, formatted
from editor.lint import Edit, Place, Problem, Problems, lint
from editor.questions import Busy, Questions
from editor.ruff import TEXT_MAX_BYTES, TooLong, TooMuch

PATH_MAX_CHARACTERS = 12288
router = Router(auth=[ByToken(), BySession()], tags=["editor"])
questions = Questions()
Result = TypeVar("Result")


class Fault(Schema):
    detail: str


class TextIn(Schema):
    """A `path` is percent-encoded and counts from your home. The text need not be what is saved there."""

    path: str = Field(max_length=PATH_MAX_CHARACTERS)
    text: str


class PlaceOut(Schema):
    """Both count from 1; columns are whole characters, also where JavaScript has two units for one."""

    line: int
    column: int


class EditOut(Schema):
    begin: PlaceOut = Field(alias="from")
    end: PlaceOut = Field(alias="to")
    text: str


class FixOut(Schema):
    label: str
    edits: list[EditOut]


class ProblemOut(Schema):
    """`severity` is error, for what will not run well, or warning."""

    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    message: str
    severity: str
    fix: FixOut | None


class ProblemsOut(Schema):
    """At most 200, and how many `more` there are at least."""

    problems: list[ProblemOut]
    more: int


class FormattedOut(Schema):
    text: str


class DraftIn(Schema):
    text: str
    base_etag: str = Field("", max_length=200)


class DraftOut(Schema):
    """`base_etag` is that of the file as it was opened, empty where there was none."""

    text: str
    base_etag: str
    saved: datetime


FAULTS: dict[int, Any] = dict.fromkeys((400, 403, 404, 413, 503), Fault)


@router.post("/lint", response={200: ProblemsOut, **FAULTS}, by_alias=True)
async def lint_text(request: HttpRequest, asked: TextIn) -> dict[str, Any]:
    """What is wrong with a Python text. Texts of other kinds have no problems."""
    if not is_python(parts_of(asked.path)):
        return as_json(Problems((), 0))
    return as_json(await ask(request, lint, asked.text))


@router.post("/format", response={200: FormattedOut, **FAULTS})
async def format_text(request: HttpRequest, asked: TextIn) -> dict[str, str]:
    """A Python text in the usual form."""
    if not is_python(parts_of(asked.path)):
        raise HttpError(HTTPStatus.BAD_REQUEST, words.only_python())
    return {"text": await ask(request, formatted, asked.text)}


async def ask(request: HttpRequest, question: Callable[[str], Result], text: str) -> Result:
    try:
        return await questions.ask(person_of(request).username, question, text)
    except Busy:
        raise HttpError(HTTPStatus.SERVICE_UNAVAILABLE, words.busy()) from None
    except TooLong:
        raise HttpError(HTTPStatus.BAD_REQUEST, words.too_long(TEXT_MAX_BYTES // 1024)) from None
    except TooMuch:
        raise HttpError(HTTPStatus.BAD_REQUEST, words.too_much()) from None
    except NotPython as fault:
        raise HttpError(HTTPStatus.BAD_REQUEST, str(fault)) from None


@router.get("/draft", response={200: DraftOut, 204: None, **FAULTS})
async def get_draft(request: HttpRequest, path: str) -> Kept | Status[None]:
    """What you had typed into a file and not saved. 204: there is nothing of the kind, as for most files."""
    kept: Kept | None = await database_sync_to_async(drafts.find)(person_of(request), parts_of(path))
    return kept or Status(HTTPStatus.NO_CONTENT, None)


@router.put("/draft", response={200: DraftOut, **FAULTS})
async def put_draft(request: HttpRequest, path: str, draft: DraftIn) -> Kept:
    """Keeps a text for 30 days, or until you save the file."""
    keep = database_sync_to_async(drafts.keep)
    try:
        kept: Kept = await keep(person_of(request), parts_of(path), draft.text, draft.base_etag)
    except TooLarge:
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words.draft_too_large()) from None
    return kept


@router.delete("/draft", response={204: None, **FAULTS})
async def delete_draft(request: HttpRequest, path: str) -> Status[None]:
    await database_sync_to_async(drafts.forget)(person_of(request), parts_of(path))
    return Status(HTTPStatus.NO_CONTENT, None)


def as_json(found: Problems) -> dict[str, Any]:
    return {"problems": [problem_as_json(problem) for problem in found.shown], "more": found.more}


def problem_as_json(problem: Problem) -> dict[str, Any]:
    fix = problem.fix
    return {
        "line": problem.begin.line,
        "column": problem.begin.column,
        "end_line": problem.end.line,
        "end_column": problem.end.column,
        "code": problem.code,
        "message": problem.message,
        "severity": problem.severity,
        "fix": {"label": fix.label, "edits": [edit_as_json(edit) for edit in fix.edits]} if fix else None,
    }


def edit_as_json(edit: Edit) -> dict[str, Any]:
    return {"from": place_as_json(edit.begin), "to": place_as_json(edit.end), "text": edit.text}


def place_as_json(place: Place) -> dict[str, int]:
    return {"line": place.line, "column": place.column}
