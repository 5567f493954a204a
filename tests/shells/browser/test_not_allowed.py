"""A site that may not embed, and what a page in the frame cannot reach."""

from __future__ import annotations

import pytest

from tests.shells.browser.visitor import ELEMENT, GUEST
from tests.shells.conftest import running


@pytest.fixture
def address(site) -> str:
    return f"http://localhost:{site.port}"


def test_no_button_is_shown(visit, foe, address) -> None:
    foe.show_example(address)
    visitor = visit(foe.origin)
    visitor.until(f"{ELEMENT.format(0)}.getAttribute('state') == 'unknown'")
    assert visitor.evaluate(f"{ELEMENT.format(0)}.button.hidden")
    assert "Install Python" in visitor.evaluate("document.body.innerText")


@pytest.mark.parametrize(
    "attributes", ["", "sandbox='allow-scripts'", "credentialless", "referrerpolicy='no-referrer'"]
)
def test_a_frame_made_by_hand_stays_empty(visit, foe, address, site, attributes) -> None:
    foe.content = f"<!DOCTYPE html><iframe src='{address}/shells/frame' {attributes} onload='loaded = true'></iframe>"
    visitor = visit(foe.origin)
    visitor.until("globalThis.loaded")
    visitor.wait(lambda: visitor.frames, "a frame")
    assert all(frame.evaluate(f"{GUEST} === null") for frame in visitor.frames)
    assert running(site) == []


def test_not_even_inside_one_that_may(visit, foe, friend, address, site) -> None:
    """Every page around it must be one that may."""
    friend.content = f"<!DOCTYPE html><iframe src='{address}/shells/frame' onload='loaded = true'></iframe>"
    foe.content = f"<!DOCTYPE html><iframe src='{friend.origin}' onload='loaded = true'></iframe>"
    visitor = visit(foe.origin)
    visitor.until("globalThis.loaded")
    assert running(site) == []


def test_its_own_window(visit, address, site) -> None:
    visitor = visit(f"{address}/shells/frame")
    assert "works inside the pages that may show it" in visitor.evaluate("document.body.innerText")
    assert running(site) == []


@pytest.mark.parametrize("path", ["/", "/login/", "/console/", "/files/", "/shells/", "/shells/guests/"])
def test_no_page_of_a_person_is_shown_in_a_frame(visit, friend, address, path) -> None:
    friend.content = f"<!DOCTYPE html><iframe src='{address}{path}' onload='loaded = true'></iframe>"
    visitor = visit(friend.origin)
    visitor.until("globalThis.loaded")
    visitor.wait(lambda: visitor.frames, "a frame")
    assert all(frame.evaluate("location.protocol") == "chrome-error:" for frame in visitor.frames)


class TestInTheFrame:
    """Whatever runs there is nobody's: not the site's, not that of who is logged in."""

    def test_it_has_no_origin_keeps_nothing_and_reaches_nothing_else(self, learner, address, site) -> None:
        frame = learner.launch()
        assert frame.evaluate("origin") == "null"
        for kept in ("document.cookie", "localStorage", "sessionStorage"):
            refused = f"(() => {{ try {{ {kept}; return false; }} catch {{ return true; }} }})()"
            assert frame.evaluate(refused), kept
        for path in ("/api/consoles", "/api/files/list", "/files/", "/shells/frame", "/"):
            asked = f"fetch('{address}{path}').then(() => 'reached', () => 'refused')"
            assert frame.wait_for(asked) == "refused", path
        for path in ("/console/new/socket", "/terminals/websocket/1"):
            socket = f"const socket = new WebSocket('ws://localhost:{site.port}{path}')"
            opened = "socket.onopen = () => answer('open'); socket.onerror = () => answer('refused')"
            assert frame.wait_for(f"new Promise(answer => {{ {socket}; {opened} }})") == "refused", path
        learner.wait(lambda: len(frame.faults) == 7, "the policy has said so")
        assert all(fault.startswith("connect-src") for fault in frame.faults)
        frame.faults.clear()

    def test_no_address_has_the_capability(self, learner, friend) -> None:
        frame = learner.launch()
        text = frame.evaluate(f"{GUEST}.getAttribute('capability')")
        assert frame.evaluate("location.href").endswith("/shells/frame#theme=")
        assert text not in frame.evaluate(f"{GUEST}.connection.transport.socket.url")
        assert text not in str(friend.asked)

    def test_who_is_logged_in_is_a_guest(self, visit, address, site) -> None:
        """On the site's own page, where a browser sends the cookie along."""
        visitor = visit(f"{address}/login/")
        name, _, value = site.log_in("admin").partition("=")
        visitor.call("Network.setCookie", name=name, value=value, url=address, sameSite="Lax", httpOnly=True)
        visitor.open(f"{address}/shells/")
        visitor.until("document.querySelector('ivle-shell')")
        frame = visitor.launch()
        frame.type("import os; os.listdir('/home'), [name for name in os.listdir() if name != '.ivle']\n")
        frame.sees(r"^\(\['student'\], \[\]\)$")
        assert visitor.faults == []
