"""A console that is started by opening its socket: who may, and what is told where nothing starts."""

from __future__ import annotations

import os

import pytest
from channels.routing import URLRouter

from accounts.tokens import make_token
from console.routing import sockets
from sandbox.faults import MachineShort, SandboxBusy, SandboxError
from tests.console.conftest import Browser, about, logged_in, story

PATH = "/console/new/socket?client=page-1&drives=1"
application = URLRouter(sockets)


def answers(headers: dict[str, str], path: str = PATH) -> list:
    """The upgrade or what came in its place, and the first things said."""
    heard = []

    async def opening() -> None:
        browser = await Browser(path, headers).connect(application)
        heard.append(browser.first)
        if browser.first["type"] == "websocket.accept":
            heard.append(await browser.hear())
            if heard[1]["kind"] == "closing":
                heard.append(await browser.hear())
                return
        await browser.leave()

    story(opening)
    return heard


def status_of(headers: dict[str, str], path: str = PATH) -> int:
    first = answers(headers, path)[0]
    return 101 if first["type"] == "websocket.accept" else first["status"]


def test_it_is_there_and_the_page_is_on_it(sandbox, student) -> None:
    _, welcome = answers(logged_in(student))
    [session] = sandbox.sessions.values()
    assert (welcome["kind"], welcome["session"], welcome["drives"]) == ("welcome", session.id, True)
    assert (session.owner, session.about["kind"]) == ("student", "python")


def test_what_it_wishes(sandbox, student, home) -> None:
    (home / "a.py").write_text("")
    wish = "&program=ipython&file=a.py&arguments=1+2&after=prompt&name=box_1&rows=9&columns=60"
    _, welcome = answers(logged_in(student), PATH + wish)
    [session] = sandbox.sessions.values()
    assert (welcome["rows"], welcome["columns"], welcome["title"]) == (9, 60, "a.py")
    assert session.about == about("box_1", kind="ipython", file="a.py", arguments=("1", "2"), prompt=True)


def test_a_path_need_not_be_text(sandbox, student, home) -> None:
    (home / os.fsdecode(b"caf\xe9 1.py")).write_text("")
    answers(logged_in(student), PATH + "&path=caf%25E9%25201.py")
    [session] = sandbox.sessions.values()
    assert session.about["file"] == "caf\udce9 1.py"


@pytest.mark.parametrize("path", ["%25", "a%2500b", "..%252Fb.py", "caf%25E9.py"])
def test_a_path_that_is_not_there(sandbox, student, home, path: str) -> None:
    _, closing, _ = answers(logged_in(student), f"{PATH}&path={path}")
    assert closing["reason"] == "not_started"
    assert not sandbox.sessions


def test_with_a_token(sandbox, student) -> None:
    headers = {"host": "localhost:8000", "authorization": f"Bearer {make_token(student, 'x')}"}
    assert status_of(headers) == 101


def test_the_same_name_again_is_the_same_console(sandbox, student) -> None:
    first, again = (answers(logged_in(student), f"{PATH}&name=n1")[1] for _ in range(2))
    assert first["session"] == again["session"]
    assert len(sandbox.opened) == 1


def test_anothers_name_is_not_found(sandbox, student, classmate) -> None:
    first, others = (answers(logged_in(one), f"{PATH}&name=n1")[1] for one in (student, classmate))
    assert first["session"] != others["session"]


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost:8000"}, {"authorization": "Bearer ivle_x"}])
def test_nobody(sandbox, db, headers) -> None:
    assert status_of({"host": "localhost:8000", **headers}) == 403
    assert not sandbox.opened


def test_a_page_of_another_site(sandbox, student) -> None:
    assert status_of({**logged_in(student), "origin": "http://evil.example"}) == 403
    assert not sandbox.opened


@pytest.mark.parametrize(
    "wish",
    ["program=ruby", "rows=0", "columns=x", "name=a/b", "name=" + "n" * 33, "policy=mine", "after=x", "client="],
)
def test_a_wish_that_is_none(sandbox, student, wish) -> None:
    assert status_of(logged_in(student), f"{PATH}&{wish}") == 400
    assert not sandbox.opened


def closing_of(headers: dict[str, str], path: str = PATH) -> str:
    """The sentence; it has to be told after an upgrade, or no browser shows it."""
    _, closing, code = answers(headers, path)
    assert (closing["reason"], code) == ("not_started", 4409)
    return closing["sentence"]


def test_a_file_that_is_not_there(sandbox, student, home) -> None:
    assert "no file gone.py" in closing_of(logged_in(student), PATH + "&file=gone.py")


def test_arguments_with_a_quotation_mark_alone(sandbox, student, home) -> None:
    assert "quotation mark" in closing_of(logged_in(student), PATH + "&file=a.py&arguments=%22")


def test_one_too_many(sandbox, student, settings) -> None:
    settings.IVLE_CONSOLES_PER_OWNER = 1
    sandbox.add(about=about("1"))
    assert "You have 1 console" in closing_of(logged_in(student))


@pytest.mark.parametrize("fault", [SandboxError("away"), SandboxBusy("all are taken", 5)])
def test_a_sandbox_that_starts_nothing(sandbox, student, fault) -> None:
    sandbox.fault = fault
    assert closing_of(logged_in(student))


def test_a_place_in_the_queue(sandbox, student) -> None:
    sandbox.full = MachineShort("short", 5, 3)
    _, closing, code = answers(logged_in(student))
    assert (closing["reason"], code) == ("queued", 4503)
    assert "3 people wait before you; your place is kept" in closing["sentence"]


def test_a_sandbox_that_is_gone_after_the_start(sandbox, student) -> None:
    def fail(attachment) -> None:
        raise SandboxError("away")

    sandbox.at_attaching = fail
    assert "cannot be reached" in closing_of(logged_in(student))
