"""Our consoles, through the whole site: started and talked to by WebSocket, with a token. For console.py.

The demo class owns them, so many each as one may have.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench import ours
from bench.load import LOOPBACK
from bench.server import NotStarted
from bench.terminal import OurTerminal
from bench.websocket import WebSocket
from console.protocol import SUBPROTOCOL

OWNERS = ("student", "classmate", "lecturer", "admin")
OF_OWNER_MAX = 1000  # what IVLE_CONSOLES_PER_OWNER takes
ANSWER_MAX_SECONDS = 30.0


class NoConsole(Exception):
    """The site did not start one; the message is what it said."""


class ConsoleSite:
    name = "ivle"

    def __init__(self, port: int, pid: int, tokens: tuple[str, ...]) -> None:
        self.port = port
        self.pid = pid
        self.tokens = itertools.cycle(tokens)

    def open(self, kind: str) -> OurTerminal:
        """A new console and its page, by one socket. Raises OSError where that is refused, as terminado's may be."""
        token = next(self.tokens)
        client = secrets.token_hex(8)
        websocket = self.socket(token, f"/console/new/socket?client={client}&drives=1&program={kind}")
        return OurTerminal(websocket, lambda session: self.end(token, session))

    def start(self, token: str, kind: str) -> str:
        status, content = self.ask(token, "POST", "/api/consoles", {"program": kind})
        if status != 201:
            raise NoConsole(f"status {status}: {content.get('detail', '')}")
        return str(content["id"])

    def connect(self, token: str, session: str, client: str, offset: int) -> WebSocket:
        return self.socket(token, f"/console/{session}/socket?client={client}&offset={offset}&drives=1")

    def socket(self, token: str, path: str) -> WebSocket:
        headers = {"Sec-WebSocket-Protocol": SUBPROTOCOL, "Authorization": f"Bearer {token}"}
        return WebSocket(self.port, path, headers)

    def end(self, token: str, session: str) -> None:
        self.ask(token, "DELETE", f"/api/consoles/{session}")

    def ask(
        self, token: str, method: str, path: str, content: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str]]:
        """One request on a connection of its own: the status and the answer, {} for none."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=ANSWER_MAX_SECONDS)
        headers = {"Host": f"localhost:{self.port}", "Authorization": f"Bearer {token}"}
        try:
            if content is None:
                connection.request(method, path, headers=headers)
            else:
                headers["Content-Type"] = "application/json"
                connection.request(method, path, json.dumps(content), headers)
            response = connection.getresponse()
            body = response.read()
        except http.client.HTTPException as error:
            raise NoConsole(f"the site answered no HTTP: {error!r}") from error
        finally:
            connection.close()
        is_json = (response.getheader("Content-Type") or "").startswith("application/json")
        return response.status, json.loads(body) if body and is_json else {}


@contextlib.contextmanager
def serving(folder: Path, runtime: Path | None, most: int) -> Iterator[ConsoleSite]:
    """The site with room for so many consoles. Raises NotStarted."""
    room = {"IVLE_CONSOLES_MAX": str(most), "IVLE_CONSOLES_PER_OWNER": str(min(most, OF_OWNER_MAX))}
    with ours.started(folder, runtime, **room) as site:
        tokens = tuple(ours.manage(site, "token", owner).split()[-1] for owner in OWNERS)
        yield ConsoleSite(site.port, site.process.pid, tokens)


def supervisor_of(site: int) -> int:
    """The supervisor's process, of the site's. Raises NotStarted."""
    for process in psutil.Process(site).children():
        if "sandbox" in process.cmdline():
            return process.pid
    raise NotStarted("the site has no supervisor")
