"""Addresses in a person's public space that lead to folders of theirs, made and taken away. For api_mappings.py.

What is looked at through one is decided in access.py, by the same rules as in a published folder. Each function here
asks either the disk or the database, never both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Person
from files.access import published_part
from files.faults import FileFault
from files.homes import hold_home
from files.lookup import NotThere, find
from files.models import StaticMapping
from files.paths import BadPath, as_text, encoded, from_text, split_url_path
from files.public_space import public_url
from files.showing import is_hidden

ADDRESS_MAX_CHARACTERS: Final = 512  # percent-encoded
MAPPINGS_MAX: Final = 100


class BadMapping(FileFault):
    """There can be no such mapping."""

    status = 400


class AddressTaken(FileFault):
    """Something else is shown there, or there are too many."""


@dataclass(frozen=True)
class Wish:
    """A mapping that can be."""

    address: tuple[bytes, ...]
    folder: tuple[bytes, ...]
    covers: bool  # the home has something of the address's name, which may be published


@dataclass(frozen=True)
class Mapping:
    """`address` and `path` are percent-encoded; `there` says whether the folder is."""

    address: str
    path: str
    url: str
    there: bool


def read_wish(owner: str, address: str, path: str) -> Wish:
    """From what a request says, percent-encoded. Raises BadMapping."""
    names = read_address(address)
    try:
        folder = from_text(path)
    except BadPath:
        raise BadMapping(_("You have no such folder.")) from None
    kind = is_folder(owner, folder)
    if kind is None:
        raise BadMapping(_("You have no such folder."))
    if not kind:
        raise BadMapping(_("This is a file. An address can lead to a folder, with what is in it."))
    if is_hidden(folder):
        raise BadMapping(_("This folder is hidden by the dot in its path, and what is hidden is never shown."))
    return Wish(names, folder, covers=is_folder(owner, names) is not None)


def read_address(address: str) -> tuple[bytes, ...]:
    try:
        names = split_url_path(encoded(address))[0] if address else ()
    except BadPath:
        raise BadMapping(_("No page can have this address.")) from None
    if is_hidden(names):
        raise BadMapping(_("Names that begin with a dot are never shown, so no address can have one."))
    if len(as_text(names)) > ADDRESS_MAX_CHARACTERS:
        raise BadMapping(_("This address is too long."))
    return names


def map_address(person: Person, wish: Wish) -> None:
    """The address shows the folder; one that was mapped before leads there from now on. Raises AddressTaken."""
    mapped = StaticMapping.objects.filter(person=person)
    address = as_text(wish.address)
    if not mapped.filter(address=address).exists():
        if mapped.count() >= MAPPINGS_MAX:
            raise AddressTaken(_("You have %(count)s mappings, and more cannot be had.") % {"count": MAPPINGS_MAX})
        if wish.covers and published_part(person.username, wish.address) is not None:
            sentence = _("What you have published shows something at this address already. Take another one.")
            raise AddressTaken(sentence)
    StaticMapping.objects.update_or_create(person=person, address=address, defaults={"path": as_text(wish.folder)})


def unmap_address(person: Person, address: str) -> bool:
    """False where that address was not mapped."""
    try:
        removed, _kinds = StaticMapping.objects.filter(person=person, address=as_text(from_text(address))).delete()
    except BadPath:
        return False
    return removed > 0


def mapped_addresses(owner: str) -> list[tuple[str, str]]:
    """Each address with its folder's path."""
    kept = StaticMapping.objects.filter(person__username=owner).order_by("address")
    return list(kept.values_list("address", "path"))


def describe(owner: str, mapped: Iterable[tuple[str, str]]) -> list[Mapping]:
    return [
        Mapping(
            address,
            path,
            url=public_url(owner, from_text(address)),
            there=bool(is_folder(owner, from_text(path))),
        )
        for address, path in mapped
    ]


def is_folder(owner: str, parts: tuple[bytes, ...]) -> bool | None:
    """None where there is neither a folder nor a file."""
    try:
        with hold_home(owner) as home, find(home, parts) as found:
            return None if found.rest else found.is_folder
    except NotThere:
        return None
