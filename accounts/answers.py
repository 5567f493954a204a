"""Of a page that somebody logged in asked for: who that is, and where to look after a form was taken."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import Person


def person_of(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def see_other(place: str, *arguments: str) -> HttpResponse:
    """An address, or a route with its arguments. Loading the page that comes again does nothing again."""
    response = redirect(place, *arguments)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
