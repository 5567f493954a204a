"""One person's browser, as far as the site notices it: cookies, one connection that stays, sockets. For lab.py and
chaos.py, which have hundreds of them in one event loop."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.load import LOOPBACK
from bench.terminal import plain
from bench.websocket import MASK, Opcode, head_of, parse
from console.protocol import OFFSET, SUBPROTOCOL

ANSWER_MAX_SECONDS = 30.0
LINE_MAX_BYTES = 1 << 20
FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Wrong(Exception):
    """The site's answer is not what was wanted; the message says what came."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Browser:
    """With a `token` it is a person's program, else a browser that logs in."""

    port: int
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def log_in(self, login: str, password: str) -> None:
        """Raises Wrong and OSError."""
        done = await self.try_log_in(await self.wanted("GET", "/login/"), login, password)
        if done.status != 302:
            raise Wrong(f"log in: status {done.status}")
        self.csrf = self.cookies.get("ivle-csrf", "")

    async def try_log_in(self, page: Answer, login: str, password: str) -> Answer:
        """By the form on `page`. Raises Wrong where it has none, and OSError."""
        found = FORM_TOKEN.search(page.body.decode())
        if found is None:
            raise Wrong("the login page has no form")
        form = urlencode({"csrfmiddlewaretoken": found[1], "username": login, "password": password, "next": "/"})
        return await self.ask("POST", "/login/", form.encode(), "application/x-www-form-urlencoded")

    async def wanted(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Answer:
        """Raises Wrong for every answer but a good one, and OSError."""
        answer = await self.ask(method, path, body, kind)
        if answer.status not in (200, 201, 204):
            raise Wrong(f"{method} {path.partition('?')[0]}: {answer.status} {words_of(answer.body)}")
        return answer

    async def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", **headers: str
    ) -> Answer:
        """Raises OSError: also where the connection that stayed was closed meanwhile."""
        try:
            async with asyncio.timeout(ANSWER_MAX_SECONDS):
                if self.reader is not None and self.reader.at_eof():
                    self.close()  # a browser begins anew, too, when a connection was idle for too long
                if self.writer is None:
                    self.reader, self.writer = await asyncio.open_connection(LOOPBACK, self.port, limit=LINE_MAX_BYTES)
                self.writer.write(self.head(method, path, len(body), kind, headers) + body)
                return await self.read_answer()
        except TimeoutError:
            self.close()
            raise Wrong(f"{method} {path.partition('?')[0]}: no answer in {ANSWER_MAX_SECONDS:g} s") from None
        except (asyncio.IncompleteReadError, ValueError, IndexError) as error:
            self.close()
            raise ConnectionError(f"the answer broke off: {error!r}") from error
        except BaseException:
            self.close()
            raise

    def head(self, method: str, path: str, length: int, kind: str, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        else:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
            lines += [f"Origin: http://localhost:{self.port}", f"X-CSRFToken: {self.csrf}"]
        if method != "GET":
            lines += [f"Content-Type: {kind}", f"Content-Length: {length}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    async def read_answer(self) -> Answer:
        assert self.reader is not None
        status = int((await self.line()).split()[1])
        headers: dict[str, str] = {}
        while line := await self.line():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
            if name.lower() == "set-cookie":
                cookie, _, content = value.strip().partition(";")[0].partition("=")
                self.cookies[cookie] = content
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int(await self.line(), 16):
                body += await self.reader.readexactly(size)
                await self.line()
            await self.line()
        elif "content-length" in headers:
            body = await self.reader.readexactly(int(headers["content-length"]))
        else:
            body = b""
            if status not in (204, 304):
                body = await self.reader.read()
                self.close()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    async def line(self) -> str:
        assert self.reader is not None
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise asyncio.IncompleteReadError(line, None)
        return line.decode("latin-1").rstrip("\r\n")

    async def console(self, **wishes: str) -> Console:
        """A new console and a socket on it. Raises Wrong and OSError."""
        query = urlencode({"client": base64.b32encode(os.urandom(10)).decode().lower(), "drives": "1", **wishes})
        opened = Browser(self.port, self.token, self.cookies, self.csrf)
        key = base64.b64encode(os.urandom(16)).decode()
        answer_key = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        asked = {**answer_key, "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": SUBPROTOCOL}
        async with asyncio.timeout(ANSWER_MAX_SECONDS):
            reader, writer = await asyncio.open_connection(LOOPBACK, self.port, limit=LINE_MAX_BYTES)
            writer.write(opened.head("GET", f"/console/new/socket?{query}", 0, "", asked))
            head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            writer.close()
            raise Wrong(f"a console's socket: {head.split(bytes([13]), 1)[0].decode()}")
        return Console(reader, writer)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Console:
    """The page of one console."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.buffer = bytearray()
        self.output = bytearray()
        self.typed = 0
        self.has_ended = False

    def type(self, data: bytes) -> None:
        self.send(Opcode.BINARY, OFFSET.pack(self.typed) + data)
        self.typed += len(data)

    def send(self, opcode: Opcode, data: bytes) -> None:
        self.writer.write(head_of(opcode, len(data)) + MASK + data)

    async def until(self, text: bytes) -> None:
        """Raises Wrong and OSError."""
        async with limit(f"no {text!r} in a console"):
            while text not in plain(bytes(self.output)):
                await self.take()
        self.output.clear()

    async def until_ended(self) -> bytes:
        """Its output. Raises Wrong and OSError."""
        async with limit("a program in a console does not end"):
            while not self.has_ended:
                await self.take()
        return bytes(self.output)

    async def take(self) -> None:
        data = await self.reader.read(1 << 16)
        if not data:
            raise ConnectionError("a console's socket broke off")
        self.buffer += data
        position = 0
        while (found := parse(self.buffer, position)) is not None:
            opcode, frame, position = found
            if opcode is Opcode.BINARY:
                self.output += frame[OFFSET.size :]
            elif opcode is Opcode.PING:
                self.send(Opcode.PONG, frame)
            elif opcode is Opcode.TEXT:
                self.on_text(json.loads(frame))
        del self.buffer[:position]

    def on_text(self, message: dict[str, Any]) -> None:
        if message["kind"] == "ended" or message.get("outcome"):
            self.has_ended = True
        elif message["kind"] == "closing":
            raise Wrong(f"a console was closed: {message.get('sentence', '')}")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.send(Opcode.CLOSE, b"\x03\xe8")
        self.writer.close()


@contextlib.asynccontextmanager
async def limit(sentence: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(ANSWER_MAX_SECONDS):
            yield
    except TimeoutError:
        raise Wrong(sentence) from None


def words_of(body: bytes) -> str:
    """What a person would read, shortened."""
    text = body.decode("utf-8", "replace")
    text = text.partition("<main")[2] or text
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:160]
