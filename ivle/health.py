"""Two questions that monitoring asks: does the web process answer, and can it serve people."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from sandbox.client import connect
from sandbox.faults import SandboxError


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """503 and what is missing, one line each, until the database and the supervisor both answer."""
    missing = [message for message in (database_fault(), supervisor_fault()) if message]
    text = "".join(f"{message}\n" for message in missing) or "ready\n"
    return HttpResponse(text, content_type="text/plain", status=503 if missing else 200)


def database_fault() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "the database does not answer"
    return None


def supervisor_fault() -> str | None:
    """Connecting is the whole question; the supervisor notices that nothing was asked and hangs up."""
    try:
        connect(settings.IVLE_SANDBOX_SOCKET).close()
    except SandboxError:
        return "the sandbox supervisor does not answer, so no code runs"
    return None
