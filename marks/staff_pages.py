"""The pages for who teaches a course: everybody's marks, one exercise, one student, every change; and the CSV."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Person
from courses import cells, looks
from courses.addresses import Visit, edited_course, taught_course
from courses.models import Edition, Membership
from exercises.exercise import Exercise
from marks import catalogue, figures, remarking, showing, standing, words
from marks.catalogue import BrokenExercise, NoExercise
from marks.forms import AgainForm, HandForm
from marks.grid import SHOWN, Line, chosen, columns_of, grid_of, table_of
from marks.models import Attempt, ConditionsChange, Mark, MarkChange, Remarking

CHANGES_ON_A_PAGE: Final = 100
ROWS_ON_A_PAGE: Final = 200


@login_required
@require_GET
@never_cache
def marks_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = taught_course(request, slug)
    asked = {name: request.GET.get(name, "") for name in ("q", "show", "order")}
    show = asked["show"] if asked["show"] in SHOWN else "all"
    grid = grid_of(visit.course)
    page = Paginator(chosen(grid, asked["q"], show, asked["order"]), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "visit": visit,
        "columns": grid.columns,
        "groups": grid.groups,
        "page": page,
        "count": len(grid.rows),
        "search": asked["q"],
        "show": show,
        "order": asked["order"],
        "waiting": standing.waiting_count(visit.course),
    }
    return render(request, "marks/grid.html", context)


@login_required
@require_GET
@never_cache
def export(request: HttpRequest, slug: str) -> HttpResponse:
    visit = taught_course(request, slug)
    answer = HttpResponse(cells.table(table_of(grid_of(visit.course))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="marks-{visit.course.slug}.csv"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def exercise_marks(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """How an exercise went; for lecturers, with the button that marks it again."""
    posted = request.method == "POST"
    visit = (edited_course if posted else taught_course)(request, slug)
    column = next((column for column in columns_of(visit.course) if column.name == name), None)
    if column is None:
        raise Http404
    form = AgainForm(request.POST if posted else None)
    if posted and form.is_valid():
        try:
            remarking.begin(visit.course, name, visit.person, form.cleaned_data["why"])
            return redirect("course_marks_exercise", slug, name)
        except remarking.UnderWay:
            form.add_error(None, words.remarked_already())
        except (NoExercise, BrokenExercise):
            form.add_error(None, words.not_there())
    again = Remarking.objects.filter(course=visit.course, exercise=name).select_related("by")
    context = {
        "visit": visit,
        "column": column,
        "figures": figures.figures_of(visit.course, name),
        "form": form,
        "again": [(one, remarking.left(one), one.changed.count()) for one in again[:20]],
    }
    return render(request, "marks/exercise_marks.html", context)


@login_required
@require_GET
@never_cache
def remarking_page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What changed when an exercise was marked again."""
    visit = taught_course(request, slug)
    one = get_object_or_404(Remarking.objects.select_related("by", "edition"), pk=pk, course=visit.course)
    changed = one.changed.select_related("attempt__person").defer("attempt__files", "attempt__report")
    context = {"visit": visit, "one": one, "left": remarking.left(one), "changed": changed}
    return render(request, "marks/remarking.html", context)


def student_of(visit: Visit, login: str) -> Person:
    """Somebody who is in the course, or has something in it. Raises Http404."""
    person = get_object_or_404(Person, username=login)
    about = {"course": visit.course, "person": person}
    if not Membership.objects.filter(**about).exists() and not Mark.objects.filter(**about).exists():
        raise Http404
    return person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def person_page(request: HttpRequest, slug: str, login: str) -> HttpResponse:
    """One student's marks and attempts; for lecturers, with a form to set a mark by hand."""
    posted = request.method == "POST"
    visit = (edited_course if posted else taught_course)(request, slug)
    person = student_of(visit, login)
    form = HandForm(request.POST if posted else None)
    if posted and form.is_valid():
        exercise = exercise_of(visit, request.POST.get("exercise", ""))
        points = form.cleaned_data["points"]
        standing.set_by_hand(visit.course, person, exercise, points, visit.person, form.cleaned_data["why"])
        messages.success(request, _("The mark of %(title)s is changed.") % {"title": exercise.title})
        return redirect("course_marks_person", slug, login)
    looks.note(visit.person, login, looks.ATTEMPT, slug, visit.course)
    grid = grid_of(visit.course, [person])
    [row] = grid.rows
    attempts = Attempt.objects.filter(course=visit.course, person=person).defer("files", "report", "progress")
    changes = MarkChange.objects.filter(course=visit.course, person=person).select_related("by", "attempt")
    tried = defaultdict(list)
    for attempt in attempts:
        tried[attempt.exercise].append(attempt)
    lines = [
        Line(column, cell, attempts=tuple(tried[column.name]))
        for column, cell in zip(grid.columns, row.cells, strict=True)
    ]
    context: dict[str, Any] = {
        "visit": visit,
        "person": person,
        "row": row,
        "lines": lines,
        "form": form,
        "changes": changes[:CHANGES_ON_A_PAGE],
        "chosen": request.POST.get("exercise", ""),
    }
    return render(request, "marks/person.html", context)


def exercise_of(visit: Visit, name: str) -> Exercise:
    """As it is shown, else as it was published last: marks can be set of one that is gone, too. Raises Http404."""
    published = Edition.objects.filter(course=visit.course).order_by("-is_shown", "-number")
    for edition in published:
        exercise = catalogue.find_or_none(edition, name)
        if exercise is not None:
            return exercise
    raise Http404


@login_required
@require_GET
@never_cache
def attempt_page(request: HttpRequest, slug: str, login: str, name: str, number: int) -> HttpResponse:
    """One attempt of a student's: its files and its report, hidden tests among them."""
    visit = taught_course(request, slug)
    person = student_of(visit, login)
    about = {"course": visit.course, "person": person, "exercise": name}
    attempt = get_object_or_404(Attempt.objects.select_related("edition"), number=number, **about)
    looks.note(visit.person, login, looks.ATTEMPT, f"{slug}/{name}/{number}", visit.course)
    title = catalogue.find_or_none(attempt.edition, name)
    context = {
        "visit": visit,
        "person": person,
        "attempt": attempt,
        "title": title.title if title else name,
        "results": [showing.in_words(result) for result in attempt.report["results"]] if attempt.report else (),
    }
    return render(request, "marks/attempt.html", context)


@login_required
@require_GET
@never_cache
def changes_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = taught_course(request, slug)
    changes = MarkChange.objects.filter(course=visit.course).select_related("person", "by", "attempt")
    page = Paginator(changes, CHANGES_ON_A_PAGE).get_page(request.GET.get("page"))
    conditions = ConditionsChange.objects.filter(course=visit.course).select_related("by")[:CHANGES_ON_A_PAGE]
    return render(request, "marks/changes.html", {"visit": visit, "page": page, "conditions": conditions})
