"""That somebody may watch consoles of an owner. Whether they still may, accounts/rights.py looks every few seconds."""

from __future__ import annotations

from accounts import rights
from accounts.credentials import Credential
from accounts.models import Person
from console import access, words
from console.watching import Closing
from sandbox.consoles import SessionInfo


class Grant(rights.Grant[Closing]):
    def __init__(self, credential: Credential, info: SessionInfo) -> None:
        super().__init__(credential)
        self.info = info

    def verdict(self, person: Person | None) -> Closing | None:
        if person is None:
            return Closing("logged_out", words.logged_out())
        return None if access.may_look(person, self.info) else Closing("rights", words.rights_gone())


async def still_hold(credential: Credential, info: SessionInfo) -> bool:
    """Whether this person may still watch that console: for an answer that was waited for."""
    return await rights.still_holds(Grant(credential, info))
