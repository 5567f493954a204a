"""Who may do what with whose console. Every question of that kind is answered here; a refusal is "not there"."""

from __future__ import annotations

from accounts.models import Person
from console.programs import Program
from courses import looks
from courses.access import is_staff_for
from sandbox.consoles import SessionInfo


def may_watch(person: Person, owner: str) -> bool:
    """See a console of that owner: all that is shown in it and typed; and type where the owner has let go of it.
    Of another's this asks the database, so it is not for the event loop."""
    if is_guests(owner):
        return False
    return person.is_active and (person.username == owner or person.is_superuser or is_staff_for(person, owner))


def is_guests(owner: str) -> bool:
    """Of somebody without an account, who could not be told who looked: nobody watches. Login names have no dot."""
    return "." in owner


def may_look(person: Person, info: SessionInfo) -> bool:
    """See this console, and about to: it is written down, once in each hour that somebody watches another's."""
    if not may_watch(person, info.owner):
        return False
    looks.note(person, info.owner, looks.CONSOLE, Program.recall(info.about).title)
    return True


def may_see_list(person: Person, owner: str) -> bool:
    """See which consoles that owner has. Written down, too."""
    if not may_watch(person, owner):
        return False
    looks.note(person, owner, looks.CONSOLES)
    return True


def is_owner(person: Person, owner: str) -> bool:
    """Take the keyboard from anybody, start the program anew."""
    return person.is_active and person.username == owner


def may_end(person: Person, owner: str) -> bool:
    return is_owner(person, owner) or may_list_all(person)


def may_list_all(person: Person) -> bool:
    return person.is_active and person.is_superuser
