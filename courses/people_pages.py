"""The pages of who is in a course: the list, importing a roster, the links of who has no password yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.answers import see_other
from courses import cells, importing, newcomers, people
from courses.addresses import Visit, edited_course, taught_course
from courses.faults import BadRoster, CourseFault
from courses.forms import AddForm, RosterForm
from courses.models import Membership, Role
from courses.roster import BYTES_MAX, Roster, read_roster

SEARCH_MAX_CHARACTERS: Final = 100
PEOPLE_ON_A_PAGE: Final = 200
ORDER: Final = (Role.LECTURER, Role.TUTOR, Role.STUDENT)


@dataclass(frozen=True)
class Line:
    """Somebody in the list. `link` is shown once it was asked for."""

    membership: Membership
    is_waiting: bool  # for a password
    is_watched: bool  # has things that staff may look at
    link: str = ""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request: HttpRequest, slug: str) -> HttpResponse:
    """For tutors to look, for lecturers to change."""
    if request.method != "POST":
        return show_people(request, taught_course(request, slug))
    visit = edited_course(request, slug)
    doing = DOINGS.get(request.POST.get("do", ""))
    if doing is None:
        return show_people(request, visit, refused=_("This page knows no such thing to do."))
    try:
        return doing(request, visit)
    except CourseFault as fault:
        return show_people(request, visit, refused=str(fault), status=fault.status)


def show_people(
    request: HttpRequest,
    visit: Visit,
    *,
    refused: str = "",
    status: int = HTTPStatus.OK,
    form: AddForm | None = None,
    link_of: str = "",
) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:SEARCH_MAX_CHARACTERS]
    rank = Case(*(When(role=role, then=place) for place, role in enumerate(ORDER)))
    found = visit.course.memberships.select_related("person").order_by(rank, "person__username")
    if search:
        found = found.filter(Q(person__username__icontains=search) | Q(person__name__icontains=search))
    counts = dict(found.order_by().values_list("role").annotate(Count("pk")))
    page = Paginator(found, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    links = {person.pk: link for person, link in newcomers.links(visit.course)} if visit.edits else {}
    lines = [line_of(visit, membership, links, link_of, request) for membership in page]
    context = {
        "visit": visit,
        "search": search,
        "parts": [
            (role, counts.get(role, 0), [line for line in lines if line.membership.role == role]) for role in ORDER
        ],
        "count": sum(counts.values()),
        "page": page,
        "waiting": len(links),
        "roles": Role.choices,
        "form": form or AddForm(),
        "refused": refused,
    }
    return render(request, "courses/people.html", context, status=status if refused or form else HTTPStatus.OK)


def line_of(visit: Visit, membership: Membership, links: dict[int, str], link_of: str, request: HttpRequest) -> Line:
    person = membership.person
    link = links.get(person.pk, "")
    return Line(
        membership,
        is_waiting=bool(link),
        is_watched=visit.course.is_open and membership.role == Role.STUDENT and person != visit.person,
        link=request.build_absolute_uri(link) if link and person.username == link_of else "",
    )


def do_add(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = AddForm(request.POST)
    if not form.is_valid():
        return show_people(request, visit, form=form, status=HTTPStatus.BAD_REQUEST)
    try:
        membership = people.add(visit.course, form.cleaned_data["login"], Role(form.cleaned_data["role"]), visit.person)
    except CourseFault as fault:
        form.add_error("login", str(fault))
        return show_people(request, visit, form=form, status=fault.status)
    messages.success(request, _("%(name)s is in the course now.") % {"name": membership.person.get_full_name()})
    return see_other(request.path)


def do_role(request: HttpRequest, visit: Visit) -> HttpResponse:
    wanted = request.POST.get("role", "")
    if wanted not in Role.values:
        raise CourseFault(_("There is no such role."))
    membership = people.change_role(visit.course, request.POST.get("login", ""), Role(wanted), visit.person)
    messages.success(
        request,
        _("%(name)s is %(role)s in this course now.")
        % {"name": membership.person.get_full_name(), "role": membership.get_role_display()},
    )
    return see_other(request.path if membership.person != visit.person else visit.course.get_absolute_url())


def do_remove(request: HttpRequest, visit: Visit) -> HttpResponse:
    login = request.POST.get("login", "")
    people.remove(visit.course, login, visit.person)
    messages.success(request, _("%(login)s is no longer in the course. What was handed in stays.") % {"login": login})
    return see_other(request.path if login != visit.person.username else "/courses/")


def do_link(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show_people(request, visit, link_of=request.POST.get("login", ""))


DOINGS: Final[dict[str, Callable[[HttpRequest, Visit], HttpResponse]]] = {
    "add": do_add,
    "role": do_role,
    "remove": do_remove,
    "link": do_link,
}


@never_cache
@require_POST
@login_required
def links_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A table of the links of all who have no password yet."""
    visit = edited_course(request, slug)
    rows: list[tuple[str, ...]] = [("login", "name", "email", "link")]
    for person, link in newcomers.links(visit.course):
        rows.append((person.username, person.name, person.email, request.build_absolute_uri(link)))
    return csv_response(rows, f"{visit.course.slug}-links.csv")


def csv_response(rows: list[tuple[str, ...]], name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(cells.table(rows), content_type="text/csv; charset=utf-8", headers=headers)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A roster is shown with what it would do; with the digest of that plan it is done."""
    visit = edited_course(request, slug)
    if request.method != "POST":
        return render(request, "courses/import.html", {"visit": visit, "form": RosterForm()})
    data = data_sent(request)
    try:
        roster = read_roster(data)
        digest = request.POST.get("digest", "")
        if digest:
            done = importing.carry_out(visit.course, roster, visit.person, digest)
            messages.success(request, sentence_of(done))
            return see_other(f"{visit.course.get_absolute_url()}people/")
        return show_plan(request, visit, data, roster)
    except importing.PlanChanged as fault:
        return show_plan(request, visit, data, roster, refused=str(fault), status=fault.status)
    except BadRoster as fault:
        context = {
            "visit": visit,
            "form": RosterForm(initial={"text": request.POST.get("text", "")}),
            "refused": str(fault),
            "faults": fault.faults,
        }
        return render(request, "courses/import.html", context, status=fault.status)


def data_sent(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if file:
        data: bytes = file.read(BYTES_MAX + 1)
        return data
    return request.POST.get("text", "").encode("utf-8", "replace")


def show_plan(
    request: HttpRequest, visit: Visit, data: bytes, roster: Roster, refused: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    """Raises BadRoster."""
    plan = importing.plan(visit.course, roster)
    context: dict[str, Any] = {
        "visit": visit,
        "plan": plan,
        "counts": {doing: plan.count(doing) for doing in importing.DOINGS},
        "roster": roster,
        "text": data.decode(CODECS[roster.encoding]),
        "refused": refused,
    }
    return render(request, "courses/plan.html", context, status=status)


CODECS: Final = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "Windows-1252": "cp1252"}


def sentence_of(done: importing.Plan) -> str:
    return _("Done: %(make)d new people, %(add)d added, %(change)d with another role, %(nothing)d as they were.") % {
        doing: done.count(doing) for doing in importing.DOINGS
    }
