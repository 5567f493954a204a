"""Carries a conversation over WebSockets: one, and when that is lost another, until the conversation has its ending."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from client import words
from client.conversation import FAILED, Conversation, Ending
from client.protocol import SUBPROTOCOL, ProtocolFault
from client.streams import in_thread
from client.website import Website

FRAME_MAX_BYTES: Final = 512 * 1024
OPEN_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 1.0
ALIVE_SECONDS: Final = 20.0  # between pings, and for their answers
FIRST_RETRY_SECONDS: Final = 0.25
LAST_RETRY_SECONDS: Final = 15.0
QUIET_FAILURES: Final = 1  # before the person is told
TOO_LARGE: Final = 1009
NO_CODE: Final = 1006


class Connection:
    """`wake` has to be called whenever the conversation may have something to say. `on_waiting` says that one attempt
    after the other fails, `on_heard` that the server said something."""

    def __init__(
        self,
        site: Website,
        conversation: Conversation,
        patience_seconds: float,
        *,
        on_waiting: Callable[[], None],
        on_heard: Callable[[], None],
    ) -> None:
        self.site = site
        self.conversation = conversation
        self.patience_seconds = patience_seconds
        self.on_waiting = on_waiting
        self.on_heard = on_heard
        self.something = asyncio.Event()
        self.failures = 0

    def wake(self) -> None:
        self.something.set()

    async def carry(self) -> Ending:
        """Until there is nothing more to do."""
        loop = asyncio.get_running_loop()
        lost_at = loop.time()
        while True:
            if await self.try_once():
                lost_at = loop.time()
                self.failures = 0
            if self.conversation.ending:
                return self.conversation.ending
            self.failures += 1
            if self.failures > QUIET_FAILURES:
                self.on_waiting()
            longest = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(self.failures - 1, 10))
            seconds = longest * random.uniform(0.5, 1)  # noqa: S311  (so that a class does not come back all at once)
            if loop.time() + seconds - lost_at > self.patience_seconds:
                return Ending(words.lost(self.patience_seconds, self.site.address.page), FAILED)
            await asyncio.sleep(seconds)

    async def try_once(self) -> bool:
        """Whether it came to a welcome. Sets the conversation's ending where there is no use in trying again."""
        conversation = self.conversation
        welcomed = False
        code = NO_CODE
        try:
            socket = await self.open()
            try:
                await self.talk(socket)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else NO_CODE
                if closed.sent and closed.sent.code == TOO_LARGE:
                    raise ProtocolFault("a frame that is too large") from None
            finally:
                welcomed = conversation.connected
                await socket.close()
        except InvalidStatus as refusal:
            await self.understand(refusal.response.status_code)
        except ProtocolFault as fault:
            conversation.ending = conversation.ending or Ending(words.broken(str(fault)), FAILED)
        except (OSError, TimeoutError, InvalidHandshake):
            pass
        conversation.lose(code)
        return welcomed

    async def open(self) -> ClientConnection:
        conversation = self.conversation
        url = self.site.address.socket(conversation.client, conversation.received, drives=not conversation.watches_only)
        headers = self.site.headers()
        origin = headers.pop("Origin", None)
        socket = await connect(
            url,
            origin=Origin(origin) if origin else None,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=headers,
            compression=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=ALIVE_SECONDS,
            ping_timeout=ALIVE_SECONDS,
            max_size=FRAME_MAX_BYTES,
        )
        if socket.subprotocol != SUBPROTOCOL:
            await socket.close()
            raise ProtocolFault("no word of the protocol that this client speaks")
        return socket

    async def talk(self, socket: ClientConnection) -> None:
        """Both ways, until the connection or the conversation is over."""
        ways: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self.listen(socket)),
            asyncio.ensure_future(self.speak(socket)),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            outcomes = await asyncio.gather(*ways, return_exceptions=True)
        faults = [fault for fault in outcomes if isinstance(fault, ConnectionClosed | ProtocolFault)]
        if not self.conversation.ending and faults:
            raise faults[0]
        for way in done:
            if not faults:
                way.result()

    async def listen(self, socket: ClientConnection) -> None:
        async with asyncio.timeout(OPEN_SECONDS):
            self.conversation.receive(await socket.recv())
        while not self.conversation.ending:
            self.wake()
            self.conversation.receive(await socket.recv())
            self.on_heard()

    async def speak(self, socket: ClientConnection) -> None:
        while True:
            await self.something.wait()
            self.something.clear()
            for frame in self.conversation.frames():
                await socket.send(frame)

    async def understand(self, status: int) -> None:
        """A socket was refused. Not every server says why, so another request finds out."""
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            status = await self.look()
        if status in ENDINGS:
            self.conversation.ending = Ending(ENDINGS[status], FAILED)

    async def look(self) -> int:
        statuses: list[int] = []
        await in_thread(lambda: statuses.append(self.site.look(self.site.address.console)))
        return statuses[0] if statuses else 0


ENDINGS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: words.refused_frame(),
    HTTPStatus.UNAUTHORIZED: words.logged_out(),
    HTTPStatus.FORBIDDEN: words.logged_out(),
    HTTPStatus.NOT_FOUND: words.no_console(),
}
