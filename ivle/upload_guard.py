"""Refuses request bodies that are too large before they are stored. web.py gives this to Daphne.

Daphne keeps a whole body, on disk and then in memory, before any application sees the request, so the limits have to
stand here: on what the headers announce, and on what arrives without announcement (chunked).
"""

from __future__ import annotations

import math
from typing import Any, Final

from daphne.http_protocol import HTTPFactory
from django.conf import settings

from ivle.answer_pace import PacedRequest
from ivle.full_house import FullHouse, is_full

FORM_SLACK_BYTES: Final = 1024 * 1024  # a form's other fields and the lines between its parts
LINGER_SECONDS: Final = 10.0  # for the browser to see the answer while it is still sending
MIB: Final = 1024 * 1024


class GuardedRequest(PacedRequest):
    """A request whose body is counted while it arrives."""

    total_bytes = 0  # what all bodies of this process hold together
    content: Any  # the body's file

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Twisted would parse forms here, for nobody: a second copy, and 400 where a student's program must decide.
        super().__init__(*args, parsePOSTFormSubmission=False, **kwargs)
        self.body_bytes = 0
        self.refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """The headers are complete; they announce a body of `length`, or of any length (None, chunked)."""
        self.announced = length
        upgrade = self.requestHeaders.getRawHeaders(b"Upgrade", [b""])[0].lower()
        if upgrade == b"websocket" and length != 0:
            self.refuse(b"400 Bad Request", "A request for a WebSocket has no body.")
        elif self.admit(length or 0):
            super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if not self.refused and (self.announced is not None or self.admit(len(data))):
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        if self.refused:
            self.transport.loseConnection()
        else:
            super().requestReceived(command, path, version)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """ASGI has no word for an answer that must be seen to be incomplete; this is ours."""
        if message["type"] == "ivle.response.abort":
            if not self.finished and self.channel is not None:
                self.channel.loseConnection()
        else:
            super().handle_reply(message)

    def finish(self) -> None:
        self.release()
        super().finish()

    def connectionLost(self, reason: object) -> None:  # noqa: N802
        self.release()
        super().connectionLost(reason)

    def admit(self, more_bytes: int) -> bool:
        """Counts `more_bytes` towards both limits, or refuses the request."""
        most = settings.IVLE_UPLOAD_MAX_BYTES
        if self.body_bytes + more_bytes > most + FORM_SLACK_BYTES:
            text = f"This upload is larger than the {math.floor(most / MIB * 10) / 10:g} MB that ivle takes."
            self.refuse(b"413 Content Too Large", text)
        elif more_bytes and GuardedRequest.total_bytes + more_bytes > share_of_uploads():
            text = "Many people are uploading right now. Wait a moment, then try again."
            self.refuse(b"503 Service Unavailable", text, b"Retry-After: 10\r\n")
        else:
            self.body_bytes += more_bytes
            GuardedRequest.total_bytes += more_bytes
        return not self.refused

    def release(self) -> None:
        GuardedRequest.total_bytes -= self.body_bytes
        self.body_bytes = 0

    def refuse(self, status: bytes, text: str, more_headers: bytes = b"") -> None:
        """Answers now. What is still coming is read and dropped for a while: a connection closed with unread data
        is reset, and the browser would show that instead of the answer (RFC 9112 9.6)."""
        self.refused = True
        self.release()
        if self.content is not None:
            self.content.close()
            self.content = None
        self.requestHeaders.removeHeader(b"Expect")  # or "100 Continue" would follow our answer
        body = text.encode() + b"\n"
        self.transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n%s\r\n%s" % (status, len(body), more_headers, body)
        )
        self.transport.loseWriteConnection()
        self.channel.callLater(LINGER_SECONDS, self.transport.abortConnection)


def share_of_uploads() -> int:
    """What the uploads of this process may hold: its part, and never less than one upload."""
    part: int = settings.IVLE_UPLOADS_TOTAL_BYTES // settings.IVLE_WEB_PROCESSES
    return max(part, min(settings.IVLE_UPLOAD_MAX_BYTES + FORM_SLACK_BYTES, settings.IVLE_UPLOADS_TOTAL_BYTES))


class GuardedFactory(HTTPFactory):  # type: ignore[misc]
    """Request line and headers are bounded by Twisted: 16 KiB in all, 500 fields."""

    def buildProtocol(self, addr: object) -> Any:  # noqa: N802
        if is_full():
            return FullHouse()
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = GuardedRequest
        self.server.channels.add(protocol._channel)
        return protocol
