"""/console/run: looking starts nothing, a button of ours starts at once, and nobody else's does."""

from __future__ import annotations

import os
import re

import pytest
from django.test import Client

from accounts import slips
from accounts.slips import write_slip
from sandbox.faults import MachineShort

RUN = "/console/run"


@pytest.fixture
def browser(student, home, sandbox) -> Client:
    (home / "my prog.py").write_text("")
    (home / os.fsdecode(b"\xff.py")).write_text("")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_a_button_of_ours_starts_it(browser, student, sandbox) -> None:
    form = {"file": "my%20prog.py", "slip": write_slip(student, "run my%20prog.py")}
    response = browser.post(RUN, form)
    [session_id] = sandbox.sessions
    assert (response.status_code, response.url) == (303, f"/console/{session_id}/")
    assert (sandbox.opened[0].entry, sandbox.opened[0].argv) == ("script", ("/home/student/my prog.py",))


def test_pressed_twice_it_starts_once(browser, student, sandbox) -> None:
    form = {"file": "my%20prog.py", "slip": write_slip(student, "run my%20prog.py")}
    assert browser.post(RUN, form).url == browser.post(RUN, form).url
    assert len(sandbox.opened) == 1


def test_sent_again_in_a_queue_it_asks_for_the_same_console(browser, student, sandbox) -> None:
    sandbox.full = MachineShort("short", 5, 3)
    form = {"file": "my%20prog.py", "slip": write_slip(student, "run my%20prog.py")}
    names = {re.search(' name="([0-9a-f]{16})"', browser.post(RUN, form).content.decode())[1] for _ in range(2)}
    assert len(names) == 1


def test_a_name_of_any_bytes(browser, student, sandbox) -> None:
    browser.post(RUN, {"file": "%FF.py", "slip": write_slip(student, "run %FF.py")})
    assert sandbox.opened[0].argv == (os.fsdecode(b"/home/student/\xff.py"),)


def test_looking_starts_nothing(browser, student, sandbox) -> None:
    slip = write_slip(student, "run my%20prog.py")
    for query in ({"file": "my prog.py"}, {"file": "my%20prog.py", "slip": slip}):
        response = browser.get(RUN, query)
        page = response.content.decode()
        assert response.status_code == 200
        assert 'name="file" value="my%20prog.py"' in page
        assert "Run it in a console" in page
    assert not sandbox.opened


def test_its_button_starts(browser, student, sandbox) -> None:
    page = browser.get(RUN, {"file": "my%20prog.py"}).content.decode()
    slip = page.partition('name="slip" value="')[2].partition('"')[0]
    assert browser.post(RUN, {"file": "my%20prog.py", "slip": slip}).status_code == 303


def test_it_is_framed_by_nobody(browser) -> None:
    response = browser.get(RUN, {"file": "my%20prog.py"})
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("wish", ["", "run other.py", "run my prog.py"])
def test_no_page_of_anybody_else_s_can_start(browser, student, sandbox, wish) -> None:
    slip = write_slip(student, wish) if wish else "9999999999." + "A" * 43
    response = browser.post(RUN, {"file": "my%20prog.py", "slip": slip})
    assert response.status_code == 200
    assert "nothing was started" in response.content.decode()
    assert not sandbox.opened


def test_nor_with_what_was_meant_for_another(browser, classmate, sandbox) -> None:
    browser.post(RUN, {"file": "my%20prog.py", "slip": write_slip(classmate, "run my%20prog.py")})
    assert not sandbox.opened


def test_a_page_that_was_open_for_too_long(browser, student, sandbox, monkeypatch) -> None:
    form = {"file": "my%20prog.py", "slip": write_slip(student, "run my%20prog.py")}
    now = slips.time.time()
    monkeypatch.setattr(slips.time, "time", lambda: now + slips.SECONDS + 1)
    assert "open for too long" in browser.post(RUN, form).content.decode()
    assert not sandbox.opened


@pytest.mark.parametrize("file", ["", "..", "a//b", "%2e%2e/x"])
def test_no_file(browser, sandbox, file) -> None:
    assert browser.get(RUN, {"file": file}).url == "/console/"


def test_a_file_that_is_gone(browser, student, sandbox) -> None:
    response = browser.post(RUN, {"file": "gone.py", "slip": write_slip(student, "run gone.py")})
    assert (response.status_code, "There is no file gone.py" in response.content.decode()) == (400, True)


def test_a_stranger_is_asked_to_log_in(sandbox, db, client: Client) -> None:
    assert client.get(RUN, {"file": "a.py"}).url == "/login/?next=/console/run%3Ffile%3Da.py"
    assert client.post(RUN, {"file": "a.py"}).url.startswith("/login/")
