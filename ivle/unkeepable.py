"""Middleware: a text that the database does not keep is the sender's to mend, where views have not looked before.

PostgreSQL takes no NUL, nothing longer than its column, and no path that its index cannot hold (2.7 kB, packed); SQLite
takes all of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Final

from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.defaults import bad_request

LIMIT_EXCEEDED: Final = "54000"  # of PostgreSQL's: program_limit_exceeded
log = logging.getLogger(__name__)


class Unkeepable:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponseBase | None:
        if not isinstance(fault, DataError) and getattr(fault.__cause__, "sqlstate", "") != LIMIT_EXCEEDED:
            return None
        route = request.resolver_match.route if request.resolver_match else ""
        log.warning("A text that cannot be kept, at /%s (%s).", route, type(fault).__qualname__)
        if not request.path.startswith("/api/"):
            return bad_request(request, fault)
        sentence = _("A text in this request cannot be kept: it is too long, or it has a NUL in it.")
        return HttpResponse(json.dumps({"detail": sentence}), status=400, content_type="application/json")
