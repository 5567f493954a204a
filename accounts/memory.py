"""How much memory somebody's programs may have together: whoever fits programs into it asks. allowances knows what
people have of their own; nobody imports it for that, so it says so here.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from accounts.models import Person
from sandbox.limits import MIB

Known = Callable[[Person], int]


def usual_bytes() -> int:
    """Of whoever has no allowance of their own, and of the programs of courses."""
    return int(settings.IVLE_PERSON_MEMORY_MB) * MIB


def usual_of(person: Person) -> int:
    return usual_bytes()


known: Known = usual_of


def budget_bytes(person: Person) -> int:
    """Asks the database, so it is not for the event loop."""
    return known(person)


def known_by(chosen: Known) -> None:
    """Once, when the site starts."""
    global known
    known = chosen
