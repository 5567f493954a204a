"""The page on which lecturers say what each exercise weighs, when it is due and when it closes."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses import editions
from courses.addresses import Visit, edited_course
from courses.models import Course
from marks import catalogue, standing
from marks.forms import ConditionsForm
from marks.grid import Column, columns_of
from marks.models import Conditions


@dataclass(frozen=True)
class Line:
    column: Column
    form: ConditionsForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def conditions_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = edited_course(request, slug)
    posted = request.POST if request.method == "POST" else None
    known = {one.exercise: one for one in Conditions.objects.filter(course=visit.course)}
    lines = [
        Line(column, form_of(index, column, known.get(column.name), posted))
        for index, column in enumerate(columns_of(visit.course))
    ]
    if posted is not None and all(line.form.is_valid() for line in lines):
        changed = [line for line in lines if line.form.has_changed()]
        for line in changed:
            keep(visit, line)
        if changed:
            messages.success(request, _("The conditions are changed, and all marks counted anew."))
        return redirect("course_marks_conditions", slug)
    return render(request, "marks/conditions.html", {"visit": visit, "lines": lines})


def form_of(index: int, column: Column, known: Conditions | None, posted: object) -> ConditionsForm:
    initial = {name: getattr(known, name) for name in ("weight", "due", "closes")} if known else {}
    return ConditionsForm(posted, prefix=str(index), initial=initial, title=column.title)


def keep(visit: Visit, line: Line) -> None:
    with transaction.atomic():
        Conditions.objects.update_or_create(
            course=visit.course, exercise=line.column.name, defaults=line.form.cleaned_data
        )
        count_anew(visit.course, line.column.name, visit)


def count_anew(course: Course, name: str, visit: Visit) -> None:
    exercise = catalogue.find_or_none(editions.shown(course), name)
    if exercise is not None:
        standing.count_everybody(course, exercise, visit.person, _("The dates of the exercise were changed."))
