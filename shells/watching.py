"""A guest's page on its shell: a console's, without what guests may not. The shell ends with its program."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.models import Person
from console import protocol
from console import words as console_words
from console.pace import Pace
from console.protocol import Input, Message
from console.starting import end_quietly
from console.watching import Closing, Refused, Watching, display_head, sandbox_client
from sandbox import consoles
from sandbox.consoles import Display, Output, SessionInfo
from sandbox.faults import SandboxError
from sandbox.outcome import Ended, Outcome
from shells import switch, words

CLIENT: Final = "page"  # there is one at a time: another page with the same capability takes its place
REFUSED: Final = ("restart", "release", "drive")
PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
PICTURE_MAX_BYTES: Final = 256 * 1024
PICTURES_AT_ONCE, PICTURES_PER_SECOND = 4, 1.0  # beyond that they are left out: nothing acknowledges them


async def attach(info: SessionInfo, offset: int | None) -> GuestWatching:
    """Raises SessionGone and SandboxError."""
    guest = Person(username=info.owner)  # never saved: what the console asks is whether it is the owner
    attachment = await consoles.attach(
        settings.IVLE_SANDBOX_SOCKET, info.id, sandbox_client(guest, CLIENT), "guest", offset, drives=True
    )
    return GuestWatching(attachment, guest, CLIENT, offset, wants_keyboard=True)


async def end(session_id: str) -> None:
    """Where the sandbox does not answer, the warden ends it once that does."""
    with suppress(SandboxError):
        await end_quietly(session_id)


class GuestWatching(Watching):
    last_words = ""  # once its program is over
    was_killed = False  # by us: nobody else can
    has_left_out = False  # pictures, since the last one that was shown

    def __init__(self, *of: Any, **more: Any) -> None:
        super().__init__(*of, **more)
        self.pace = Pace(PICTURES_AT_ONCE, PICTURES_PER_SECOND)

    async def next(self) -> Output | str:
        if self.last_words:
            await end(self.info.id)
            raise Closing("ended", await self.why_gone() if self.was_killed else self.last_words)
        try:
            return await super().next()
        except Closing as closing:
            if closing.reason == "elsewhere":
                raise
            raise Closing("ended", await self.why_gone()) from None

    async def why_gone(self) -> str:
        is_on: bool = await database_sync_to_async(switch.is_on)()
        return words.ended() if is_on else words.off()

    def ended(self, outcome: Outcome | None, fault: str | None) -> dict[str, Any]:
        told = {**super().ended(outcome, fault), "may_restart": False}
        if outcome and not fault:
            told["sentence"] = console_words.how_it_ended(outcome, settings.GUEST_LIMITS)
        self.last_words = told["sentence"]
        self.was_killed = told["ended"] == Ended.KILLED
        return told

    def told_of_ending(self, content: dict[str, Any]) -> dict[str, Any]:
        return {"seconds": content["seconds"], "sentence": words.ending(content["seconds"])}

    def told_of_display(self, display: Display) -> str | None:
        """The picture itself, since the page has no right to fetch one. It is an <img>'s, which runs nothing."""
        head = display_head(display.data)
        if head is None:
            return None
        if not self.pace.allows():
            return self.told_of_left_out()
        self.has_left_out = False
        content = display.data[display.data.index(b"\n") + 1 :]
        if head["mime"] not in PICTURES or len(content) > PICTURE_MAX_BYTES:
            return protocol.make_text("refused", {"reason": "sandbox", "sentence": words.not_shown()})
        url = f"data:{head['mime']};base64,{b64encode(content).decode('ascii')}"
        shown = {"number": display.offset, "mime": head["mime"], "title": head["title"], "url": url}
        return protocol.make_text("display", shown)

    def told_of_left_out(self) -> str | None:
        """Once, however many they are."""
        if self.has_left_out:
            return None
        self.has_left_out = True
        return protocol.make_text("refused", {"reason": "sandbox", "sentence": words.too_many_pictures()})

    async def on_end(self, message: Message) -> None:
        await end(self.info.id)
        raise Closing("ended", words.ended())

    async def hear(self, message: Message | Input) -> Sequence[str]:
        if isinstance(message, Message) and message.kind in REFUSED:
            return (Refused("not_owner", words.no_restart()).text,)
        return await super().hear(message)
