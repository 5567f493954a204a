"""What an administrator may do to somebody's programs, each written down. For the machine page and the commands.

`by` is who does it, None for the command line. Whether they may, is asked before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from allowances import changing
from allowances.models import Change
from operations.models import Deed
from sandbox import machine
from sandbox.faults import SandboxError
from sandbox.job import is_owner_name
from sandbox.standing import is_guest

SHOWN: Final = 20
GUEST: Final = "guest"
OF_GUESTS: Final = {"on": Deed.What.GUESTS_ON, "off": Deed.What.GUESTS_OFF, "ended": Deed.What.GUESTS_ENDED}


class NoSuchPerson(Exception):
    """With a sentence."""


@dataclass(frozen=True)
class Line:
    """Of the log: a deed, or a change of what somebody may have."""

    at: datetime
    by: str
    what: str
    owner: str


def end(owner: str, by: Person | None) -> str:
    """What was done, in a sentence. Raises SandboxError and NoSuchPerson.

    Written down first: what cannot be, is not done. A guest's number is on none of our lists an hour later.
    """
    if not is_owner_name(owner):
        raise NoSuchPerson(_("Nobody can be called that."))
    whose = GUEST if is_guest(owner) else owner
    deed = Deed.objects.create(what=Deed.What.ENDED, by=by, owner=whose)
    try:
        deed.number = number = async_to_sync(machine.end_all_of)(settings.IVLE_SANDBOX_SOCKET, owner)
    except SandboxError:
        deed.delete()
        raise
    deed.save(update_fields=["number"])
    sentence = ngettext("Ended %(number)d program of %(owner)s.", "Ended %(number)d programs of %(owner)s.", number)
    return sentence % {"number": number, "owner": owner}


def tarpit(owner: str, by: Person | None) -> str:
    """Raises NoSuchPerson."""
    changing.put_into_tarpit(person_called(owner), by)
    return _("%(owner)s is in the tarpit: their programs run when nobody else needs the machine.") % {"owner": owner}


def restore(owner: str, by: Person | None) -> str:
    """Raises NoSuchPerson."""
    changing.take_out_of_tarpit(person_called(owner), by)
    return _("%(owner)s has their share again, and today's CPU does not count.") % {"owner": owner}


DEEDS: Final = {"end": end, "tarpit": tarpit, "restore": restore}


def note_of_guests(sender: object, what: str, by: Person | None, number: int, **_: object) -> None:
    """A receiver of shells/switch.py's signal."""
    Deed.objects.create(what=OF_GUESTS[what], by=by, owner=GUEST, number=number)


def person_called(owner: str) -> Person:
    """Raises NoSuchPerson."""
    person = Person.objects.filter(username=owner).first()
    if person is None:
        raise NoSuchPerson(_("Nobody here is called %(owner)s.") % {"owner": owner})
    return person


def lines() -> list[Line]:
    """The last of them, the latest first."""
    own = [
        Line(deed.at, name_of(deed.by), words_of(deed), deed.owner)
        for deed in Deed.objects.select_related("by")[:SHOWN]
    ]
    changes = [
        Line(change.at, name_of(change.by), change.get_what_display(), change.person.username if change.person else "")
        for change in Change.objects.select_related("by", "person")[:SHOWN]
    ]
    return sorted([*own, *changes], key=lambda line: line.at, reverse=True)[:SHOWN]


def words_of(deed: Deed) -> str:
    words = deed.get_what_display()
    return words if deed.what == Deed.What.GUESTS_ON else f"{words} ({deed.number})"


def name_of(by: Person | None) -> str:
    return by.username if by else _("a command")
