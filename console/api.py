"""The JSON API of consoles: list, start, type, read, resize, interrupt, restart, end. ivle/api.py puts it up."""

from __future__ import annotations

import base64
import binascii
import os
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError

from accounts.authentication import BySession, ByToken, credential_of, person_of
from accounts.models import Person
from console import access, remote, words
from console.displays import display_response
from console.policies import TooMany
from console.programs import BadStart, Program
from console.protocol import EXTENT_MAX, OFFSET_MAX
from console.rights import still_hold
from console.rows import Row
from console.starting import SIZE, end_console, find_console, open_console, restart_console
from files.api import CONTENT_BODY, save_content
from files.shapes import ConflictOut, PathText, SavedOut
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo, Size
from sandbox.faults import SandboxError

INPUT_MAX_CHARACTERS = 256 * 1024
WAIT_MAX_SECONDS = 25.0
router = Router(auth=[ByToken(), BySession()], tags=["consoles"])
Extent = Annotated[int, Field(ge=1, le=EXTENT_MAX)]


class NotAllowed(Exception):
    """To somebody who may see the console. Its text is a sentence."""


class Problem(Schema):
    detail: str


class ConsoleOut(Schema):
    """`ended` is a sentence, empty while the program runs. Offsets count the bytes of its output."""

    id: str
    name: str
    title: str
    program: str
    owner: str
    started: datetime
    last_input: datetime
    ended: str
    watchers: list[str]
    rows: int
    columns: int
    start_offset: int
    end_offset: int
    cpu_left_seconds: float
    cpu_limit_seconds: float
    memory_bytes: int | None


class StartIn(Schema):
    """What to start. With a `file`, that runs; or with its `path`, which is percent-encoded as the API of files has it,
    so that a name need not be text. `after` says whether the prompt follows; the file `setup` runs first, among the
    same names. A `name` that is taken gives the console that has it. `policy`: single is one for all your pages,
    unique ends when its watcher leaves. `environment` is what it runs in, unless the file asks for another."""

    program: Literal["python", "ipython", "bash"] = "python"
    file: str = Field("", max_length=4096)
    path: str = Field("", max_length=12288, pattern=r"^[!-~]*$")
    arguments: str = Field("", max_length=4096)
    setup: str = Field("", max_length=4096)
    environment: str = Field("", max_length=32)
    after: Literal["", "prompt"] = ""
    policy: Literal["named", "unique", "single"] = "named"
    name: str = Field("", pattern=r"^\w{0,32}$")
    rows: Extent = SIZE.rows
    columns: Extent = SIZE.columns

    def what(self) -> Program:
        """Raises BadStart."""
        file = os.fsdecode(unquote_to_bytes(self.path)) if self.path else self.file
        return Program.read(self.program, file, self.arguments, self.after, self.setup, self.environment)


class InputIn(Schema):
    """One of the two: text, or any bytes in base64."""

    text: str = Field("", max_length=INPUT_MAX_CHARACTERS)
    base64: str = Field("", max_length=INPUT_MAX_CHARACTERS)


class InputOut(Schema):
    """How many bytes the program's terminal took; the rest was not typed, since the program does not read."""

    typed: int


class SizeIn(Schema):
    rows: Extent
    columns: Extent


class OutputOut(Schema):
    """Output from `offset` to `end`, where the next question goes on. An `offset` above the one that was asked for:
    what lies between is no longer kept. `text` is the same as UTF-8, for reading; what is cut in two at an end of it
    shows as U+FFFD, which `base64` does not do."""

    offset: int
    end: int
    text: str
    base64: str
    ended: str


class OutputQuery(Schema):
    offset: int = Field(0, ge=0, le=OFFSET_MAX)
    wait_seconds: float = Field(0.0, ge=0, le=WAIT_MAX_SECONDS)


class SavedAndRunOut(SavedOut):
    """`restarted`: whether the program runs anew."""

    restarted: bool


PROBLEMS: dict[int, Any] = dict.fromkeys((400, 403, 404, 409, 503), Problem)


def owned(info: SessionInfo, person: Person) -> SessionInfo:
    """Raises NotAllowed for somebody who only may watch."""
    if not access.is_owner(person, info.owner):
        raise NotAllowed(words.only_owner(info.owner))
    return info


@router.get("", response={200: list[ConsoleOut], **PROBLEMS})
async def list_consoles(request: HttpRequest, owner: str = "") -> list[Row]:
    """Your consoles, oldest first; or a student's whom you teach."""
    person = person_of(request)
    owner = owner or person.username
    if not await database_sync_to_async(access.may_see_list)(person, owner):
        raise SessionGone("not yours to see")
    return [Row.of(info) for info in await consoles.list_sessions(settings.IVLE_SANDBOX_SOCKET, owner)]


@router.post("", response={201: ConsoleOut, **PROBLEMS})
async def start_console(request: HttpRequest, start: StartIn) -> Status[Row]:
    """A console with the program running in it."""
    program = start.what()
    size = Size(start.rows, start.columns)
    info = await open_console(person_of(request).username, program, start.policy, start.name, size)
    return Status(HTTPStatus.CREATED, Row.of(info))


@router.get("/{session_id}", response={200: ConsoleOut, **PROBLEMS})
async def get_console(request: HttpRequest, session_id: str) -> Row:
    return Row.of(await find_console(person_of(request), session_id))


@router.delete("/{session_id}", response={204: None, **PROBLEMS})
async def delete_console(request: HttpRequest, session_id: str) -> Status[None]:
    """Ends the program and the console."""
    person = person_of(request)
    info = await find_console(person, session_id)
    if not access.may_end(person, info.owner):
        raise NotAllowed(words.only_owner(info.owner))
    await end_console(info.id)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/{session_id}/input", response={200: InputOut, **PROBLEMS})
async def type_into_console(request: HttpRequest, session_id: str, typed: InputIn) -> dict[str, int]:
    """Types. A line ends with a carriage return, as Enter does."""
    person = person_of(request)
    info = owned(await find_console(person, session_id), person)
    try:
        data = base64.b64decode(typed.base64, validate=True) if typed.base64 else typed.text.encode()
    except (ValueError, binascii.Error, UnicodeError):
        raise HttpError(HTTPStatus.BAD_REQUEST, words.not_base64()) from None
    return {"typed": await remote.type_in(info, person, data) if data else 0}


@router.get("/{session_id}/output", response={200: OutputOut, **PROBLEMS})
async def read_console(request: HttpRequest, session_id: str, query: Query[OutputQuery]) -> dict[str, Any]:
    """Output from an offset on; with `wait_seconds`, waits so long for some where there is none."""
    person = person_of(request)
    info = await find_console(person, session_id)
    piece = await remote.read_output(info, person, query.offset, query.wait_seconds)
    if query.wait_seconds and not await still_hold(credential_of(request), info):
        raise SessionGone("a right that is gone")
    return {
        "offset": piece.offset,
        "end": piece.offset + len(piece.data),
        "text": piece.data.decode("utf-8", "replace"),
        "base64": base64.b64encode(piece.data).decode("ascii"),
        "ended": Row.of(info).ended,
    }


@router.post("/{session_id}/size", response={204: None, **PROBLEMS})
async def resize_console(request: HttpRequest, session_id: str, size: SizeIn) -> Status[None]:
    person = person_of(request)
    await remote.resize(owned(await find_console(person, session_id), person), person, Size(size.rows, size.columns))
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/{session_id}/interrupt", response={204: None, **PROBLEMS})
async def interrupt_console(request: HttpRequest, session_id: str) -> Status[None]:
    """Ctrl-C, ahead of all input that waits."""
    person = person_of(request)
    await remote.interrupt(owned(await find_console(person, session_id), person), person)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/{session_id}/restart", response={200: ConsoleOut, **PROBLEMS})
async def restart_program(request: HttpRequest, session_id: str) -> Row:
    """The same program again, in the same console, with a fresh CPU minute."""
    person = person_of(request)
    return Row.of(await restart_console(owned(await find_console(person, session_id), person)))


@router.put(
    "/{session_id}/file",
    response={200: SavedAndRunOut, 201: SavedAndRunOut, 412: ConflictOut, 413: Problem, 507: Problem, **PROBLEMS},
    openapi_extra=CONTENT_BODY,
)
async def save_and_run(request: HttpRequest, session_id: str, path: Query[PathText]) -> Status[dict[str, Any]]:
    """Saves the body as `PUT /api/files/content` does, and then runs this console's program anew, without another
    question in between. What is saved stays saved where there is no such console any more: see `restarted`."""
    saved = await save_content(request, path)
    return Status(saved.status_code, {**saved.value, "restarted": await restarted(person_of(request), session_id)})


async def restarted(person: Person, session_id: str) -> bool:
    try:
        info = await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, session_id)
        if access.is_owner(person, info.owner):
            await restart_console(info)
            return True
    except (SandboxError, BadStart, TooMany):
        pass  # whoever asks starts it as ever, and is told why not
    return False


@router.get("/{session_id}/displays/{int:number}", response={200: None, **PROBLEMS})
async def get_display(request: HttpRequest, session_id: str, number: int) -> HttpResponse:
    """The bytes of a picture or page that a program displayed."""
    info = await find_console(person_of(request), session_id)
    return display_response(await consoles.read_display(settings.IVLE_SANDBOX_SOCKET, info.id, number))
