"""Cookies of student programs, in both directions. The site's own never pass either way.

On the pages host a program's cookies are its own. On the site's host they are kept apart by their names: `theme` of
student's programs is kept by the browser as `cgi~student~theme`, and only student's programs ever get it back. On a
host that is its owner's alone the browser keeps `__Host-theme` where it speaks HTTPS: no other host, not one beside
it, can have planted such a cookie (RFC 6265bis, "Cookie Name Prefixes"), and only such ones get back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

COOKIE_MAX_BYTES: Final = 4096
COOKIES_MAX: Final = 20  # in one response, so that a page cannot push everybody else's out of the browser
NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
VALUE: Final = re.compile(rb"[\x20-\x3a\x3c-\x7e]*")  # more than RFC 6265 4.1.1: http.cookies quotes and escapes
MAX_AGE: Final = re.compile(rb"-?[0-9]{1,10}")
EXPIRES: Final = re.compile(rb"[A-Za-z0-9 ,:\-+]{1,40}")
PATH: Final = re.compile(rb"/[\x21-\x3a\x3c-\x7e]*")
OWN_HOST: Final = b"__Host-"
SAME_SITE: Final = (b"strict", b"lax", b"none")


@dataclass(frozen=True)
class Jar:
    """Whose programs the cookies belong to, and where."""

    owner: str
    base: bytes  # the path they are kept to
    prefix: bytes  # what their names begin with in the browser: b"" on the common pages host
    site_names: frozenset[str]  # names that are the site's own
    same_site: bytes  # given to cookies that say nothing of it themselves; b"" leaves it to the browser

    def for_program(self, header: str) -> str:
        """The Cookie header as the program may see it."""
        prefix = self.prefix.decode("ascii")
        kept = []
        for cookie in header.split(";"):
            name, equals, value = cookie.strip().partition("=")
            if equals and name.startswith(prefix) and name not in self.site_names:
                kept.append(f"{name.removeprefix(prefix)}={value}")
        return "; ".join(kept)

    def for_browser(self, value: bytes) -> bytes | None:
        """A program's Set-Cookie as the browser may keep it (RFC 6265 4.1), or None when it cannot be kept safely.

        No Domain attribute, so that it stays on this host; its path lies within the owner's pages.
        """
        pair, *attributes = value.split(b";")
        name, equals, content = (piece.strip() for piece in pair.partition(b"="))
        if not equals or len(value) > COOKIE_MAX_BYTES or not NAME.fullmatch(name) or not VALUE.fullmatch(content):
            return None
        if name.decode("ascii") in self.site_names or name.lower().startswith((b"__host-", b"__secure-")):
            return None
        given = {}
        for attribute in attributes:
            key, _, setting = (piece.strip() for piece in attribute.partition(b"="))
            given[key.lower()] = setting
        alone, marked = self.prefix == OWN_HOST, self.prefix not in (b"", OWN_HOST)
        path = self.base if alone else self.path(given.get(b"path", b""))
        cookie = [self.prefix + name + b"=" + content, b"Path=" + path]
        if MAX_AGE.fullmatch(given.get(b"max-age", b"")):
            cookie.append(b"Max-Age=" + given[b"max-age"])
        if EXPIRES.fullmatch(given.get(b"expires", b"")):
            cookie.append(b"Expires=" + given[b"expires"])
        if b"httponly" in given or marked:
            cookie.append(b"HttpOnly")
        same_site = given.get(b"samesite", b"").lower()
        same_site = same_site if same_site in SAME_SITE and not marked else self.same_site
        if same_site:
            cookie.append(b"SameSite=" + same_site.title())
        if b"secure" in given or same_site == b"none" or alone:
            cookie.append(b"Secure")
        return b"; ".join(cookie)

    def path(self, wanted: bytes) -> bytes:
        inside = wanted.startswith(self.base) and PATH.fullmatch(wanted) and b"/.." not in wanted
        return wanted if inside else self.base
