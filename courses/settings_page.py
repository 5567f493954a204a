"""The page of a course's settings: title, term, open or over, the code to join, a copy for another term."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.answers import see_other
from courses import access, joining
from courses.addresses import Visit, edited_course
from courses.faults import CourseFault
from courses.forms import CourseForm, SettingsForm
from courses.making import change_course, copy_course
from courses.models import Course, Term
from courses.views import term_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest, slug: str) -> HttpResponse:
    """For lecturers."""
    visit = edited_course(request, slug)
    if request.method != "POST":
        return show_settings(request, visit)
    doing = DOINGS.get(request.POST.get("do", ""))
    return doing(request, visit) if doing else show_settings(request, visit)


def show_settings(request: HttpRequest, visit: Visit, status: int = HTTPStatus.OK, **forms: Any) -> HttpResponse:
    course = visit.course
    code = course.join_code
    context = {
        "visit": visit,
        "form": settings_form(course),
        "copy_form": copy_form(visit),
        "code": joining.spaced(code) if code else "",
        "join_url": request.build_absolute_uri(f"{reverse('course_join')}?code={code}") if code else "",
        "may_make": access.may_make(visit.person),
        **forms,
    }
    return render(request, "courses/settings.html", context, status=status)


def settings_form(course: Course, data: Any = None) -> SettingsForm:
    names = ("title", "term", "is_open", "environment")
    return SettingsForm(data, initial={name: getattr(course, name) for name in names}, current=course.environment)


def copy_form(visit: Visit, data: Any = None) -> CourseForm:
    other_term = Term.objects.exclude(pk=visit.course.term_id).filter(starts__gte=visit.course.term.starts).first()
    return CourseForm(data, prefix="copy", initial={"title": visit.course.title, "term": other_term})


def do_change(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = settings_form(visit.course, request.POST)
    if form.is_valid():
        found = form.cleaned_data
        try:
            environment = found.get("environment")
            change_course(
                visit.course, found["title"], found["term"], is_open=found["is_open"], environment=environment
            )
        except CourseFault as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("The settings are saved."))
            return see_other(request.path)
    return show_settings(request, visit, HTTPStatus.BAD_REQUEST, form=form)


def do_renew(request: HttpRequest, visit: Visit) -> HttpResponse:
    joining.renew(visit.course)
    messages.success(request, _("There is a new code. Whoever has it can join as a student."))
    return see_other(request.path)


def do_turn_off(request: HttpRequest, visit: Visit) -> HttpResponse:
    joining.turn_off(visit.course)
    messages.success(request, _("Nobody can join by a code any more. Who is in the course stays in it."))
    return see_other(request.path)


def do_copy(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = copy_form(visit, request.POST)
    if not access.may_make(visit.person):
        form.add_error(None, _("You may not make courses. Ask your administrator."))
    elif form.is_valid():
        found = form.cleaned_data
        try:
            copied = copy_course(visit.course, visit.person, term_of(form), found["slug"], found["title"])
        except CourseFault as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("This is the copy. Nobody is in it yet but its lecturers."))
            return see_other(copied.get_absolute_url())
    return show_settings(request, visit, HTTPStatus.BAD_REQUEST, copy_form=form)


DOINGS: Final[dict[str, Callable[[HttpRequest, Visit], HttpResponse]]] = {
    "change": do_change,
    "renew": do_renew,
    "turn_off": do_turn_off,
    "copy": do_copy,
}
