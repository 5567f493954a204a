"""A course as students would see it, straight out of the folder in which its lecturer writes."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from courses.addresses import Visit, edited_course
from tutorial.linting import lint
from tutorial.listing import Entry
from tutorial.presenting import Neighbours, present
from tutorial.references import Addresses
from tutorial.shelf import ENDING, page_names, read
from tutorial.sources import FolderFiles, NoFolder, folder_of
from tutorial.views import is_source, manners, show

FILE_MAX_BYTES: Final = 16 * 1024 * 1024


@login_required
@require_GET
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    visit = edited_course(request, slug)
    context: dict[str, object] = {
        "visit": visit,
        "course": visit.course,
        "folder": folder_of(visit.person, visit.course),
    }
    try:
        files = FolderFiles(visit.person.username, folder_of(visit.person, visit.course))
    except NoFolder as fault:
        return render(request, "tutorial/preview.html", {**context, "refused": str(fault)})
    context["tutorials"] = [entry for name in page_names(files) if (entry := entry_of(files, name, slug))]
    context["faults"] = lint(files, slug)
    return render(request, "tutorial/preview.html", context)


def entry_of(files: FolderFiles, name: str, slug: str) -> Entry | None:
    addresses = Addresses(slug, is_preview=True)
    try:
        page, _faults = read(files, name, addresses)
    except KeyError:
        return None
    return Entry(name, page.title, page.dates, page.dates.state(timezone.now()), addresses.page(name))


@login_required
@require_GET
def tutorial(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = edited_course(request, slug)
    files = own_files(visit)
    if name + ENDING not in files:
        raise Http404
    try:
        page, _faults = read(files, name, Addresses(slug, is_preview=True))
    except KeyError:
        raise Http404 from None
    faults = tuple(fault for fault in lint(files, slug) if fault.file == name + ENDING)
    source = folder_of(visit.person, visit.course)
    shown = present(page, visit, files, visit.workplace, is_preview=True, faults=faults, source=source)
    return show(request, visit, shown, Neighbours())


@login_required
@require_safe
def file(request: HttpRequest, slug: str, file: str) -> HttpResponse:
    """As it is now; never from a cache."""
    content = None if is_source(file) else own_files(edited_course(request, slug)).get(file)
    if content is None or len(content) > FILE_MAX_BYTES:
        raise Http404
    return HttpResponse(content, headers={"Cache-Control": "no-store", **manners(file, content)})


def own_files(visit: Visit) -> FolderFiles:
    """Raises Http404."""
    try:
        return FolderFiles(visit.person.username, folder_of(visit.person, visit.course))
    except NoFolder:
        raise Http404 from None
