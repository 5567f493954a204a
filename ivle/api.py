"""The JSON API of the site, with its description at /api/openapi.json and a page to try it at /api/docs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

import allowances.api
import courses.api
import files.api
from allowances import api_people as allowances_of_people
from allowances.faults import CpuFault
from console import environments, events, terminals
from console.api import NotAllowed, router
from console.policies import Queued, TooMany
from console.programs import BadStart
from courses import api_people
from courses.faults import CourseFault, TooOften
from editor.api import router as editor_router
from files import (
    api_archive,
    api_changes,
    api_mappings,
    api_previews,
    api_trash,
    api_uploads,
    api_versions,
    words,
)
from files.faults import FileFault
from files.lookup import NotThere
from files.paths import BadPath
from files.version_store import NotKept
from ivle.json_bodies import BoundedParser
from marks.api import router as marks_router
from sandbox.consoles import SessionGone
from sandbox.faults import SandboxError

api = NinjaAPI(
    title="ivle",
    version="1",
    description="Send a token of yours as `Authorization: Bearer ivle_...`. You make one on the page Tokens; "
    "to try a call that changes something on this page, press Authorize first.",
    parser=BoundedParser(),
    openapi_url="/openapi.json",
    docs_url="/docs",
)
api.add_router("/consoles", router)
api.add_router("/consoles", events.router)
api.add_router("/terminals", terminals.router)
api.add_router("/environments", environments.router)
api.add_router("/editor", editor_router)
api.add_router("/courses", courses.api.router)
api.add_router("/courses", api_people.router)
api.add_router("/files/mappings", api_mappings.router)
api.add_router("/files", files.api.router)
api.add_router("/files", api_changes.router)
api.add_router("/files", api_archive.router)
api.add_router("/files", api_previews.router)
api.add_router("/files/trash", api_trash.router)
api.add_router("/files/uploads", api_uploads.router)
api.add_router("/files/versions", api_versions.router)
api.add_router("/exercises", marks_router)
api.add_router("/allowances", allowances.api.router)
api.add_router("/allowances", allowances_of_people.router)

Handler = Callable[[HttpRequest, Any], HttpResponse]


def answering(status: int, sentence: str = "") -> Handler:
    """With the fault's own sentence, unless it is for the log."""

    def handler(request: HttpRequest, fault: Exception) -> HttpResponse:
        return api.create_response(request, {"detail": sentence or str(fault)}, status=status)

    return handler


api.add_exception_handler(BadStart, answering(400))
api.add_exception_handler(NotAllowed, answering(403))
api.add_exception_handler(SessionGone, answering(404, "There is no such console."))
api.add_exception_handler(TooMany, answering(409))
api.add_exception_handler(SandboxError, answering(503, "Consoles cannot be reached right now. Try again in a moment."))


@api.exception_handler(Queued)
def on_queued(request: HttpRequest, queued: Queued) -> HttpResponse:
    response = api.create_response(request, {"detail": str(queued), "place": queued.place}, status=503)
    response.headers["Retry-After"] = str(queued.retry_after_seconds)
    return response


@api.exception_handler(FileFault)
def on_file_fault(request: HttpRequest, fault: FileFault) -> HttpResponse:
    return api.create_response(request, fault.about(), status=fault.status)


@api.exception_handler(CourseFault)
def on_course_fault(request: HttpRequest, fault: CourseFault) -> HttpResponse:
    response = api.create_response(request, fault.about(), status=fault.status)
    if isinstance(fault, TooOften):
        response.headers["Retry-After"] = str(fault.seconds)
    return response


@api.exception_handler(CpuFault)
def on_cpu_fault(request: HttpRequest, fault: CpuFault) -> HttpResponse:
    return api.create_response(request, {"detail": str(fault)}, status=fault.status)


@api.exception_handler(NotThere)
@api.exception_handler(BadPath)
def on_nothing_there(request: HttpRequest, fault: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": words.not_there()}, status=404)


@api.exception_handler(NotKept)
def on_nothing_kept(request: HttpRequest, fault: NotKept) -> HttpResponse:
    return api.create_response(request, {"detail": words.not_kept()}, status=404)
