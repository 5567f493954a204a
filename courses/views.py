"""The pages of courses that are not about one: mine, joining, a new one; and who looked at my things."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.answers import person_of, see_other
from accounts.models import Person
from courses import access, changes, joining, looks, words
from courses.addresses import edited_course
from courses.faults import CourseFault, TooOften
from courses.forms import CourseForm, JoinForm, TermFields
from courses.making import make_course, make_term
from courses.models import Course, Look, Membership, Role, Term

LOOKS_ON_A_PAGE: Final = 100
CHANGES_SHOWN_MAX: Final = 500


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    return show_mine(request, JoinForm())


def show_mine(request: HttpRequest, form: JoinForm, status: int = HTTPStatus.OK) -> HttpResponse:
    person = person_of(request)
    memberships = Membership.objects.filter(person=person).select_related("course__term")
    memberships = memberships.order_by("-course__term__starts", "course__title", "course__slug")
    context = {
        "open": [one for one in memberships if one.course.is_open],
        "over": [one for one in memberships if not one.course.is_open],
        "others": other_courses(person),
        "form": form,
        "may_make": access.may_make(person),
    }
    return render(request, "courses/mine.html", context, status=status)


def other_courses(person: Person) -> QuerySet[Course]:
    """Of an administrator, all that they are not in themselves."""
    if not person.is_superuser:
        return Course.objects.none()
    return Course.objects.exclude(memberships__person=person).select_related("term")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """With ?code= it is filled in, and a button away: looking at an address joins nothing."""
    if request.method != "POST":
        return show_mine(request, JoinForm(initial={"code": request.GET.get("code", "")}))
    form = JoinForm(request.POST)
    if not form.is_valid():
        return show_mine(request, form, HTTPStatus.BAD_REQUEST)
    try:
        membership = joining.join(person_of(request), form.cleaned_data["code"])
    except CourseFault as fault:
        form.add_error("code", str(fault))
        response = show_mine(request, form, fault.status)
        if isinstance(fault, TooOften):
            response.headers["Retry-After"] = str(fault.seconds)
        return response
    messages.success(request, _("You are in %(course)s now.") % {"course": membership.course.title})
    return see_other(membership.course.get_absolute_url())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if not access.may_make(person_of(request)):
        raise Http404
    form = CourseForm(request.POST or None, initial={"term": Term.objects.first()})
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            course = make_course(person_of(request), found["title"], term_of(form), found["slug"])
        except CourseFault as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("The course is made, and you are its lecturer. Now let people in."))
            return see_other(f"{course.get_absolute_url()}people/")
    return render(request, "courses/new.html", {"form": form})


def term_of(form: TermFields) -> Term:
    """The one that was chosen, or a new one. Raises CourseFault."""
    found: dict[str, Any] = form.cleaned_data
    return found["term"] or make_term(found["term_name"], found["starts"], found["ends"])


@never_cache
@login_required
@require_GET
def looks_at_me(request: HttpRequest) -> HttpResponse:
    """Who looked at my things."""
    person = person_of(request)
    staff = Membership.objects.filter(
        role__in=access.STAFF,
        course__is_open=True,
        course__in=Membership.objects.filter(person=person, role=Role.STUDENT).values("course"),
    ).exclude(person=person)
    context = {
        "staff": staff.select_related("person", "course").order_by("course__title", "person__username"),
        **page_of(request, looks.looks_at(person)),
    }
    return render(request, "courses/looks.html", context)


@never_cache
@login_required
@require_GET
def log(request: HttpRequest, slug: str) -> HttpResponse:
    """Who of the staff looked at whose things because of this course, and who came and left. For its lecturers."""
    visit = edited_course(request, slug)
    context = {
        "visit": visit,
        "changes": changes.changes_in(visit.course)[:CHANGES_SHOWN_MAX],
        **page_of(request, looks.looks_in(visit.course)),
    }
    return render(request, "courses/log.html", context)


def page_of(request: HttpRequest, found: QuerySet[Look]) -> dict[str, Any]:
    page = Paginator(found, LOOKS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [{"look": look, "kind": words.kind(look), "thing": words.thing(look)} for look in page]
    return {"page": page, "rows": rows}
