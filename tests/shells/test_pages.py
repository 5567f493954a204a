"""The script, the status, the page in the frame, and the page to try: who gets what, and who may show it in a frame."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from sandbox.faults import SandboxError
from shells import capability as capabilities
from shells import room, switch
from tests.shells.conftest import started

SITE = "https://www.example.edu"
PLAIN = (
    "/",
    "/login/",
    "/console/",
    "/console/all",
    "/files/",
    "/courses/",
    "/looks/",
    "/tokens/",
    "/admin/",
    "/api/docs",
)
IN_A_FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def sites(settings) -> None:
    settings.IVLE_GUEST_SITES = (SITE, "https://courses.example.edu")


class TestStatus:
    def state(self, **headers: str) -> str:
        room.forget()
        return Client().get("/shells/status", headers=headers).json()["state"]

    def test_room(self, guests) -> None:
        assert self.state() == "room"

    def test_off(self, guests) -> None:
        switch.turn(on=False)
        assert self.state() == "off"

    def test_full(self, guests, settings) -> None:
        settings.IVLE_GUESTS_MAX = 1
        started(guests)
        assert self.state() == "full"

    def test_the_sandbox_is_away(self, guests) -> None:
        guests.fault = SandboxError("does not answer")
        assert self.state() == "away"

    @pytest.mark.usefixtures("sites")
    def test_a_site_that_may_embed_reads_it(self, guests, client) -> None:
        response = client.get("/shells/status", headers={"Origin": SITE})
        assert response.headers["Access-Control-Allow-Origin"] == SITE
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"]
        assert response.headers["Cache-Control"] == "public, max-age=5"

    @pytest.mark.usefixtures("sites")
    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "null",
            "http://www.example.edu",
            "https://www.example.edu:444",
            "https://www.example.edu.evil.example",
            "https://WWW.example.edu/",
            "*",
        ],
    )
    def test_no_other_does(self, guests, client, origin: str) -> None:
        response = client.get("/shells/status", headers={"Origin": origin})
        assert response.status_code == 403
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.json() == {"state": "not_here"}
        assert "Origin" in response.headers["Vary"]

    def test_nobody_but_the_site_itself_by_default(self, guests, client, settings) -> None:
        assert settings.IVLE_GUEST_SITES == ()
        assert client.get("/shells/status", headers={"Origin": SITE}).status_code == 403
        assert client.get("/shells/status", headers={"Origin": "http://testserver"}).status_code == 200

    def test_it_has_nothing_to_do_with_cookies(self, guests, client_of, student) -> None:
        for browser in (Client(), client_of(student)):
            response = browser.get("/shells/status")
            assert not response.cookies
            assert "Cookie" not in response.headers["Vary"]

    def test_asking_often_is_looking_once(self, guests, monkeypatch, client) -> None:
        looks = []
        monkeypatch.setattr(room, "look", lambda: looks.append(1) or room.Room.ROOM)
        for _ in range(20):
            client.get("/shells/status")
        assert len(looks) == 1


class TestFrame:
    def page(self, browser: Client | None = None, **headers: str):
        room.forget()
        return (browser or Client()).get("/shells/frame", headers=IN_A_FRAME | headers)

    def policy(self, response) -> dict[str, str]:
        pairs = (part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
        return {name: rest[0] if rest else "" for name, *rest in pairs}

    def test_it_carries_a_capability_of_its_own(self, guests) -> None:
        texts = [re.search(r'capability="([^"]+)"', self.page().content.decode())[1] for _ in range(2)]
        assert all(capabilities.read(text).may_start for text in texts)
        assert texts[0] != texts[1]

    def test_which_nobody_keeps_or_passes_on(self, guests) -> None:
        headers = self.page().headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"

    def test_and_no_page_around_it_reads(self, guests) -> None:
        headers = self.page(Origin="null").headers
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"

    @pytest.mark.usefixtures("sites")
    def test_the_sites_that_may_show_it_are_named(self, guests) -> None:
        response = self.page()
        assert self.policy(response)["frame-ancestors"] == f"'self' {SITE} https://courses.example.edu"
        assert "X-Frame-Options" not in response.headers

    def test_nobody_else_by_default(self, guests) -> None:
        assert self.policy(self.page())["frame-ancestors"] == "'self'"

    def test_it_has_no_origin_and_reaches_its_socket_alone(self, guests) -> None:
        policy = self.policy(self.page())
        assert policy["sandbox"] == "allow-scripts"
        assert policy["default-src"] == "'none'"
        assert policy["connect-src"] == "ws://testserver/shells/socket"
        assert policy["script-src"] == policy["style-src"] == "http://testserver/static/"
        assert "unsafe" not in str(policy)

    def test_behind_https_the_socket_is_too(self, guests, settings) -> None:
        settings.IVLE_DEMO = False
        settings.IVLE_PUBLIC_URL = "https://ivle.example.edu"
        assert self.policy(self.page())["connect-src"] == "wss://ivle.example.edu/shells/socket"

    def test_whoever_is_logged_in_is_a_guest(self, guests, client_of, student, administrator) -> None:
        for person in (student, administrator):
            response = self.page(client_of(person))
            assert person.username not in response.content.decode()
            assert person.name not in response.content.decode()
            assert not response.cookies
            assert "csrf" not in response.content.decode().lower()

    @pytest.mark.usefixtures("sites")
    @pytest.mark.parametrize(
        ("headers", "words"),
        [
            ({"Referer": "https://evil.example/page"}, "may not show shells"),
            ({"Referer": "http://www.example.edu/"}, "may not show shells"),
            ({"Sec-Fetch-Dest": "document"}, "works inside the pages"),
            ({"Sec-Fetch-Dest": "object"}, "may not show shells"),
        ],
    )
    def test_not_here(self, guests, headers, words) -> None:
        response = self.page(**headers)
        assert response.status_code == 403
        assert words in response.content.decode()
        assert "capability" not in response.content.decode()
        assert "Try again" not in response.content.decode()

    @pytest.mark.usefixtures("sites")
    def test_a_referer_of_a_site_that_may(self, guests) -> None:
        assert self.page(Referer=f"{SITE}/").status_code == 200

    def test_a_browser_that_says_nothing_of_that(self, guests, client) -> None:
        assert "capability" in client.get("/shells/frame").content.decode()

    def test_off(self, guests) -> None:
        switch.turn(on=False)
        page = self.page().content.decode()
        assert "switched off" in page
        assert "capability" not in page

    def test_full(self, guests, settings) -> None:
        settings.IVLE_GUESTS_MAX = 1
        started(guests)
        page = self.page().content.decode()
        assert "All shells are in use" in page
        assert 'href="/shells/frame" data-again>Try again' in page
        assert "capability" not in page

    def test_no_inline_script_or_style(self, guests) -> None:
        assert not re.search(r"<style|<script(?![^>]* src=)| style=| on[a-z]+=", self.page().content.decode())


class TestOtherPages:
    @pytest.mark.usefixtures("sites")
    @pytest.mark.parametrize(
        "path",
        [*PLAIN, "/shells/", "/shells/guests/", "/shells/status", "/shells/embed.js"],
    )
    def test_none_of_a_person_is_shown_on_another_site(self, guests, client_of, administrator, path: str) -> None:
        response = client_of(administrator).get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Frame-Options"] == "DENY"
        assert SITE not in policy

    @pytest.mark.usefixtures("sites")
    def test_those_that_the_site_itself_frames_are_not_either(self, guests, client_of, student) -> None:
        guests.add()
        for path in ("/console/frame", "/console/embed/s1/"):
            response = client_of(student).get(path)
            assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert SITE not in response.headers["Content-Security-Policy"]


class TestScript:
    def test_any_site_may_load_it(self, db, client) -> None:
        response = client.get("/shells/embed.js")
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response.headers["Cache-Control"] == "public, max-age=3600"
        assert not response.cookies

    def test_it_is_small(self, client) -> None:
        assert len(client.get("/shells/embed.js").content) < 6 * 1024


class TestTryIt:
    def test_everybody_may(self, guests, client) -> None:
        page = client.get("/shells/").content.decode()
        assert "<ivle-shell>" in page
        assert 'src="/shells/embed.js"' in page

    def test_off(self, guests, client) -> None:
        switch.turn(on=False)
        page = client.get("/shells/").content.decode()
        assert "<ivle-shell>" not in page
        assert "switched off" in page
