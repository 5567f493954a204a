"""Puts one answer on the wire: in one piece with its length, or piece by piece; whole, or visibly broken off."""

from __future__ import annotations

from cgirunner.request import Request, Send
from cgirunner.response import Head


class Answer:
    """Knows what HEAD, 204 and 304 leave out, so that nobody else has to."""

    def __init__(self, request: Request, send: Send) -> None:
        self._send = send
        self._bodiless = request.method == "HEAD"

    async def start(self, head: Head, length: int | None = None) -> None:
        """`length` is that of the whole body, where it is known by now."""
        headers = list(head.headers)
        if head.has_body:
            headers.append((b"Content-Type", head.content_type))
            if length is not None:
                headers.append((b"Content-Length", b"%d" % length))
        else:
            self._bodiless = True
        await self._send({"type": "http.response.start", "status": head.status, "headers": headers})

    async def piece(self, data: bytes) -> None:
        if data and not self._bodiless:
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": b"" if self._bodiless else data})

    async def whole(self, head: Head, body: bytes) -> None:
        await self.start(head, len(body))
        await self.end(body)

    async def break_off(self) -> None:
        """Ends an answer that is not complete so that the browser can tell: the connection closes in the middle.

        ASGI has no word for it. ivle's web server understands this message. Uvicorn refuses it, and closes the
        connection when we return; plain Daphne would leave it open, so there the answer just ends.
        """
        try:
            await self._send({"type": "ivle.response.abort"})
        except RuntimeError:
            return
        except ValueError:
            await self.end()
