"""The page of a course, its tutorials, and the pictures in them: what was published, as students see it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from courses import editions
from courses.addresses import Visit, course_of
from files.content import manner_of
from files.media_types import GUESS_BYTES
from tutorial.listing import tutorials_of
from tutorial.page import Page
from tutorial.presenting import Neighbours, Shown, present
from tutorial.references import EXERCISES
from tutorial.shelf import ENDING, published_page
from tutorial.sources import EditionFiles

# The site's own, pictures of its own, and what programs print as a picture or page.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


@login_required
@require_GET
def course_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = course_of(request, slug)
    context = {
        "visit": visit,
        "course": visit.course,
        "here": "tutorials",
        "tutorials": tutorials_of(visit.course, visit.person),
    }
    return render(request, "tutorial/course.html", context)


@login_required
@require_GET
def tutorial_page(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = course_of(request, slug)
    edition = editions.shown(visit.course)
    page = published_page(edition, slug, name) if edition else None
    if edition is None or page is None or not (visit.teaches or page.dates.is_readable(timezone.now())):
        raise Http404
    files = EditionFiles(edition)
    return show(request, visit, present(page, visit, files, visit.workplace), neighbours(visit, page))


def neighbours(visit: Visit, page: Page) -> Neighbours:
    """The tutorials before and after, of those that may be read."""
    entries = [entry for entry in tutorials_of(visit.course, visit.person) if entry.address]
    at = next((number for number, entry in enumerate(entries) if entry.name == page.name), None)
    if at is None:
        return Neighbours()
    return Neighbours(entries[at - 1] if at else None, entries[at + 1] if at + 1 < len(entries) else None)


def show(request: HttpRequest, visit: Visit, shown: Shown, beside: Neighbours) -> HttpResponse:
    context = {"visit": visit, "course": visit.course, "shown": shown, "beside": beside}
    response = render(request, "tutorial/page.html", context)
    response.headers["Content-Security-Policy"] = POLICY
    return response


@login_required
@require_safe
def course_file(request: HttpRequest, slug: str, file: str) -> HttpResponse:
    """A picture or other file beside the tutorials."""
    edition = editions.shown(course_of(request, slug).course)
    if edition is None:
        raise Http404
    return send(request, EditionFiles(edition), file, f'"{edition.pk}"')


def send(request: HttpRequest, files: EditionFiles, name: str, etag: str) -> HttpResponse:
    """Raises Http404, as for texts of tutorials and exercises: solutions and hidden tests are among them."""
    if is_source(name):
        raise Http404
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("If-None-Match") == etag and name in files:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    content = files.get(name)
    if content is None:
        raise Http404
    return HttpResponse(content, headers=headers | manners(name, content))


def manners(name: str, content: bytes) -> dict[str, str]:
    manner = manner_of(name.rpartition("/")[2].encode(), content[:GUESS_BYTES])
    return {
        "Content-Type": manner.content_type,
        "Content-Security-Policy": manner.policy,
        "Content-Disposition": "attachment" if manner.is_download else "inline",
        "X-Frame-Options": manner.frames,
    }


def is_source(name: str) -> bool:
    parts = name.split("/")
    return (
        parts[0].lower() == EXERCISES
        or any(part.startswith(".") for part in parts)
        or (len(parts) == 1 and name.lower().endswith(ENDING))
    )
