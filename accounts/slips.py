"""Slips: proof that a page of ours, shown to a person a while ago, offered them this very thing by a button.

For forms on pages that Django does not make, and so have no CSRF token: what /serve/ says of a run. No page of anybody
else's can read one there, or make one. Whoever is sent one starts nothing by looking: it takes the button, in a POST.
"""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Person

SECONDS: Final = 3600
SHAPE: Final = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)


def write_slip(person: Person, wish: str) -> str:
    """`wish` says what the button does, and to what."""
    ends = int(time.time()) + SECONDS
    return f"{ends}.{signature(person, wish, ends)}"


def holds(slip: str, person: Person, wish: str) -> bool:
    """False for one that is forged, another's, for another wish, over, or older than a change of password."""
    match = SHAPE.fullmatch(slip)
    if not match or int(match[1]) <= time.time():
        return False
    return constant_time_compare(match[2], signature(person, wish, int(match[1])))


def signature(person: Person, wish: str, ends: int) -> str:
    text = f"{person.pk}.{ends}.{person.get_session_auth_hash()}.{wish}"
    digest = salted_hmac("accounts.slip", text, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")
