"""The switch: the administrators' page, and manage.py guests."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from operations.models import Deed
from sandbox.faults import SandboxError
from shells import switch
from tests.shells.conftest import started


def test_off_ends_all(guests, client_of, administrator) -> None:
    mine = started(guests)
    guests.add()
    response = client_of(administrator).post("/shells/guests/turn", {"to": "off"}, follow=True)
    assert "No more guests. 1 shell was ended." in response.content.decode()
    assert guests.ended == [mine.session_id]
    assert not switch.is_on()
    assert switch.current().by == administrator
    assert Client().get("/shells/status").json() == {"state": "off"}


def test_on(guests, client_of, administrator) -> None:
    switch.turn(on=False)
    assert client_of(administrator).post("/shells/guests/turn", {"to": "on"}).status_code == 303
    assert switch.is_on()


def test_end_all_and_leave_it_on(guests, client_of, administrator) -> None:
    started(guests)
    client_of(administrator).post("/shells/guests/end")
    assert len(guests.ended) == 1
    assert switch.is_on()


def test_the_switch_is_turned_though_the_sandbox_is_away(guests, client_of, administrator) -> None:
    guests.fault = SandboxError("away")
    page = client_of(administrator).post("/shells/guests/turn", {"to": "off"}, follow=True)
    assert not switch.is_on()
    assert "Guests are switched off. The sandbox does not answer" in page.content.decode()


def test_who_is_there(guests, client_of, administrator, settings) -> None:
    settings.IVLE_GUEST_SITES = ("https://www.example.edu",)
    started(guests, cpu_seconds=3.5)
    page = client_of(administrator).get("/shells/guests/").content.decode()
    assert "1 shell of at most 16" in page
    assert "3.5 s" in page
    assert "https://www.example.edu" in page


@pytest.mark.parametrize("person", ["student", "lecturer"])
@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", "turn"), ("post", "end")])
def test_nobody_else(guests, client_of, request, person, method, path) -> None:
    browser = client_of(request.getfixturevalue(person))
    assert getattr(browser, method)(f"/shells/guests/{path}", {"to": "off"}).status_code == 404
    assert switch.is_on()


def test_no_page_of_another_site(guests, administrator) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.post("/shells/guests/turn", {"to": "off"}).status_code == 403
    assert switch.is_on()


def test_each_is_written_down(guests, client_of, administrator) -> None:
    Deed.objects.all().delete()
    browser = client_of(administrator)
    started(guests)
    browser.post("/shells/guests/end")
    browser.post("/shells/guests/turn", {"to": "off"})
    browser.post("/shells/guests/turn", {"to": "on"})
    deeds = [(deed.what, deed.number, deed.by, deed.owner) for deed in Deed.objects.order_by("pk")]
    assert deeds == [
        ("guests ended", 1, administrator, "guest"),
        ("guests off", 0, administrator, "guest"),
        ("guests on", 0, administrator, "guest"),
    ]


class TestCommand:
    def test_off_and_on(self, guests, capsys) -> None:
        started(guests)
        call_command("guests", "off")
        assert not switch.is_on()
        assert len(guests.ended) == 1
        call_command("guests", "on")
        assert switch.is_on()
        assert "this one alone" in capsys.readouterr().out

    def test_status(self, guests, capsys) -> None:
        started(guests)
        call_command("guests", "status")
        said = capsys.readouterr().out
        assert said.startswith("on\nsince ")
        assert "1 of 16 shells" in said

    def test_status_without_a_sandbox(self, guests, capsys) -> None:
        guests.fault = SandboxError("the sandbox does not answer")
        with pytest.raises(CommandError, match="does not answer"):
            call_command("guests", "status")
        assert capsys.readouterr().out.startswith("on\n")

    def test_end(self, guests, capsys) -> None:
        started(guests)
        call_command("guests", "end")
        assert capsys.readouterr().out == "Shells ended: 1.\n"

    def test_without_a_sandbox_it_is_off_all_the_same(self, guests) -> None:
        guests.fault = SandboxError("the sandbox does not answer")
        with pytest.raises(CommandError, match=r"Guests are switched off\. The sandbox does not answer"):
            call_command("guests", "off")
        assert not switch.is_on()
        assert Deed.objects.filter(what="guests off", by=None).exists()
