"""Marks a web page: a browser of few words goes through the steps of a test. The program runs in one jail for all of
them, its pages are read in another, and what they should be like is known only out here."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cgirunner.environment import cgi_environment
from cgirunner.headers import Decision, sniff
from cgirunner.request import Request as CgiRequest
from exercises.exercise import Request
from exercises.jails import HOME, as_bytes, as_told

HOST = "localhost"
BROWSER = ("127.0.0.1", 50000)
BOUNDARY = "ivle-form-boundary"
FORM, DATA = "application/x-www-form-urlencoded", "application/octet-stream"
COOKIES_MAX, COOKIE_MAX_CHARACTERS = 20, 4096
STATUS = re.compile(r"[0-9]{3}")  # other digits are no numbers to int()
HEADER = re.compile(r"(?:content-type|status|location|set-cookie)[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: str
    exit_status: int
    errors: str

    def header(self, name: str) -> str | None:
        """The last of that name."""
        return dict(self.headers).get(name.lower())

    @property
    def is_html(self) -> bool:
        kind = (self.header("content-type") or "").partition(";")[0].strip().lower()
        return kind in ("text/html", "application/xhtml+xml")

    @property
    def has_lost_headers(self) -> bool:
        """They are there, and so is something that makes them no headers."""
        return HEADER.match(self.body) is not None

    @property
    def cookies(self) -> dict[str, str]:
        """That it sets; those that it deletes have the value ""."""
        return dict(read_cookie(value) for name, value in self.headers if name == "set-cookie")

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Page | None:
        """None for what no harness of ours has told."""
        match message:
            case {"exit": int(exit_status), "output": str(output), "errors": str(errors)}:
                data, complaints = as_bytes(output), as_bytes(errors)
                return read_page(sniff(data), data, exit_status, complaints.decode("utf-8", "replace"))
        return None


def read_page(decision: Decision, data: bytes, exit_status: int, errors: str) -> Page:
    """As the site answers (RFC 3875 section 6); a program that fails is answered with 500."""
    headers = [(name, value.decode("latin-1")) for name, value in decision.fields]
    named = dict(headers)
    status = 302 if "location" in named else 200
    if said := STATUS.match(named.get("status", "")):
        status = int(said[0])
    if exit_status:
        status = 500
    if "content-type" not in named:
        headers.append(("content-type", "text/plain; charset=utf-8"))
    body = data[decision.body_start :].decode("utf-8", "replace")
    return Page(status, tuple(headers), body, exit_status, errors)


def read_cookie(header: str) -> tuple[str, str]:
    pair, *attributes = header[:COOKIE_MAX_CHARACTERS].split(";")
    name, _, value = pair.partition("=")
    lowered = [attribute.strip().lower() for attribute in attributes]
    is_deleted = "max-age=0" in lowered or any(one.startswith("expires=") and " 1970 " in one for one in lowered)
    return name.strip(), "" if is_deleted else value.strip()


@dataclass
class Browser:
    """Keeps cookies from one step to the next."""

    main: str
    files: Mapping[str, bytes]
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, request: Request) -> dict[str, Any]:
        """What the harness in the jail is told of a step."""
        body, kind = self.body_of(request)
        headers = {"host": HOST, **{name.lower(): value for name, value in request.headers}}
        kept = [f"{name}={value}" for name, value in self.cookies.items()]
        cookies = [headers.pop("cookie")] if "cookie" in headers else []
        if kind and "content-type" not in headers:
            headers["content-type"] = kind
        program, rest, names = self.program_of(request.path)
        asked = CgiRequest(
            method=request.method,
            raw_path=request.path.encode(),
            query=request.query.encode(),
            headers=headers,
            scheme="http",
            http_version="1.1",
            client=BROWSER,
            server=(HOST, 80),
        )
        environ = cgi_environment(
            asked,
            base=b"/",
            script=(program.encode(),),
            names=names,
            index=not names,
            rest=rest,
            rest_is_folder=False,
            home=HOME,
            body_bytes=len(body) if request.method in ("POST", "PUT", "PATCH") else None,
            cookies="; ".join(kept + cookies),
        )
        return {"main": program, "environ": environ, "body": as_told(body)}

    def program_of(self, path: str) -> tuple[str, tuple[bytes, ...], tuple[bytes, ...]]:
        """Which file it is, what follows it in the address, and its own part there: none for the bare address."""
        first, *rest = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        if first in self.files and first.endswith(".py"):
            return first, tuple(part.encode() for part in rest), (first.encode(),)
        parts = [part.encode() for part in (first, *rest) if part]
        return self.main, tuple(parts), (self.main.encode(),) if parts else ()

    def body_of(self, request: Request) -> tuple[bytes, str]:
        """With its media type."""
        if request.uploads:
            return self.parts_of(request), f"multipart/form-data; boundary={BOUNDARY}"
        if request.form:
            return urllib.parse.urlencode(request.form).encode(), FORM
        return request.body.encode(), "text/plain; charset=utf-8" if request.body else ""

    def parts_of(self, request: Request) -> bytes:
        """RFC 7578."""
        pieces = []
        for name, value in request.form:
            pieces.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        for name, file in request.uploads:
            disposition = f'form-data; name="{name}"; filename="{file.rpartition("/")[2]}"'
            head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: {DATA}\r\n\r\n"
            pieces.append(head.encode() + self.files.get(file, b"") + b"\r\n")
        return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()

    def keep(self, page: Page) -> None:
        for name, value in page.cookies.items():
            self.cookies.pop(name, None)
            if value and len(self.cookies) < COOKIES_MAX:
                self.cookies[name] = value
