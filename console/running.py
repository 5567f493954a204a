"""/console/run: a file in a console by one click, from pages that say what became of a run: cgirunner's lead here.

Looking at it starts nothing: it shows the button. Pressing a button starts the file at once where it comes with a slip.
"""

from __future__ import annotations

import hashlib
import os

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.answers import person_of
from accounts.slips import holds, write_slip
from console.programs import readable
from console.views import started
from files.paths import BadPath, as_text, from_text


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def run_file(request: HttpRequest) -> HttpResponse:
    """`file` is percent-encoded. A slip that is over, or of a login before this one, gives the page with the button."""
    person = person_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    try:
        parts = from_text(asked.get("file", ""))
    except BadPath:
        parts = ()
    if not parts:
        return redirect("console_list")
    slip = asked.get("slip", "")
    if request.method == "POST" and holds(slip, person, wish_of(parts)):
        # Sent again, by a second click, it leads to the console that it has started.
        name = hashlib.sha256(slip.encode()).hexdigest()[:16]
        return started(request, "python", os.fsdecode(b"/".join(parts)), name=name)
    context = {
        "name": readable(os.fsdecode(parts[-1])),
        "file": as_text(parts),
        "slip": write_slip(person, wish_of(parts)),
        "too_late": request.method == "POST",
    }
    return render(request, "console/run.html", context)


def wish_of(parts: tuple[bytes, ...]) -> str:
    return "run " + as_text(parts)
