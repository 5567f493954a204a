"""Who may see the machine and do something to it: administrators alone. For others there is no such page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from accounts.models import Person

View = Callable[..., HttpResponse]


def may_run_the_machine(person: Person) -> bool:
    return person.is_active and person.is_superuser


def for_administrators(view: View) -> View:
    """A page. Whoever is logged out is asked to log in, as everywhere."""
    return wraps(view)(login_required(answer_for_administrators(view)))


def answer_for_administrators(view: View) -> View:
    """What a page asks for while it is open. Whoever is logged out is told so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **options: object) -> HttpResponse:
        if not isinstance(request.user, Person):
            return JsonResponse({}, status=403)
        if not may_run_the_machine(request.user):
            raise Http404
        return view(request, *args, **options)

    return guarded
