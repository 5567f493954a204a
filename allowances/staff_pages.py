"""Requests for more CPU, for who answers them; and the exams of a course, for its lecturers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.answers import person_of, see_other
from allowances import access, deciding, exams, words
from allowances.faults import CpuFault, NotThere
from allowances.forms import AnswerForm, ExamForm
from allowances.meter import meters
from courses.addresses import Visit, edited_course

OPEN_SHOWN: Final = 100
ANSWERED_SHOWN: Final = 50


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def requests_page(request: HttpRequest) -> HttpResponse:
    if not access.may_decide_any(person_of(request)):
        raise Http404
    if request.method != "POST":
        return show_requests(request)
    return answer(request)


def answer(request: HttpRequest) -> HttpResponse:
    viewer, form = person_of(request), AnswerForm(request.POST)
    pk, do = request.POST.get("request", ""), request.POST.get("do", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19) or do not in ("grant", "refuse"):
        return show_requests(request, status=HTTPStatus.BAD_REQUEST)
    if not form.is_valid():
        sentence = next(iter(form.errors.values()))[0]
        return show_requests(request, str(sentence), HTTPStatus.BAD_REQUEST)
    words_to_them = form.cleaned_data["answer"]
    try:
        if do == "grant":
            done = deciding.grant(viewer, int(pk), form.cleaned_data["seconds"], words_to_them)
            text = _("%(name)s has %(amount)s more.")
            amount = words.amount(done.granted_seconds or 0)
        else:
            done = deciding.refuse(viewer, int(pk), words_to_them)
            text, amount = _("%(name)s is told that you refused."), ""
    except NotThere:
        raise Http404 from None
    except CpuFault as fault:
        return show_requests(request, str(fault), fault.status)
    messages.success(request, text % {"name": done.person.get_full_name(), "amount": amount})
    return see_other(request.path)


def show_requests(request: HttpRequest, refused: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    viewer = person_of(request)
    waiting = list(deciding.open_for(viewer)[:OPEN_SHOWN])
    used = meters([one.person for one in waiting])
    context = {
        "refused": refused,
        "waiting": [{**words.described(one), "today": words.used_today(used[one.person.username])} for one in waiting],
        "answered": [words.described(one) for one in deciding.answered_for(viewer)[:ANSWERED_SHOWN]],
    }
    return render(request, "allowances/requests.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exams_page(request: HttpRequest, slug: str) -> HttpResponse:
    """For lecturers."""
    visit = edited_course(request, slug)
    if request.method != "POST":
        return show_exams(request, visit, ExamForm())
    if "remove" in request.POST:
        return remove(request, visit)
    form = ExamForm(request.POST)
    if form.is_valid():
        try:
            exams.set_exam(visit.course, form.cleaned_data["starts"], form.cleaned_data["ends"], visit.person)
        except CpuFault as fault:
            form.add_error(None, str(fault))
        else:
            messages.success(request, _("The exam is set."))
            return see_other(request.path)
    return show_exams(request, visit, form, HTTPStatus.BAD_REQUEST)


def remove(request: HttpRequest, visit: Visit) -> HttpResponse:
    pk = request.POST["remove"]
    try:
        exams.remove_exam(visit.course, int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0, visit.person)
    except CpuFault as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("The exam is removed."))
    return see_other(request.path)


def show_exams(request: HttpRequest, visit: Visit, form: ExamForm, status: int = HTTPStatus.OK) -> HttpResponse:
    context: dict[str, Any] = {"visit": visit, "form": form, "exams": exams.coming(visit.course)}
    return render(request, "allowances/exams.html", context, status=status)
