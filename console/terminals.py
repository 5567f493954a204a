"""terminado's REST interface on our consoles: for JupyterLab's terminals and others that know nothing of ours.

Their names are the consoles' names among their owner's. Status codes are jupyter_server's, which its clients insist on.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from accounts.authentication import AsTerminado, person_of
from accounts.models import Person
from console.api import Problem
from console.policies import live
from console.programs import Program
from console.starting import end_console, open_console
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo

router = Router(auth=AsTerminado(), tags=["terminals, as terminado has them"])
View = Callable[..., Awaitable[HttpResponse]]


class JupyterProblem(Problem):
    """`message` says the same once more: it is what JupyterLab shows."""

    message: str


class TerminalOut(Schema):
    name: str
    last_activity: str


class TerminalIn(Schema):
    """`cwd` and whatever else is sent is not heeded: a shell begins in its owner's folder."""

    name: str | None = Field(None, pattern=r"^\w{0,32}$")


def with_message(view: View) -> View:
    @wraps(view)
    async def viewing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = await view(request, *args, **kwargs)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            problem = json.loads(answer.content)
            detail = problem["detail"]
            problem["message"] = detail if isinstance(detail, str) else " ".join(fault["msg"] for fault in detail)
            answer.content = json.dumps(problem).encode()
        return answer

    return viewing


router.add_decorator(with_message, mode="view")


async def terminals_of(person: Person) -> list[SessionInfo]:
    return live(await consoles.list_sessions(settings.IVLE_SANDBOX_SOCKET, person.username))


async def find_terminal(person: Person, name: str) -> SessionInfo:
    """Raises SessionGone, and SandboxError."""
    for info in await terminals_of(person):
        if info.about["name"] == name:
            return info
    raise SessionGone("no console of that name")


def model(info: SessionInfo) -> dict[str, str]:
    last = datetime.fromtimestamp(info.last_input, UTC)
    return {"name": info.about["name"], "last_activity": last.isoformat(timespec="microseconds").replace("+00:00", "Z")}


@router.get("", response=list[TerminalOut])
async def list_terminals(request: HttpRequest) -> list[dict[str, str]]:
    return [model(info) for info in await terminals_of(person_of(request))]


@router.post("", response={200: TerminalOut, 409: JupyterProblem})
async def make_terminal(request: HttpRequest, wish: TerminalIn | None = None) -> dict[str, str]:
    """A shell, or the console that has this name already."""
    name = wish.name if wish else None
    return model(await open_console(person_of(request).username, Program("bash"), name=name or ""))


@router.get("/{name}", response={200: TerminalOut, 404: JupyterProblem})
async def get_terminal(request: HttpRequest, name: str) -> dict[str, Any]:
    return model(await find_terminal(person_of(request), name))


@router.delete("/{name}", response={204: None, 404: JupyterProblem})
async def delete_terminal(request: HttpRequest, name: str) -> HttpResponse:
    info = await find_terminal(person_of(request), name)
    await end_console(info.id)
    return HttpResponse(status=204)
