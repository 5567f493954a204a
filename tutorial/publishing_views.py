"""The page on which a lecturer publishes: out of their folder or a zip, with progress; what was published before."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from channels.db import database_sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.answers import see_other
from courses import editions
from courses.addresses import Visit, edited_course
from courses.editions import BadEdition
from courses.models import Edition
from sandbox.faults import SandboxError
from tutorial.publishing import NotPublished, Told, publish
from tutorial.sources import FolderFiles, NoFolder, folder_of
from tutorial.trying import Progress
from tutorial.zips import read_zip

EDITIONS_SHOWN_MAX: Final = 50
log = logging.getLogger(__name__)
Message = dict[str, Any]


@login_required
@require_GET
def publish_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = edited_course(request, slug)
    context: dict[str, object] = {
        "visit": visit,
        "here": "publish",
        "folder": folder_of(visit.person, visit.course),
        "editions": Edition.objects.filter(course=visit.course).select_related("by")[:EDITIONS_SHOWN_MAX],
        "shown": editions.shown(visit.course),
    }
    try:
        context["count"] = len(FolderFiles(visit.person.username, folder_of(visit.person, visit.course)))
    except NoFolder as fault:
        context["refused"] = str(fault)
    return render(request, "tutorial/publish.html", context)


@login_required
@require_POST
async def start(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Publishes what is in the lecturer's folder. Answers with lines of JSON as it goes: {done, total, what}, and in
    the end {published} or {faults, sentence}. Whoever leaves while something is still tried has published nothing."""
    visit = await database_sync_to_async(edited_course)(request, slug)

    async def files() -> Mapping[str, bytes]:
        folder = await database_sync_to_async(folder_of)(visit.person, visit.course)
        return await asyncio.to_thread(FolderFiles, visit.person.username, folder)

    return as_lines(visit, files)


@login_required
@require_POST
async def import_zip(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The same for a zip."""
    visit = await database_sync_to_async(edited_course)(request, slug)
    sent = request.FILES.get("zip")
    data = await asyncio.to_thread(sent.read) if sent else b""

    async def files() -> Mapping[str, bytes]:
        return await asyncio.to_thread(read_zip, data)

    return as_lines(visit, files)


def as_lines(visit: Visit, files: Callable[[], Awaitable[Mapping[str, bytes]]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines_of(visit, files), content_type="application/x-ndjson")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hand it out when it is over
    response.headers["Cache-Control"] = "no-store"
    return response


async def lines_of(visit: Visit, files: Callable[[], Awaitable[Mapping[str, bytes]]]) -> AsyncIterator[bytes]:
    told: asyncio.Queue[Message] = asyncio.Queue()

    def tell(progress: Progress) -> None:
        told.put_nowait(asdict(progress))

    async def work() -> None:
        try:
            message = await outcome(visit, files, tell)
        except Exception:  # whoever waits must hear of it
            log.exception("%s could not be published", visit.course)
            sentence = _("Nothing was published, by a fault of the site. Try again, or tell your administrator.")
            message = {"faults": [], "sentence": sentence}
        told.put_nowait(message)

    working = asyncio.ensure_future(work())
    try:
        while True:
            message = await told.get()
            yield json.dumps(message).encode() + b"\n"
            if "done" not in message:
                break
    finally:
        working.cancel()


async def outcome(visit: Visit, files: Callable[[], Awaitable[Mapping[str, bytes]]], tell: Told) -> Message:
    try:
        edition = await publish(visit.course, await files(), visit.person, tell)
    except NotPublished as fault:
        sentence = _("Nothing was published. Mend this first:")
        return {"faults": [asdict(one) for one in fault.faults], "sentence": sentence}
    except (NoFolder, BadEdition) as fault:
        return {"faults": [], "sentence": str(fault)}
    except SandboxError:
        sentence = _("Nothing was published: code cannot be run right now, so it could not be tried. Try again soon.")
        return {"faults": [], "sentence": sentence}
    return {"published": edition.number}


@login_required
@require_POST
def hide(request: HttpRequest, slug: str) -> HttpResponse:
    visit = edited_course(request, slug)
    editions.hide(visit.course)
    messages.success(request, _("Students see nothing of this course any more, until you publish again."))
    return back(slug)


@login_required
@require_POST
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One that was published before."""
    edition = edition_of(edited_course(request, slug), request.POST.get("edition", ""))
    editions.show(edition)
    messages.success(request, _("Students see edition %(number)d now.") % {"number": edition.number})
    return back(slug)


@login_required
@require_GET
def export(request: HttpRequest, slug: str) -> HttpResponse:
    edition = edition_of(edited_course(request, slug), request.GET.get("edition", ""))
    try:
        content = editions.place_of(edition).read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    headers = {"Content-Disposition": f'attachment; filename="{slug}-{edition.number}.zip"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def edition_of(visit: Visit, number: str) -> Edition:
    """Raises Http404."""
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    return get_object_or_404(Edition.objects.select_related("course"), course=visit.course, number=int(number))


def back(slug: str) -> HttpResponse:
    return see_other("course_publish", slug)
