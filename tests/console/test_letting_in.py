"""Who is let in to a console's socket, and what the others get in place of the upgrade."""

from __future__ import annotations

import pytest
from channels.routing import URLRouter

from accounts.tokens import make_token
from console.routing import sockets
from sandbox.consoles import SessionGone, WatcherInfo
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused
from tests.console.conftest import Browser, logged_in, story

PATH = "/console/s1/socket?client=page-1&offset=&drives=1"
application = URLRouter(sockets)


@pytest.fixture
def session(sandbox):
    return sandbox.add()


def outcome_of(headers: dict[str, str], path: str = PATH, **more) -> dict:
    outcomes = []

    async def connecting() -> None:
        browser = await Browser(path, headers, **more).connect(application)
        outcomes.append(browser.first)
        await browser.leave()

    story(connecting)
    return outcomes[0]


def status_of(headers: dict[str, str], path: str = PATH) -> int:
    """101 for who is let in."""
    outcome = outcome_of(headers, path)
    return 101 if outcome["type"] == "websocket.accept" else outcome["status"]


def test_the_owner(session, student) -> None:
    assert status_of(logged_in(student)) == 101


def test_an_administrator(session, student, administrator) -> None:
    assert status_of(logged_in(administrator)) == 101


def test_the_owners_token(session, student) -> None:
    headers = {"host": "localhost:8000", "authorization": f"Bearer {make_token(student, 'x')}"}
    assert status_of(headers) == 101


def test_a_token_in_the_address_is_not_taken(session, student) -> None:
    assert status_of({"host": "localhost:8000"}, f"{PATH}&token={make_token(student, 'x')}") == 403


@pytest.mark.parametrize("person", ["classmate", "lecturer", "stranger"])
def test_it_is_not_there_for_others(session, student, person, request) -> None:
    assert status_of(logged_in(request.getfixturevalue(person))) == 404


def test_one_that_is_not_there(sandbox, student) -> None:
    assert status_of(logged_in(student)) == 404


def test_nobody(session, db) -> None:
    assert status_of({"host": "localhost:8000", "origin": "http://localhost:8000"}) == 403


def test_nobody_learns_what_is_there(sandbox, db) -> None:
    assert status_of({"host": "localhost:8000", "origin": "http://localhost:8000"}) == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://localhost:8000", "http://localhost:9000", "null", "http://pages.localhost:8000"],
)
def test_a_page_of_another_site_with_the_persons_cookie(session, student, origin) -> None:
    assert status_of({**logged_in(student), "origin": origin}) == 403


def test_a_cookie_without_an_origin(session, student) -> None:
    headers = logged_in(student)
    del headers["origin"]
    assert status_of(headers) == 403


def test_a_wrong_token_is_not_saved_by_a_cookie(session, student) -> None:
    assert status_of({**logged_in(student), "authorization": "Bearer ivle_nonsense"}) == 403


def test_somebody_inactive(session, student) -> None:
    headers = logged_in(student)
    student.is_active = False
    student.save()
    assert status_of(headers) == 403


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client=",
        "client=a b",
        "client=" + "a" * 65,
        "client=a&offset=x",
        "client=a&offset=-1",
        "client=%C3%A9",
        "client=a&offset=" + "9" * 16,
        "&".join("x=1" for _ in range(30)),
    ],
)
def test_a_malformed_address(session, student, query: str) -> None:
    assert status_of(logged_in(student), f"/console/s1/socket?{query}") == 400


@pytest.mark.parametrize(
    "path", ["/", "/console/s1/sockets", "/console/s1/", "/console/a/b/socket", "/console/%2e/socket"]
)
def test_an_address_that_is_no_socket(session, student, path: str) -> None:
    assert status_of(logged_in(student), path) == 404


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (SandboxError("away"), 503),
        (SandboxBusy("too many watch", 5), 429),
        (SandboxRefused("no"), 400),
        (SessionGone("x"), 404),
    ],
)
def test_faults_of_the_sandbox(sandbox, session, student, fault, status) -> None:
    def fail(attachment) -> None:
        raise fault

    sandbox.at_attaching = fail
    assert status_of(logged_in(student)) == status


def test_a_server_that_can_say_nothing_else_says_403(sandbox, db) -> None:
    assert outcome_of({"host": "localhost:8000"}, extensions={}) == {"type": "websocket.close"}


def test_a_browser_that_offers_no_subprotocol_gets_none(session, student) -> None:
    assert outcome_of(logged_in(student), subprotocols=())["subprotocol"] is None


def test_the_offset_goes_to_the_sandbox(sandbox, session, student) -> None:
    assert status_of(logged_in(student), "/console/s1/socket?client=a&offset=70") == 101
    assert sandbox.attachments[0].asked[0] == ("attach", 70)


class TestTheKeyboard:
    def attached(self, sandbox, headers, path=PATH):
        assert status_of(headers, path) == 101
        return sandbox.attachments[-1]

    def drives(self, attachment) -> bool:
        return next(one.drives for one in attachment.info.watchers if one.client == attachment.client)

    def test_the_owner_gets_it_by_coming(self, sandbox, session, student) -> None:
        assert self.drives(self.attached(sandbox, logged_in(student)))

    def test_but_not_unasked(self, sandbox, session, student) -> None:
        assert not self.drives(self.attached(sandbox, logged_in(student), "/console/s1/socket?client=a"))

    def test_an_administrator_does_not(self, sandbox, session, student, administrator) -> None:
        assert not self.drives(self.attached(sandbox, logged_in(administrator)))

    def test_nobody_passes_for_anothers_page(self, sandbox, session, student, administrator) -> None:
        owners = self.attached(sandbox, logged_in(student)).client
        assert self.attached(sandbox, logged_in(administrator)).client != owners
        stolen = self.attached(sandbox, logged_in(administrator), f"/console/s1/socket?client={owners}").client
        assert stolen != owners

    def test_who_was_let_type_keeps_it_when_the_connection_broke(self, sandbox, student, administrator) -> None:
        sandbox.add()
        name = self.attached(sandbox, logged_in(administrator)).client
        assert not self.drives(sandbox.attachments[-1])
        asked = []
        attach = sandbox.attach

        async def noting(*args, drives):
            asked.append(drives)
            return await attach(*args, drives=drives)

        sandbox.add(watchers=(WatcherInfo(name, "admin", True),))
        from sandbox import consoles

        consoles.attach = noting
        assert status_of(logged_in(administrator)) == 101
        assert asked == [True]
