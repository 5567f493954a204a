"""The page of the editor. Which file it opens, the browser reads in the address; the API says what may be read."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Person
from files import access


@login_required
@require_GET
def edit(request: HttpRequest, file: str = "") -> HttpResponse:
    viewer = cast(Person, request.user)
    owner = request.GET.get("owner", viewer.username)
    if not access.may_read(viewer, owner):
        raise Http404
    context = {"owner": owner, "writable": access.may_write(viewer, owner)}
    return render(request, "editor/editor.html", context)
