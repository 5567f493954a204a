"""The page for somebody who guessed wrong too often. django-axes counts and calls this (AXES_LOCKOUT_CALLABLE)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """429 with Retry-After. It says the same whether or not the login name exists."""
    username = (credentials or {}).get("username") or request.POST.get("username", "")
    now = timezone.now()
    ends = lockout_end(username, get_client_ip_address(request)) or now + settings.AXES_COOLOFF_TIME
    seconds = max(1, math.ceil((ends - now).total_seconds()))
    context = {"ends": ends, "minutes": math.ceil(seconds / 60), "username": username}
    response = render(request, "accounts/locked_out.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def lockout_end(username: str, address: str | None) -> datetime | None:
    attempts = AccessAttempt.objects.filter(username=username, ip_address=address)
    latest: datetime | None = attempts.aggregate(latest=Max("attempt_time"))["latest"]
    cooloff: timedelta = settings.AXES_COOLOFF_TIME
    return latest and latest + cooloff
