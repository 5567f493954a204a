"""From a program's header block to an HTTP response: the allow-list, RFC 3875 section 6, and what ivle adds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_from_bytes

from cgirunner.cookies import COOKIES_MAX, Jar
from cgirunner.headers import Decision, Rule

PLAIN: Final = b"text/plain; charset=utf-8"
# These pass as they are, the last of each. Everything else is dropped and named in the report.
PASSED: Final = frozenset(
    (
        "cache-control",
        "content-disposition",
        "content-language",
        "etag",
        "expires",
        "last-modified",
        "refresh",
        "retry-after",
        "vary",
    )
)
NOBODY_MEANT: Final = frozenset(("content-length", "connection", "date", "server"))  # dropped without a word
MEDIA_TYPE: Final = re.compile(rb"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:[ \t]*;.*)?", re.DOTALL | re.ASCII)
BODILESS: Final = frozenset((204, 304))
URL_SAFE: Final = "%/:=&?~#+!$,;'@()*[]"
# A page on the site's own host gets an origin of its own, which no other page shares: its scripts cannot read or do
# anything in the viewer's name. Never add allow-same-origin.
SANDBOX: Final = (
    b"sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads"
)


@dataclass
class Head:
    """Status and headers of a response, before a body length is known."""

    status: int = 200
    content_type: bytes = PLAIN
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    location: bytes = b""
    local_redirect: bytes = b""  # ask again, here, for this path (RFC 3875 6.2.2)
    dropped: list[str] = field(default_factory=list)  # names of headers that did not pass

    @property
    def is_plain(self) -> bool:
        return self.content_type.partition(b";")[0].strip().lower() == b"text/plain"

    @property
    def has_body(self) -> bool:
        return self.status not in BODILESS


@dataclass(frozen=True)
class Manner:
    """How student files are answered at one address."""

    jar: Jar
    own: bytes  # the raw path of the home: local redirects stay below it
    sandboxed: bool  # the page lives on the site's own host
    extra: tuple[tuple[bytes, bytes], ...] = ()

    def headers(self, content_type: bytes) -> list[tuple[bytes, bytes]]:
        """What ivle says about every answer made of student files."""
        added = [(b"X-Content-Type-Options", b"nosniff"), (b"Referrer-Policy", b"same-origin"), *self.extra]
        # A PDF runs nothing in its page's origin, and browsers do not show one in a sandbox.
        if self.sandboxed and content_type != b"application/pdf":
            added.append((b"Content-Security-Policy", SANDBOX))
        return added


def read_head(decision: Decision, manner: Manner) -> Head:
    """What the program's header block means; a plain text answer where it printed none."""
    head = Head()
    if decision.rule in (Rule.HEADERS, Rule.HEADERS_OF_TEXT):
        read_fields(head, decision, manner)
    head.headers += manner.headers(head.content_type)
    return head


def read_fields(head: Head, decision: Decision, manner: Manner) -> None:
    values: dict[str, bytes] = {}
    cookies = 0
    for name, value in decision.fields:
        if name == "set-cookie":
            cookie = manner.jar.for_browser(value) if cookies < COOKIES_MAX else None
            if cookie is None:
                head.dropped.append(name)
            else:
                cookies += 1
                head.headers.append((b"Set-Cookie", cookie))
        elif name in PASSED or name in MEANINGS:
            values[name] = value
        elif name not in NOBODY_MEANT:
            head.dropped.append(name)
    for name, value in values.items():
        if name in MEANINGS:
            MEANINGS[name](head, value, manner)
        else:
            head.headers.append((name.title().encode("ascii"), value))
    if head.location:
        settle_redirect(head, said_status="status" in values)


def on_status(head: Head, value: bytes, manner: Manner) -> None:
    """RFC 3875 6.3.3. 1xx is not an answer, so it is not one here."""
    if re.fullmatch(rb"[2-5][0-9]{2}(?:[ \t].*)?", value, re.DOTALL):
        head.status = int(value[:3])
    else:
        head.dropped.append("status")


def on_content_type(head: Head, value: bytes, manner: Manner) -> None:
    if MEDIA_TYPE.fullmatch(value):
        head.content_type = value
    else:
        head.dropped.append("content-type")


def on_location(head: Head, value: bytes, manner: Manner) -> None:
    """RFC 3875 6.2.2 and 6.2.3. Only http, https and addresses relative to this page; never javascript:."""
    target = quote_from_bytes(value, safe=URL_SAFE).encode("ascii")
    absolute = re.match(rb"https?://[^/?#]", target, re.IGNORECASE)
    scheme = re.match(rb"[^/?#]*:", target)
    if not target or b"\\" in value or target.startswith(b"//") or (scheme and not absolute):
        head.dropped.append("location")
    else:
        head.location = target
        if target.startswith(manner.own) and b"#" not in target:
            head.local_redirect = target


def settle_redirect(head: Head, said_status: bool) -> None:
    """A redirect is a local one only without a Status (RFC 3875 6.2.2); with one, or elsewhere, the browser goes."""
    if said_status:
        head.local_redirect = b""
    if not head.local_redirect:
        head.headers.append((b"Location", head.location))
        head.status = head.status if said_status else 302


MEANINGS: Final[dict[str, Callable[[Head, bytes, Manner], None]]] = {
    "status": on_status,
    "content-type": on_content_type,
    "location": on_location,
}
