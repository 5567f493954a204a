"""What lets a guest's page into one shell, and into nothing else: a number, a time and a signature, no cookie.

The page of the frame carries it; its socket shows it among the subprotocols, which no log and no Referer has. It starts
its shell once, soon after it was issued, and opens that one alone for as long as a shell may live.
"""

from __future__ import annotations

import re
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from sandbox.standing import GUEST_PREFIX

START_SECONDS: Final = 60  # from the page to its socket
SHAPE: Final = re.compile(r"([0-9]{1,12})\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True)
class Capability:
    issued: int  # Unix seconds
    number: str

    @property
    def text(self) -> str:
        """Fit to be a subprotocol's name (RFC 6455 4.1)."""
        return f"{self.issued}.{self.number}.{signature(self.issued, self.number)}"

    @property
    def owner(self) -> str:
        return GUEST_PREFIX + self.number

    @property
    def session_id(self) -> str:
        return f"guest-{self.number}"

    @property
    def may_start(self) -> bool:
        return time.time() < self.issued + START_SECONDS

    @property
    def left_seconds(self) -> float:
        """Of the life of a shell that is as old as this."""
        return self.issued + settings.IVLE_GUEST_LIFE_MINUTES * 60 - time.time()


def issue() -> Capability:
    return Capability(int(time.time()), secrets.token_hex(16))


def read(text: str) -> Capability | None:
    """None for what was not issued here. One that is over is read all the same, so that its page can be told."""
    match = SHAPE.fullmatch(text)
    if not match or not constant_time_compare(match[3], signature(int(match[1]), match[2])):
        return None
    return Capability(int(match[1]), match[2])


def signature(issued: int, number: str) -> str:
    digest = salted_hmac("shells.capability", f"{issued}.{number}", algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")
