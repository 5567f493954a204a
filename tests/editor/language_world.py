"""A supervisor with jails, homes in it, and pages that speak to language servers there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from channels.routing import URLRouter

from editor.routing import sockets
from tests.console.conftest import Browser
from tests.sandbox.installation import Installation

application = URLRouter(sockets)
PYTHON = "/opt/runtime/bin/python3"


class World:
    def __init__(self, installation: Installation, settings: Any) -> None:
        self.installation = installation
        self.settings = settings
        settings.IVLE_SANDBOX_SOCKET = installation.socket
        settings.IVLE_HOMES = installation.homes

    def home(self, owner: str) -> Path:
        folder = self.installation.homes / owner
        if not folder.exists():
            self.installation.own(folder, self.installation.jail_id)
        return folder

    def write(self, owner: str, name: str, content: str = "") -> Path:
        path = self.home(owner) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        for made in (path, *path.parents):
            if made == self.installation.homes:
                break
            os.chown(made, self.installation.jail_id, self.installation.jail_id)
        return path

    def stand_in(self, code: str) -> None:
        """A program of Python's in the language server's place."""
        self.settings.IVLE_LANGUAGE_SERVER = (PYTHON, "-c", code)

    def processes(self) -> list[int]:
        return self.installation.processes()


class Page(Browser):
    """One that speaks the protocol. `path` is that of the file, as its owner types it."""

    @classmethod
    def of(cls, file: str, headers: dict[str, str], **query: str) -> Page:
        wishes = "".join(f"&{name}={value}" for name, value in query.items())
        return cls(f"/editor/language/socket?path={quote(quote(file))}{wishes}", headers)

    async def enter(self) -> Page:
        await self.connect(application)
        return self

    @property
    def is_in(self) -> bool:
        return self.first["type"] == "websocket.accept"

    async def ask(self, number: int, method: str, **params: Any) -> Any:
        self.say(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        while True:
            heard = await self.hear()
            assert isinstance(heard, dict), f"closed ({heard})"
            assert heard.get("method") != "$/ivle/closing", heard
            if heard.get("id") == number and "method" not in heard:
                return heard.get("result")

    def note(self, method: str, **params: Any) -> None:
        self.say(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    async def begin(self, owner: str, file: str, text: str) -> str:
        """The file's address, once the server has it."""
        root, address = f"file:///home/{owner}", f"file:///home/{owner}/{file}"
        folders = [{"uri": root, "name": "home"}]
        await self.ask(1, "initialize", processId=None, rootUri=root, capabilities={}, workspaceFolders=folders)
        self.note("initialized")
        document = {"uri": address, "languageId": "python", "version": 1, "text": text}
        self.note("textDocument/didOpen", textDocument=document)
        return address

    async def ending(self) -> tuple[str, int]:
        """Why it was cut off, and the code; what comes before is passed over."""
        while True:
            event = await self.event()
            assert event["type"] == "websocket.send", "closed without a reason"
            if "$/ivle/closing" in event["text"]:
                params = json.loads(event["text"])["params"]
                assert params["sentence"].endswith(".")
                return params["reason"], await self.hear()
