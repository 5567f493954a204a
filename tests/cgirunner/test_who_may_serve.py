"""/serve/: the owner, by session or by the ticket in the address. For everybody else nothing is there."""

from __future__ import annotations

import time

import pytest

from cgirunner import ticket
from tests.cgirunner.conftest import BROWSER, Visitor

PAGE = "/serve/student/program.py"


@pytest.fixture(autouse=True)
def program(home) -> None:
    home.write("program.py", "print('Hello')")


def ticket_address(owner: Visitor, path: str = PAGE) -> str:
    reply = owner.ask(path, headers=BROWSER)
    assert reply.status == 302
    return str(reply["Location"])


def test_a_stranger_is_sent_to_the_login_page(supervisor) -> None:
    reply = Visitor().ask(PAGE + "?a=1&b=2")
    assert (reply.status, reply["Location"]) == (302, "/login/?next=/serve/student/program.py%3Fa%3D1%26b%3D2")


def test_a_stranger_cannot_post(supervisor) -> None:
    assert Visitor().ask(PAGE, method="POST").status == 403
    assert not supervisor.jobs


def test_a_classmate_sees_what_a_missing_file_looks_like(classmate, supervisor) -> None:
    visitor = Visitor()
    visitor.log_in(classmate)
    refused, missing = visitor.ask(PAGE), visitor.ask("/serve/student/missing.py")
    assert (refused.status, refused.headers, refused.body) == (404, missing.headers, missing.body)
    assert not supervisor.jobs


def test_who_teaches_others_sees_nothing(lecturer, administrator, supervisor) -> None:
    for person in (lecturer, administrator):
        visitor = Visitor()
        visitor.log_in(person)
        assert visitor.ask(PAGE).status == 404


def test_an_inactive_person_is_nobody(owner, student) -> None:
    student.is_active = False
    student.save()
    assert owner.ask(PAGE).status == 302


def test_a_changed_password_ends_session_and_ticket(owner, student) -> None:
    address = ticket_address(owner)
    assert owner.ask(address).status == 200
    student.set_password("another")
    student.save()
    assert owner.ask(PAGE).status == 302
    assert owner.ask(address).status == 302
    assert owner.ask(address, method="POST").status == 403


def test_a_browser_is_sent_to_an_address_with_a_ticket(owner, supervisor) -> None:
    address = ticket_address(owner, PAGE + "?a=1")
    assert address.startswith("/serve/student~")
    assert address.endswith("/program.py?a=1")
    assert not supervisor.jobs
    assert owner.ask(address, headers=BROWSER).body == b"Hello\n"
    assert supervisor.environ["SCRIPT_NAME"] == address.partition("?")[0]


def test_a_frame_of_the_sites_own_gets_a_ticket_and_no_other_does(owner, supervisor) -> None:
    framed = {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"}
    reply = owner.ask(PAGE, headers=framed)
    assert reply.status == 302
    assert reply["Location"].startswith("/serve/student~")
    assert not supervisor.jobs
    assert owner.ask(reply["Location"], headers=framed).body == b"Hello\n"
    assert Visitor().ask(PAGE, headers=framed).status == 302  # to log in
    assert owner.ask(PAGE, method="POST", headers=framed).body == b"Hello\n"
    for site in ("same-site", "cross-site"):
        assert owner.ask(PAGE, headers={**framed, "sec-fetch-site": site}).status == 403


def test_what_a_page_loads_and_posts_needs_only_the_ticket(owner) -> None:
    address = ticket_address(owner)
    foreign = {"origin": "null", "sec-fetch-site": "cross-site"}
    for destination in ("image", "script", "style", "empty", "iframe"):
        reply = Visitor().ask(address, headers={**foreign, "sec-fetch-dest": destination})
        assert (reply.body, reply["Access-Control-Allow-Origin"]) == (b"Hello\n", "*")
    posted = Visitor().ask(address, method="POST", headers={**foreign, "sec-fetch-dest": "document"})
    assert posted.body == b"Hello\n"


def test_an_address_with_a_ticket_opens_nothing_for_somebody_else(owner, classmate) -> None:
    address = ticket_address(owner)
    visitor = Visitor()
    plain = visitor.ask(address, headers=BROWSER)
    assert (plain.status, plain["Location"]) == (302, PAGE)
    visitor.log_in(classmate)
    assert visitor.ask(address, headers=BROWSER)["Location"] == PAGE
    assert visitor.ask(PAGE, headers=BROWSER).status == 404


def test_a_forged_ticket(owner) -> None:
    address = ticket_address(owner)
    genuine = address.partition("~")[2].partition("/")[0]
    holder, ends, signature = genuine.split(".")
    for forged in (f"{holder}.{int(ends) + 1}.{signature}", f"{holder}.{ends}.{signature[::-1]}", "x", f"9{genuine}"):
        assert Visitor().ask(address.replace(genuine, forged), method="POST").status == 403
        assert Visitor().ask(address.replace(genuine, forged))["Location"] == PAGE


def test_a_ticket_is_for_one_home(owner, classmate, settings) -> None:
    (settings.IVLE_HOMES / "classmate").mkdir()
    (settings.IVLE_HOMES / "classmate" / "program.py").write_text("print('secret')")
    address = ticket_address(owner).replace("/student~", "/classmate~")
    assert Visitor().ask(address, method="POST").status == 403


def test_a_ticket_ends(owner, monkeypatch) -> None:
    address = ticket_address(owner)
    now = time.time()
    monkeypatch.setattr(ticket.time, "time", lambda: now + ticket.SECONDS + 1)
    assert Visitor().ask(address, method="POST").status == 403
    assert owner.ask(address, headers=BROWSER)["Location"] == PAGE


class TestForeignSites:
    """A page elsewhere may link to a program, and do nothing else with its owner's session."""

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://pages.localhost:8000"])
    def test_it_cannot_post(self, owner, supervisor, method, origin) -> None:
        assert owner.ask(PAGE, method=method, headers={"origin": origin}).status == 403
        assert not supervisor.jobs

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_it_cannot_post_without_an_origin(self, owner, supervisor, site) -> None:
        assert owner.ask(PAGE, method="POST", headers={"sec-fetch-site": site}).status == 403
        assert not supervisor.jobs

    @pytest.mark.parametrize("destination", ["image", "iframe", "script", "empty"])
    def test_it_cannot_embed(self, owner, supervisor, destination) -> None:
        headers = {"sec-fetch-site": "same-site", "sec-fetch-dest": destination}
        assert owner.ask(PAGE, headers=headers).status == 403
        assert not supervisor.jobs

    def test_the_site_itself_can_post(self, owner) -> None:
        headers = {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}
        assert owner.ask(PAGE, method="POST", headers=headers).body == b"Hello\n"

    def test_a_program_that_speaks_http_can_post(self, owner) -> None:
        assert owner.ask(PAGE, method="POST").body == b"Hello\n"
