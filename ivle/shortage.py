"""What is answered when the machine has run short of something: no fault of a program's, and none of ours to mend.

Django calls `server_error` for whatever a view raised (ivle/urls.py), where the exception is still at hand.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import server_error as mistake

from files.shortage import sentence_of

RETRY_SECONDS: Final = 10


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = sentence_of(sys.exc_info()[1])
    if not sentence:
        return mistake(request)
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse({"detail": sentence}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        response = render(request, "503.html", {"sentence": sentence}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
