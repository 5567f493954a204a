"""The pages for who is in a course: an exercise by itself, and how far they are."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from courses.addresses import Visit, course_of
from marks import catalogue
from marks.catalogue import BrokenExercise, NoExercise
from marks.grid import grid_of, lines_of
from marks.models import MarkChange

CHANGES_SHOWN_MAX = 100


@login_required
@require_GET
@never_cache
def exercise_page(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = course_of(request, slug)
    try:
        _edition, exercise = catalogue.shown_to(visit, name)
    except NoExercise:
        raise Http404 from None
    except BrokenExercise:
        return render(request, "marks/broken.html", {"visit": visit, "name": name}, status=409)
    return render(request, "marks/exercise.html", {"visit": visit, "exercise": exercise})


@login_required
@require_GET
@never_cache
def progress_page(request: HttpRequest, slug: str) -> HttpResponse:
    return show_progress(request, course_of(request, slug))


def show_progress(request: HttpRequest, visit: Visit) -> HttpResponse:
    grid = grid_of(visit.course, [visit.person])
    [row] = grid.rows
    changes = MarkChange.objects.filter(course=visit.course, person=visit.person).select_related("by", "attempt")
    context = {
        "visit": visit,
        "row": row,
        "lines": lines_of(grid, teaches=visit.teaches),
        "changes": changes[:CHANGES_SHOWN_MAX],
    }
    return render(request, "marks/progress.html", context)
