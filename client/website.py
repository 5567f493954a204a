"""The site's pages and JSON API, as far as the client needs them: logging in and out, listing and starting consoles.

Nothing is kept on disk: the cookies live as long as the client, and are logged out at its end.
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from typing import Any, Final
from urllib.parse import urlencode

from client import words
from client.address import Address, BadAddress

PATIENCE_SECONDS: Final = 20.0
ANSWER_MAX_BYTES: Final = 1024 * 1024
CSRF_FIELD: Final = re.compile(r"""name=["']csrfmiddlewaretoken["'] value=["']([A-Za-z0-9]{16,128})["']""")
CSRF_COOKIES: Final = ("ivle-csrf", "__Host-ivle-csrf")  # without https, and with it
PROGRAMS: Final = ("python", "ipython", "bash")


class SiteFault(Exception):
    """What was asked for cannot be had. Its text is a sentence for the person."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    location: str = ""

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise SiteFault("The answer is not ivle's. Is this the address of an ivle site?") from None


@dataclass(frozen=True)
class Console:
    """One line of the list."""

    id: str
    name: str
    title: str
    program: str
    ended: str
    watchers: tuple[str, ...]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token follows no redirect: it would go wherever that leads."""

    def redirect_request(self, *_request: Any) -> None:
        return None


class Website:
    def __init__(self, address: Address, token: str = "") -> None:
        self.address = address
        self.token = token
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(NoRedirect, urllib.request.HTTPCookieProcessor(self.jar))

    # --- Who asks ---

    def log_in(self, login: str, password: str) -> None:
        """Makes a session of its own, by the login form. Raises SiteFault."""
        form = {"csrfmiddlewaretoken": self.form_token(), "username": login, "password": password}
        answer = self.post_form("/login/", form)
        if answer.status == 200:
            raise SiteFault("This login name and this password do not belong together. Capital letters count.")
        if answer.status in (403, 429):
            raise SiteFault("The site lets nobody log in by this name right now: too many attempts. Try again later.")
        if answer.status not in (302, 303):
            raise SiteFault(f"The site did not let you log in (status {answer.status}).")

    def log_out(self) -> None:
        if not self.token:
            try:
                self.post_form("/logout/", {"csrfmiddlewaretoken": self.csrf})
            except SiteFault:
                return  # the session ends by itself

    def form_token(self) -> str:
        answer = self.ask("GET", "/login/")
        found = CSRF_FIELD.search(answer.body.decode("utf-8", "replace"))
        if answer.status in (301, 302, 307, 308):
            raise SiteFault(f"The site is elsewhere: {words.readable(answer.location)}")
        if answer.status != 200 or not found:
            raise SiteFault("There is no login page of ivle at this address.")
        return unescape(found[1])

    @property
    def csrf(self) -> str:
        """The present one: logging in changes it."""
        return next((cookie.value or "" for cookie in self.jar if cookie.name in CSRF_COOKIES), "")

    def headers(self) -> dict[str, str]:
        """That say who asks, for the WebSocket."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.address.origin + "/console/")  # noqa: S310  (Address takes http alone)
        self.jar.add_cookie_header(request)
        return {"Cookie": request.get_header("Cookie") or "", "Origin": self.address.origin}

    # --- Consoles ---

    def consoles(self) -> list[Console]:
        """Yours, oldest first. Raises SiteFault."""
        listed = self.api("GET", "/api/consoles")
        if not isinstance(listed, list):
            raise SiteFault("The list of consoles is none.")
        return [console_of(one) for one in listed]

    def start(self, program: str, name: str, size: tuple[int, int] | None) -> Console:
        """A new console, or the one that has the name. `program` may be a file. Raises SiteFault."""
        wish: dict[str, Any] = {"program": program} if program in PROGRAMS else {"file": program}
        if name:
            wish["name"] = name
        if size:
            wish["rows"], wish["columns"] = size
        return console_of(self.api("POST", "/api/consoles", wish))

    def look(self, console: str) -> int:
        """The status of an answer about this console: what a socket that is refused does not say. 0: no answer."""
        try:
            return self.ask("GET", f"/api/consoles/{console}").status
        except SiteFault:
            return 0

    # --- Inside ---

    def api(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        answer = self.ask(method, path, body, {"Content-Type": "application/json"} if body else {})
        if answer.status in (200, 201):
            return answer.json()
        if answer.status == 401:
            raise SiteFault(words.unknown_token() if self.token else words.logged_out())
        if answer.location:
            raise SiteFault(f"The site is elsewhere: {words.readable(answer.location)}")
        raise SiteFault(sentence_of(answer))

    def post_form(self, path: str, form: dict[str, str]) -> Answer:
        return self.ask("POST", path, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Raises SiteFault where there is no answer."""
        request = urllib.request.Request(  # noqa: S310  (Address takes http and https alone)
            self.address.origin + path, body, {**(headers or {}), "Accept": "*/*"}, method=method
        )
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        elif body is not None:
            request.add_header("Origin", self.address.origin)
            request.add_header("X-CSRFToken", self.csrf)
        try:
            with self.opener.open(request, timeout=PATIENCE_SECONDS) as response:
                return Answer(response.status, response.read(ANSWER_MAX_BYTES))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read(ANSWER_MAX_BYTES), refusal.headers.get("Location", ""))
        except (OSError, http.client.HTTPException, ValueError) as fault:
            reason = getattr(fault, "reason", None) or fault
            raise SiteFault(f"{self.address.origin} does not answer: {words.readable(str(reason))}.") from None


def console_of(content: Any) -> Console:
    """Raises SiteFault for what is none."""
    try:
        console = Console(
            id=Address.read(f"http://localhost/console/{content['id']}/").console,
            name=str(content["name"]),
            title=str(content["title"]),
            program=str(content["program"]),
            ended=str(content["ended"]),
            watchers=tuple(map(str, content["watchers"])),
        )
    except (BadAddress, KeyError, TypeError, ValueError):
        raise SiteFault("What the site says about a console cannot be understood.") from None
    return console


def sentence_of(answer: Answer) -> str:
    try:
        detail = json.loads(answer.body)["detail"]
    except (ValueError, RecursionError, KeyError, TypeError):
        detail = None
    if isinstance(detail, str) and detail:
        return words.readable(detail)
    return f"The site refused that (status {answer.status})."
