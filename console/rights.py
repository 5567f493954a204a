"""That somebody may watch consoles of an owner. Whether they still may, accounts/rights.py looks every few seconds."""

from __future__ import annotations

from accounts import rights
from accounts.credentials import Credential
from accounts.models import Person
from console import access, words
from console.watching import Closing


class Grant(rights.Grant[Closing]):
    def __init__(self, credential: Credential, owner: str) -> None:
        super().__init__(credential)
        self.owner = owner

    def verdict(self, person: Person | None) -> Closing | None:
        if person is None:
            return Closing("logged_out", words.logged_out())
        return None if access.may_watch(person, self.owner) else Closing("rights", words.rights_gone())


async def still_hold(credential: Credential, owner: str) -> bool:
    """Whether this person may still watch that owner's consoles: for an answer that was waited for."""
    return await rights.still_holds(Grant(credential, owner))
