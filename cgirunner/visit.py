"""Who looks, may they, and at what: everything about a request that needs the database or the disk, in one call.

asgi.py calls serve_visit and pages_visit, off the event loop.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.http import parse_cookie
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from accounts import request_note
from accounts.credentials import by_session, by_token
from accounts.models import Person
from accounts.tokens import bearer
from cgirunner import ticket
from cgirunner.cookies import OWN_HOST, Jar
from cgirunner.recent import remembered
from cgirunner.refusal import Elsewhere, Refusal
from cgirunner.request import Address, Request
from cgirunner.response import Manner
from courses import looks
from files import access
from files.lookup import Found, NotThere, find, find_index
from files.opener import open_below, open_home
from files.paths import BadPath, as_text
from files.public_space import bare_host, has_own_host, owner_of_host, public_url
from files.shortage import SHORT
from files.showing import is_hidden

OWN_HOST_BASE: Final = b"/"
KEEPING_THE_METHOD: Final = 307


@dataclass(frozen=True)
class Visit:
    """A file that may be shown, and how."""

    address: Address
    found: Found  # parts are from the home
    names: tuple[bytes, ...]  # and these are what it is called in addresses
    manner: Manner
    wants_report: bool
    sees_reports: bool  # stderr, tracebacks and what a run used: for the owner and who teaches them
    viewer: Person | None = None  # who is logged in with a browser
    person: Person | None = None  # the same, where they look at a program of their own
    by_owner: bool = True  # or by who teaches them

    @property
    def is_own(self) -> bool:
        """Does the owner look, as far as is known? On the pages' hosts everybody is anybody."""
        return self.sees_reports and self.by_owner


def serve_visit(request: Request, address: Address, wants_report: bool) -> Visit:
    """/serve/: a person's own view. Raises Refusal, Elsewhere or NotThere."""
    viewer = viewer_of(request, address)
    request_note.note_person(viewer.pk)
    if not access.may_serve(viewer, address.owner):
        raise NotThere
    looks.note(viewer, address.owner, looks.RUN, as_text(address.parts))
    # A page of somebody else's, on the site's own host, could pass for the site's: others read what it printed.
    by_owner = viewer.username == address.owner
    wants_report = wants_report or not by_owner
    found = look_up(address, (), address.parts)
    by_browser = token_of(request) is None
    try:
        base = address.base
        opens = request.opens_document or request.opens_in_our_frame
        if by_browser and not address.ticket and opens and not wants_report:
            base = f"/serve/{address.owner}~{ticket.write(viewer, address.owner)}/".encode("ascii")
        target = base[:-1] + request.raw_path[len(address.base) - 1 :]
        if found.is_folder:
            target += b"/"
        if target != request.raw_path and request.is_safe:
            raise Elsewhere(target + request.target[len(request.raw_path) :])
        if found.is_folder or not (by_owner or found.is_program):
            raise NotThere
    except (Elsewhere, NotThere):
        found.close()
        raise
    seen = viewer if by_browser else None
    return Visit(
        address,
        found,
        found.parts,
        serve_manner(request, address),
        wants_report,
        sees_reports=True,
        viewer=seen,
        person=seen if by_owner else None,
        by_owner=by_owner,
    )


def pages_visit(request: Request, address: Address, wants_report: bool = False) -> Visit:
    """What its owner shows to everybody; reports are not. Raises Elsewhere or NotThere."""
    owner, parts = address.owner, address.parts
    if address.ticket:
        raise NotThere
    if has_own_host(owner):
        leave_the_tilde(request, address)
    shown = remembered(("shown", owner, parts), lambda: access.shown_at(owner, parts))
    if shown is None:
        raise NotThere
    found = look_up(address, shown.folder, parts[len(shown.address) :])
    if is_hidden(found.parts):
        found.close()
        raise NotThere
    if found.is_folder:
        found.close()
        raise Elsewhere(request.raw_path + b"/" + request.target[len(request.raw_path) :])
    names = (*shown.address, *found.parts[len(shown.folder) :])
    return Visit(address, found, names, pages_manner(request, address), wants_report=False, sees_reports=False)


def leave_the_tilde(request: Request, address: Address) -> None:
    """Raises Elsewhere where the address has it, on the common host or, in an old link, on the owner's own."""
    space, rest = public_url(address.owner).encode("ascii"), request.target[len(address.base) :]
    if address.base != OWN_HOST_BASE:
        raise Elsewhere(space + rest, KEEPING_THE_METHOD)
    if address.parts[:1] == (b"~" + address.owner.encode("ascii"),):
        name, slash, _path = rest.partition(b"?")[0].partition(b"/")
        raise Elsewhere(space + rest[len(name + slash) :], KEEPING_THE_METHOD)


def public_address(host: str, raw_path: bytes) -> Address:
    """Raises BadPath: with hosts of owners' own, a host that is nobody's has no pages."""
    if settings.IVLE_PAGES_SUBDOMAINS:
        owner = owner_of_host(host)
        if owner is not None:
            return Address.on_own_host(owner, raw_path)
        if bare_host(host) != settings.IVLE_PAGES_HOST:
            raise BadPath("nobody's host")
    return Address.parse(raw_path, b"/~")


def viewer_of(request: Request, address: Address) -> Person:
    """The person behind a request to /serve/: by a token, the ticket in its address, or the site's session."""
    token = token_of(request)
    if token is not None:
        return viewer_by_token(token)
    if not address.ticket:
        return viewer_by_session(request)
    text, owner = address.ticket, address.owner
    holder = remembered(("ticket", text, owner), lambda: ticket.read(text, owner))
    # An address copied to somebody else opens nothing for them: their browser has not this person's session.
    if holder is None or (request.opens_document and session_person(request) != holder):
        if not request.is_safe:
            raise Refusal(403, _("This page has been open for too long. Open it again, then repeat what you did."))
        plain = f"/serve/{address.owner}/".encode("ascii")
        raise Elsewhere(plain[:-1] + request.target[len(address.base) - 1 :])
    return holder


def token_of(request: Request) -> str | None:
    """No page of another site can make a browser send one, so what comes with a token needs no look at its origin."""
    return bearer(request.headers.get("authorization", ""))


def viewer_by_token(token: str) -> Person:
    credential = remembered(("token", token), lambda: by_token(token))
    if credential is None:
        sentence = _("This token is not known. Was it revoked? Make one on the page Tokens.")
        raise Refusal(401, sentence, ((b"WWW-Authenticate", b"Bearer"),))
    return credential.person


def viewer_by_session(request: Request) -> Person:
    viewer = session_person(request)
    if viewer is None:
        if not request.is_safe:
            raise Refusal(403, _("Log in first, then send this again."))
        login = resolve_url(settings.LOGIN_URL)
        raise Elsewhere(f"{login}?next={quote(request.target.decode('latin-1'))}".encode("ascii"))
    if is_foreign(request):
        raise Refusal(403, _("Another site sent this request, so your program was not run."))
    return viewer


def is_foreign(request: Request) -> bool:
    """True when a page that is not the site's made the browser send this, other than by a link in its window."""
    site = request.headers.get("sec-fetch-site")
    if request.opens_document:
        return False
    if "origin" in request.headers and not request.is_safe:
        return request.headers["origin"] != request.origin
    return site not in (None, "same-origin", "none")


def session_person(request: Request) -> Person | None:
    key = parse_cookie(request.headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    return remembered(("session", key), lambda: person_of_session(key))


def person_of_session(key: str) -> Person | None:
    credential = by_session(key)
    return credential.person if credential else None


def look_up(address: Address, root: tuple[bytes, ...], parts: tuple[bytes, ...]) -> Found:
    """What these names lead to in the folder `root`; an index where that is a folder. Nothing outside is reached."""
    try:
        home = open_home(settings.IVLE_HOMES, address.owner)
        try:
            folder = open_below(home, root)
        finally:
            os.close(home)
    except OSError as error:
        if error.errno in SHORT:
            raise
        raise NotThere from error
    try:
        found = find(folder, parts)
        if found.is_folder:
            with found:
                index = find_index(found)
            if address.folder:
                found = index
            else:
                index.close()
                found = Found(os.dup(folder), found.status, found.parts, ())
        elif address.folder and not found.is_program:
            found.close()
            raise NotThere
    finally:
        os.close(folder)
    return Found(found.place, found.status, (*root, *found.parts), found.rest, found.index)


def serve_manner(request: Request, address: Address) -> Manner:
    secure = request.scheme == "https"
    jar = Jar(
        owner=address.owner,
        base=b"/serve/",
        prefix=f"cgi~{address.owner}~".encode("ascii"),
        site_names=site_cookies(),
        same_site=b"none" if secure else b"lax",
    )
    # With its ticket in the address a request proves itself, so the page's own scripts may fetch it.
    extra = ((b"Access-Control-Allow-Origin", b"*"),) if address.ticket else ()
    return Manner(jar, address.base, sandboxed=True, extra=extra)


def pages_manner(request: Request, address: Address) -> Manner:
    """Where owners have hosts of their own, whoever cannot have one shares no origin either."""
    alone = address.base == OWN_HOST_BASE
    shared = not alone and (settings.IVLE_PAGES_SUBDOMAINS or not settings.IVLE_PAGES_HOST)
    prefix = b""
    if shared:
        prefix = f"cgi~{address.owner}~".encode("ascii")
    elif alone and request.scheme == "https":
        prefix = OWN_HOST
    jar = Jar(
        owner=address.owner,
        base=address.base,
        prefix=prefix,
        site_names=site_cookies(),
        same_site=b"lax" if shared else b"",
    )
    # document.domain would make one origin of two owners' who both want it.
    return Manner(jar, address.base, sandboxed=shared, extra=((b"Origin-Agent-Cluster", b"?1"),) if alone else ())


def site_cookies() -> frozenset[str]:
    return frozenset(
        (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages")
    )
