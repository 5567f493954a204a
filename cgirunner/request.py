"""One HTTP request to a student's file: what the ASGI scope says, and what its address means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import unquote_to_bytes

from files.paths import BadPath, split_url_path
from sandbox.job import is_owner_name

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SAFE_METHODS: Final = ("GET", "HEAD")
REPORT: Final = b"report"
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """A URL path, read: whose home, and which names in it."""

    owner: str
    ticket: str  # what follows the owner after a tilde: /serve/<owner>~<ticket>/
    base: bytes  # the raw path up to the home, slash included: b"/serve/student/"
    parts: tuple[bytes, ...]
    folder: bool  # a slash ends it

    @classmethod
    def parse(cls, raw_path: bytes, mount: bytes) -> Self:
        """`mount` is b"/serve/" or b"/~". Raises BadPath for what can be nobody's file."""
        home, slash, rest = raw_path[len(mount) :].partition(b"/")
        owner, _, ticket = unquote_to_bytes(home).decode("ascii", "replace").partition("~")
        if not raw_path.startswith(mount) or not is_owner_name(owner):
            raise BadPath("no such owner")
        parts, folder = split_url_path(rest) if rest else ((), bool(slash))
        return cls(owner, ticket, raw_path[: len(mount) + len(home)] + b"/", parts, folder)

    @classmethod
    def on_own_host(cls, owner: str, raw_path: bytes) -> Self:
        """On a host that is this owner's alone. Raises BadPath."""
        if not raw_path.startswith(b"/"):
            raise BadPath("no path")
        parts, folder = split_url_path(raw_path[1:]) if raw_path != b"/" else ((), True)
        return cls(owner, "", b"/", parts, folder)


@dataclass(frozen=True)
class Request:
    method: str
    raw_path: bytes  # as the browser sent it, still percent-encoded
    query: bytes
    headers: Mapping[str, str]  # names in lower case; several of one name joined (RFC 9110 5.3)
    scheme: str
    http_version: str
    client: tuple[str, int]
    server: tuple[str, int]

    @classmethod
    def from_scope(cls, scope: Scope) -> Self:
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name in headers:
                value = headers[name] + ("; " if name == "cookie" else ", ") + value
            headers[name] = value
        scheme = scope.get("scheme", "http")
        client = scope.get("client") or ("127.0.0.1", 0)  # none behind a Unix socket
        server = scope.get("server") or ("127.0.0.1", DEFAULT_PORTS.get(scheme, 80))
        return cls(
            method=scope["method"],
            raw_path=scope["raw_path"].partition(b"?")[0],
            query=scope["query_string"],
            headers=headers,
            scheme=scheme,
            http_version=scope["http_version"],
            client=(client[0], client[1] or 0),
            server=(server[0], server[1] or 0),
        )

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE_METHODS

    @property
    def host(self) -> str:
        """The Host header as it came: ivle's router has let through only hosts that are ours."""
        return self.headers.get("host", self.server[0])

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def target(self) -> bytes:
        return self.raw_path + (b"?" + self.query if self.query else b"")

    @property
    def opens_document(self) -> bool:
        """True when a person's browser opens this as the page in its window.

        Browsers say so in Sec-Fetch-Dest, but not to plain http on a host other than localhost; there we go by Accept.
        """
        destination = self.headers.get("sec-fetch-dest")
        if not self.is_safe:
            return False
        return destination == "document" if destination else "text/html" in self.headers.get("accept", "")

    @property
    def opens_in_our_frame(self) -> bool:
        """A page of the site, such as the editor, shows it in a frame."""
        found = (self.headers.get("sec-fetch-dest"), self.headers.get("sec-fetch-site"))
        return self.is_safe and found == ("iframe", "same-origin")

    @property
    def is_framed(self) -> bool:
        return self.headers.get("sec-fetch-dest") in ("iframe", "frame")

    @property
    def shows_page(self) -> bool:
        """False when a script of the page asks, and nobody would see a page that ivle puts in place of an answer."""
        return self.headers.get("sec-fetch-dest", "document") in ("document", "iframe", "frame")

    def without_report(self) -> tuple[Self, bool]:
        """This request as the program sees it, and whether it asks for the report of the run."""
        items = self.query.split(b"&")
        kept = [item for item in items if item != REPORT]
        return replace(self, query=b"&".join(kept)), len(kept) < len(items)

    def redirected(self, target: bytes) -> Self:
        """The request that a program's local redirect stands for (RFC 3875 6.2.2): a GET without a body."""
        raw_path, _, query = target.partition(b"?")
        headers = {name: value for name, value in self.headers.items() if not name.startswith("content-")}
        return replace(self, method="GET", raw_path=raw_path, query=query, headers=headers)
