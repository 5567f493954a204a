"""One page on one console: what it is told and what it may do, whichever way its messages travel.

websocket.py and events.py carry the messages; everything is decided here. See docs/protocol.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Person
from console import access, protocol, words
from console.policies import Queued, TooMany
from console.programs import PROGRAMS, BadStart, Program, readable
from console.protocol import CloseCode, Input, Message, ProtocolError
from console.starting import end_console, restart_console
from sandbox import consoles
from sandbox.consoles import Attachment, Display, Event, Output, SessionGone, SessionInfo, Size
from sandbox.faults import SandboxError, SandboxRefused
from sandbox.outcome import Outcome

# Past the credit, by which the supervisor stops a program for its driver; a watcher's page stops here.
UNREAD_MAX_BYTES: Final = protocol.OUTPUT_CREDIT_BYTES + 64 * 1024
RESIZE_SECONDS: Final = 0.03  # at most one in so many: dragging a window's corner makes a storm of them
CODES: Final = {
    "ended": CloseCode.ENDED,
    "gone": CloseCode.ENDED,
    "elsewhere": CloseCode.ENDED,
    "going_away": CloseCode.GOING_AWAY,
    "protocol": CloseCode.PROTOCOL,
    "logged_out": CloseCode.LOGGED_OUT,
    "rights": CloseCode.GONE,
    "too_fast": CloseCode.TOO_FAST,
    "not_started": CloseCode.NOT_STARTED,
    "queued": CloseCode.QUEUED,
}


class Refused(Exception):
    """Something is not done; the connection goes on."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.text = protocol.make_text("refused", {"reason": reason, "sentence": sentence})


class Closing(Exception):
    """The connection ends; the console does not."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.code = int(CODES[reason])  # Daphne takes no kind of int
        self.text = protocol.make_text("closing", {"reason": reason, "sentence": sentence})


def sandbox_client(person: Person, client: str) -> str:
    """What the supervisor knows this page by. Everybody may see everybody's, and nobody can use another person's."""
    return hashlib.sha256(f"{person.username} {client}".encode()).hexdigest()[:32]


async def attach(info: SessionInfo, person: Person, client: str, offset: int | None, *, drives: bool) -> Watching:
    """Raises SessionGone and SandboxError. Only the owner gets the keyboard by coming; others keep what they had."""
    name = sandbox_client(person, client)
    had_it = any(watcher.drives and watcher.client == name for watcher in info.watchers)
    takes = drives and (access.is_owner(person, info.owner) or had_it)
    attachment = await consoles.attach(
        settings.IVLE_SANDBOX_SOCKET, info.id, name, person.username, offset, drives=takes
    )
    return Watching(attachment, person, client, offset, wants_keyboard=drives)


class Watching:
    """`told` is what goes to the page, `hear` is what comes from it."""

    def __init__(
        self, attachment: Attachment, person: Person, client: str, offset: int | None, *, wants_keyboard: bool
    ) -> None:
        info = attachment.info
        self.attachment = attachment
        self.info = info
        self.person = person
        self.client = client
        self.is_owner = access.is_owner(person, info.owner)
        self.wants_keyboard = wants_keyboard
        self.is_ending = False  # people were told that consoles end, with the machine or its supervisor
        self.has_released = False
        self.sent = info.start_offset if offset is None else offset  # output, so far
        self.acknowledged = self.sent
        self.credit = asyncio.Event()
        self.credit.set()
        self.input_end = attachment.received  # of what came, refused or not
        self.asked_size: Size | None = None
        self.resizing: asyncio.TimerHandle | None = None
        self.watchers: list[dict[str, Any]] = []
        self.note_watchers([vars(watcher) for watcher in info.watchers])

    def note_watchers(self, watchers: list[dict[str, Any]]) -> None:
        own = sandbox_client(self.person, self.client)
        self.watchers = [{**one, "client": self.client} if one["client"] == own else one for one in watchers]
        self.driver = next((one for one in self.watchers if one["drives"]), None)
        self.drives = self.driver is not None and self.driver["client"] == self.client

    def close(self) -> None:
        if self.resizing:
            self.resizing.cancel()
        self.attachment.close()

    # --- What the page is told ---

    def welcome(self) -> str:
        info = self.info
        content = {
            "session": info.id,
            "title": Program.recall(info.about).title,
            "program": program_name(info),
            "owner": info.owner,
            "offset": self.sent,
            "end": info.end_offset,
            "typed": self.attachment.typed,
            "drives": self.drives,
            **vars(info.size),
            "watchers": self.watchers,
            "may_type": True,  # once the owner lets them: whoever may not even watch has no Watching
            "usage": {
                "cpu_seconds": info.cpu_seconds,
                "cpu_limit_seconds": info.cpu_limit_seconds,
                "memory_bytes": info.memory_bytes,
            },
            "outcome": self.ended(info.outcome, info.fault) if info.outcome or info.fault else None,
        }
        return protocol.make_text("welcome", content)

    async def next(self) -> Output | str:
        """Output, or a text frame. Raises Closing."""
        while True:
            if self.sent - self.acknowledged > UNREAD_MAX_BYTES:  # so that what is skipped is skipped in the supervisor
                self.credit.clear()
                await self.credit.wait()
            try:
                arrival = await self.attachment.read()
            except SessionGone:
                raise await why_gone(self.info.id) from None
            except SandboxRefused:
                raise Closing("elsewhere", words.expelled()) from None
            if isinstance(arrival, Output):
                self.sent = arrival.offset + len(arrival.data)
                return arrival
            text = self.told_of_display(arrival) if isinstance(arrival, Display) else self.told_of(arrival)
            if text is not None:
                return text

    def told_of(self, event: Event) -> str | None:
        """None for what the page need not know."""
        handler = getattr(self, f"told_of_{event.kind}", None)
        content = handler(event.content) if handler else event.content
        if content is None or event.kind not in protocol.FROM_SERVER:
            return None
        return protocol.make_text(event.kind, content)

    def told_of_gap(self, content: dict[str, Any]) -> dict[str, Any]:
        self.acknowledged += content["to"] - self.sent
        self.sent = content["to"]
        return content

    def told_of_watchers(self, content: dict[str, Any]) -> dict[str, Any]:
        before = self.driver
        self.note_watchers(content["watchers"])
        there = {one["client"] for one in self.watchers} - {self.client}
        is_lost = before and not self.driver and before["client"] not in there
        was_let_go = self.has_released and before and before["client"] == self.client
        if is_lost and not was_let_go and self.is_owner and self.wants_keyboard:
            self.attachment.drive()  # who had the keyboard has gone, without having given it to anybody
        return {"watchers": self.watchers}

    def told_of_ended(self, content: dict[str, Any]) -> dict[str, Any]:
        outcome = content.get("outcome")
        return self.ended(Outcome.from_message(outcome) if outcome else None, content.get("fault"))

    def told_of_ending(self, content: dict[str, Any]) -> dict[str, Any]:
        self.is_ending = True
        return {"seconds": content["seconds"], "sentence": words.ending(content["seconds"])}

    def told_of_refused(self, content: dict[str, Any]) -> dict[str, Any]:
        if content.get("read_only"):  # it has lost the keyboard this moment
            return {"reason": "read_only", "sentence": self.why_not()}
        return {"reason": "sandbox", "sentence": content["text"]}

    def told_of_display(self, display: Display) -> str | None:
        head = display_head(display.data)
        if head is None:
            return None
        url = f"/api/consoles/{self.info.id}/displays/{display.offset}"
        content = {"number": display.offset, "mime": head["mime"], "title": head["title"], "url": url}
        return protocol.make_text("display", content)

    def going_away(self) -> Closing:
        """This web process ends, and where the console was told to end, that does as well."""
        return Closing("going_away", words.restarted() if self.is_ending else words.going_away())

    def ended(self, outcome: Outcome | None, fault: str | None) -> dict[str, Any]:
        return {
            "ended": str(outcome.ended) if outcome and not fault else "fault",
            "sentence": how_it_ended(outcome, fault),
            "exit_status": outcome.exit_status if outcome else None,
            "may_restart": self.is_owner,
        }

    # --- What comes from the page ---

    async def hear(self, message: Message | Input) -> Sequence[str]:
        """Does it, and answers where something was not done. Raises ProtocolError and Closing."""
        if isinstance(message, Input):
            return self.on_input(message)
        try:
            doing: Awaitable[None] | None = getattr(self, f"on_{message.kind}")(message)
            if doing is not None:
                await doing
        except Refused as refusal:
            return (refusal.text,)
        return ()

    def on_input(self, typed: Input) -> Sequence[str]:
        """Input that is refused counts as arrived, there too, so that what follows it is not out of order."""
        if typed.offset > self.input_end:
            raise ProtocolError(
                f"This input begins at {typed.offset}; the next byte of this client is {self.input_end}."
            )
        end = typed.offset + len(typed.data)
        if end - self.attachment.typed > protocol.INPUT_CREDIT_BYTES:
            raise ProtocolError(f"More than {protocol.INPUT_CREDIT_BYTES} bytes of input wait for their `typed`.")
        self.input_end = max(self.input_end, end)
        if self.drives:
            self.attachment.type(typed.offset, typed.data)
            return ()
        self.attachment.skip(typed.offset, len(typed.data))
        return (Refused("read_only", self.why_not()).text,)

    def on_ack(self, message: Message) -> None:
        offset = message.content["offset"]
        if offset > self.sent:
            raise ProtocolError("This acknowledges output that has not been sent.")
        if offset > self.acknowledged:
            self.acknowledged = offset
            self.attachment.ack(offset)
            self.credit.set()

    def on_size(self, message: Message) -> None:
        self.asked_size = Size(**message.content)
        if self.resizing is None:
            self.resize()
            self.resizing = asyncio.get_running_loop().call_later(RESIZE_SECONDS, self.resize_later)

    def resize_later(self) -> None:
        self.resizing = None
        if self.asked_size:
            self.on_size(Message("size", vars(self.asked_size)))

    def resize(self) -> None:
        """Not the driver's: no fault, since the page may have lost the keyboard this moment."""
        if self.drives and self.asked_size:
            self.attachment.resize(self.asked_size)
        self.asked_size = None

    def on_interrupt(self, message: Message) -> None:
        self.need_keyboard()
        self.attachment.interrupt()

    def on_drive(self, message: Message) -> None:
        if not self.is_owner and (self.driver or not self.owner_is_there()) and not self.drives:
            raise Refused("read_only", words.cannot_drive(self.info.owner))
        self.attachment.drive()
        self.has_released = False
        self.drives = True  # what follows comes after this there too

    def on_release(self, message: Message) -> None:
        if self.drives:
            self.has_released = True
            self.attachment.release()

    async def on_restart(self, message: Message) -> None:
        if not self.is_owner:
            raise Refused("not_owner", words.only_owner(self.info.owner))
        try:
            await restart_console(self.info)
        except SessionGone:
            return  # which `next` tells
        except Queued as queued:
            raise Refused("queued", queued.place) from queued
        except (BadStart, TooMany) as refusal:
            raise Refused("busy", str(refusal)) from refusal
        except SandboxError as fault:
            raise Refused("sandbox", words.sandbox_away()) from fault

    async def on_end(self, message: Message) -> None:
        if not access.may_end(self.person, self.info.owner):
            raise Refused("not_owner", words.only_owner(self.info.owner))
        try:
            await end_console(self.info.id)
        except SessionGone:
            pass
        except SandboxError as fault:
            raise Refused("sandbox", words.sandbox_away()) from fault
        raise Closing("ended", words.ended())

    def need_keyboard(self) -> None:
        """Raises Refused."""
        if not self.drives:
            raise Refused("read_only", self.why_not())

    def why_not(self) -> str:
        if not self.is_owner and (self.driver or not self.owner_is_there()):
            return words.cannot_drive(self.info.owner)
        return words.read_only(self.driver["name"] if self.driver else "")

    def owner_is_there(self) -> bool:
        return any(one["name"] == self.info.owner for one in self.watchers)


async def why_gone(session_id: str) -> Closing:
    try:
        await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, session_id)
    except SessionGone:
        return Closing("ended", words.gone())
    except SandboxError:
        return Closing("gone", words.gone())
    return Closing("elsewhere", words.expelled())


def program_name(info: SessionInfo) -> str:
    """In words: Python, or the file's name."""
    program = Program.recall(info.about)
    return program.title if program.file else str(PROGRAMS[program.kind][2])


def how_it_ended(outcome: Outcome | None, fault: str | None) -> str:
    if fault or outcome is None:
        return words.cut_by_a_fault()
    return words.how_it_ended(outcome, settings.CONSOLE_LIMITS)


def display_head(data: bytes) -> dict[str, Any] | None:
    """The line of JSON that a display begins with; None where a program wrote nonsense."""
    try:
        head = json.loads(data[: data.index(b"\n")])
    except (ValueError, RecursionError):
        return None
    if not isinstance(head, dict) or not isinstance(head.get("mime"), str):
        return None
    title = head.get("title")
    return {"mime": head["mime"][:100], "title": readable(title[:200]) if isinstance(title, str) else _("Picture")}
