"""Links at which somebody who has no password yet chooses one, for who makes people: rosters of courses.

Django's tokens: signed, good for settings.PASSWORD_RESET_TIMEOUT, and void once there is a password or a login.
"""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import Person


def link_for(person: Person) -> str:
    """The path. Whoever opens it can log in as this person, so hand it to nobody else."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("password_set", args=(uid, default_token_generator.make_token(person)))
