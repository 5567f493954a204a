"""Who is behind a request that did not come through Django's middleware, and whether that still holds.

Called by cgirunner and console, off the event loop.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import request_note
from accounts.models import Person, Token
from accounts.tokens import find_token


@dataclass(frozen=True)
class Credential:
    """What somebody showed: the key of a session, or a token."""

    person: Person
    session_key: str = ""
    token_pk: int | None = None


def by_session(key: str) -> Credential | None:
    carrier = HttpRequest()
    carrier.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    person = get_user(carrier)
    if not isinstance(person, Person):
        return None
    request_note.note_person(person.pk)
    return Credential(person, session_key=key)


def by_token(text: str) -> Credential | None:
    token = find_token(text)
    if token is None:
        return None
    request_note.note_person(token.person.pk)
    return Credential(token.person, token_pk=token.pk)


def people_now(credentials: Collection[Credential]) -> dict[Credential, Person]:
    """Those that still hold, each with its person as the database has them now. Three queries, whatever the number."""
    people = Person.objects.filter(is_active=True).in_bulk({credential.person.pk for credential in credentials})
    tokens = set(Token.objects.filter(pk__in={one.token_pk for one in credentials}).values_list("pk", flat=True))
    keys = {one.session_key for one in credentials}
    sessions = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
    )
    holding = {}
    for credential in credentials:
        person = people.get(credential.person.pk)
        if person is None:
            continue
        if credential.session_key:
            before, after = credential.person.get_session_auth_hash(), person.get_session_auth_hash()
            holds = credential.session_key in sessions and constant_time_compare(before, after)
        else:
            holds = credential.token_pk in tokens
        if holds:
            holding[credential] = person
    return holding
