"""Tokens: what a program shows in place of a password, as `Authorization: Bearer <token>`. Shown once, kept as a hash.

A token is 256 random bits, so one round of SHA-256 hides it as well as any slow hash would.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.db import OperationalError
from django.utils import timezone

from accounts.models import Person, Token

PREFIX: Final = "ivle_"  # so that one that was published by mistake is recognised
SHAPE: Final = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}", re.ASCII)
TOKENS_MAX: Final = 50  # of one person
TOUCH_AFTER: Final = timedelta(minutes=1)  # how exact `last_used` is: not every use is written down


class TooManyTokens(Exception):
    pass


def make_token(person: Person, name: str) -> str:
    """The token itself, which nobody can be shown again. Raises TooManyTokens."""
    if person.tokens.count() >= TOKENS_MAX:
        raise TooManyTokens
    text = PREFIX + secrets.token_urlsafe(32)
    Token.objects.create(person=person, name=name, digest=digest_of(text))
    return text


def find_token(text: str) -> Token | None:
    """The token, with its person, who is active; notes that it is used."""
    if not SHAPE.fullmatch(text):
        return None
    token = Token.objects.select_related("person").filter(digest=digest_of(text), person__is_active=True).first()
    now = timezone.now()
    if token and (token.last_used is None or token.last_used < now - TOUCH_AFTER):
        with suppress(OperationalError):  # a database that is locked or full is no reason to let nobody in
            Token.objects.filter(pk=token.pk).update(last_used=now)
    return token


def bearer(header: str, schemes: tuple[str, ...] = ("bearer",)) -> str | None:
    """The token in an Authorization header (RFC 6750 2.1); None where the header is of another kind."""
    scheme, _, text = header.partition(" ")
    return text.strip() if scheme.lower() in schemes else None


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
