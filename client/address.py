"""Where a console is: the site, and perhaps which console. From the URL that a person copies out of the browser."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

CONSOLE: Final = re.compile(r"/console/(?:embed/)?([A-Za-z0-9_-]{1,64})/?", re.ASCII)
NO_CONSOLE: Final = frozenset({"", "/", "/console", "/console/"})
OWN_PAGES: Final = frozenset({"all", "start", "frame", "embed"})


class BadAddress(Exception):
    """Its text is a sentence for the person."""


@dataclass(frozen=True)
class Address:
    origin: str  # scheme://host[:port]
    console: str = ""  # its id, or none

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises BadAddress."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadAddress("This is not a URL.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadAddress("The address begins with https:// or http://, as the browser shows it.")
        if parts.username is not None or parts.password is not None:
            raise BadAddress("Leave name and password out of the address; you are asked for them.")
        if not re.fullmatch(r"[A-Za-z0-9.:_%-]+", parts.hostname, re.ASCII):
            raise BadAddress("This is not the name of a machine.")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        origin = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
        if parts.path in NO_CONSOLE:
            return cls(origin)
        named = CONSOLE.fullmatch(parts.path)
        if not named or named[1] in OWN_PAGES:
            raise BadAddress("Give the site's address, or that of a console's page: .../console/<id>/.")
        return cls(origin, named[1])

    def of(self, console: str) -> Address:
        return Address(self.origin, console)

    @property
    def page(self) -> str:
        return f"{self.origin}/console/{self.console}/" if self.console else f"{self.origin}/console/"

    def socket(self, client: str, offset: int | None, *, drives: bool) -> str:
        query = urlencode(
            {"client": client, "offset": "" if offset is None else offset, "drives": "1" if drives else "0"}
        )
        return f"{self.origin.replace('http', 'ws', 1)}/console/{self.console}/socket?{query}"

    @property
    def is_private(self) -> bool:
        """Nobody on the way can read along."""
        host = urlsplit(self.origin).hostname or ""
        if self.origin.startswith("https:") or host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
