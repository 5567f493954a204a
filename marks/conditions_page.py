"""The page on which lecturers say what each exercise weighs, when it is due and when it closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses import editions
from courses.addresses import Visit, edited_course
from courses.models import Course
from marks import catalogue, standing
from marks.forms import ConditionsForm
from marks.grid import Column, columns_of
from marks.models import Conditions, ConditionsChange


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
    lines = [Line(column, form_of(column, known.get(column.name), posted)) for column in columns_of(visit.course)]
    sent = [line.form for line in lines if line.form.is_bound]
    if posted is not None and all(form.is_valid() for form in sent):
        changed = [line for line in lines if line.form in sent and line.form.has_changed()]
        for line in changed:
            keep(visit, line)
        if any("due" in line.form.changed_data for line in changed):
            messages.success(request, _("The conditions are changed, and all marks counted anew."))
        elif changed:
            messages.success(request, _("The conditions are changed."))
        return redirect("course_marks_conditions", slug)
    return render(request, "marks/conditions.html", {"visit": visit, "lines": lines})


def form_of(column: Column, known: Conditions | None, posted: Mapping[str, object] | None) -> ConditionsForm:
    """Named after its exercise: a new edition may have others by the time it is sent, which are let alone."""
    initial = {name: getattr(known, name) for name in ("weight", "due", "closes")} if known else {}
    posted = posted if posted and f"{column.name}-weight" in posted else None
    return ConditionsForm(posted, prefix=column.name, initial=initial, title=column.title)


def keep(visit: Visit, line: Line) -> None:
    """Only when it is due says anything of marks that there are; weights are in no mark, and what closes is over."""
    changed = line.form.changed_data
    about: dict[str, Any] = {"course": visit.course, "exercise": line.column.name}
    with transaction.atomic():
        Conditions.objects.update_or_create(**about, defaults=line.form.cleaned_data)
        ConditionsChange.objects.bulk_create(
            ConditionsChange(
                **about,
                what=name,
                before=as_text(line.form.initial.get(name)),
                after=as_text(line.form.cleaned_data[name]),
                by=visit.person,
            )
            for name in changed
        )
        if "due" in changed:
            count_anew(visit.course, line.column.name, visit)


def as_text(value: float | datetime | None) -> str:
    """ "" for none."""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return "" if value is None else f"{value:g}"


def count_anew(course: Course, name: str, visit: Visit) -> None:
    exercise = catalogue.find_or_none(editions.shown(course), name)
    if exercise is not None:
        standing.count_everybody(course, exercise, visit.person, _("The dates of the exercise were changed."))
