"""Who may do what with whose console. Every question of that kind is answered here; a refusal is "not there"."""

from __future__ import annotations

from accounts.models import Person


def may_watch(person: Person, owner: str) -> bool:
    """See a console of that owner: all that is shown in it and typed."""
    return person.is_active and (person.username == owner or person.is_superuser)


def may_type(person: Person, owner: str) -> bool:
    """Take the keyboard at all: the owner whenever they like, others once the owner has let go of it."""
    return may_watch(person, owner)


def is_owner(person: Person, owner: str) -> bool:
    """Take the keyboard from anybody, start the program anew."""
    return person.is_active and person.username == owner


def may_end(person: Person, owner: str) -> bool:
    return is_owner(person, owner) or may_list_all(person)


def may_list_all(person: Person) -> bool:
    return person.is_active and person.is_superuser
