"""Tickets: the part of a private page's address that stands for its viewer.

A page on the site's host is shown with an origin that nothing shares (response.SANDBOX), so the browser sends the
viewer's session with none of the page's pictures, style sheets, scripts and posted forms, and a form it posts looks
like one posted by a foreign site. What these requests do carry is their address: /serve/<owner>~<ticket>/...
See docs/decisions/0010-private-pages.md.
"""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Person

SECONDS: Final = 12 * 3600
SHAPE: Final = re.compile(r"([0-9]{1,19})\.([0-9]{1,12})\.([A-Za-z0-9_-]{22})", re.ASCII)


def write(viewer: Person, owner: str) -> str:
    """For this viewer, to this owner's home. Whoever has it sees what the viewer may see there, until it ends."""
    ends = int(time.time()) + SECONDS
    return f"{viewer.pk}.{ends}.{signature(viewer, owner, ends)}"


def read(ticket: str, owner: str) -> Person | None:
    """Whose ticket this is; None for one that is forged, for another home, over, or older than a change of password."""
    match = SHAPE.fullmatch(ticket)
    if not match or int(match[2]) <= time.time():
        return None
    viewer = Person.objects.filter(pk=int(match[1]), is_active=True).first()
    if viewer is None or not constant_time_compare(match[3], signature(viewer, owner, int(match[2]))):
        return None
    return viewer


def signature(viewer: Person, owner: str, ends: int) -> str:
    text = f"{viewer.pk}.{ends}.{owner}.{viewer.get_session_auth_hash()}"
    digest = salted_hmac("cgirunner.ticket", text, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:16]).decode("ascii").rstrip("=")
