"""The example page of the documentation, at another origin: press the button, type Python, see the answer."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.sandbox.jail import until
from tests.shells.browser.visitor import ELEMENT, GUEST
from tests.shells.conftest import open_shell, running, turn, web_server


def test_type_python_and_see_the_answer(learner, friend, site) -> None:
    assert learner.evaluate(f"{ELEMENT.format(0)}.button.textContent") == "Launch interactive shell"
    frame = learner.launch()
    frame.type("2 ** 100\n")
    frame.sees(r"^1267650600228229401496703205376$")
    assert len(running(site)) == 1


def test_twice_on_a_page(learner, site) -> None:
    light = learner.launch(0)
    light.type("x = 'light'\n")
    light.sees(r"^>>> x = 'light'\n>>> ?$")
    dark = learner.launch(1)
    dark.type("x\n")
    dark.sees(r"NameError")
    assert len(running(site)) == 2
    ground = "getComputedStyle(document.body).backgroundColor"
    assert dark.evaluate(ground) != light.evaluate(ground)
    assert dark.evaluate("innerHeight") < light.evaluate("innerHeight")


def test_the_theme_follows_the_page(learner) -> None:
    frame = learner.launch()
    ground = "getComputedStyle(document.body).backgroundColor"
    before = frame.evaluate(ground)
    learner.evaluate(f"{ELEMENT.format(0)}.setAttribute('theme', 'dark')")
    frame.until(f"{ground} != {json.dumps(before)}")
    assert frame.evaluate(f"{GUEST}.screen.terminal.options.theme.background") == "#16191c"


def test_with_the_keyboard_alone(learner) -> None:
    learner.until(f"!{ELEMENT.format(0)}.button.hidden")
    learner.press("Tab")
    learner.until(f"document.activeElement == {ELEMENT.format(0)}")
    learner.press("Enter")
    learner.wait(lambda: learner.frames, "a frame")
    [frame] = learner.frames
    frame.sees(r"^>>> ?$")
    frame.type("6 * 7\n")
    frame.sees(r"^42$")
    frame.press("Escape")
    frame.press("Tab")
    frame.until("document.activeElement.tagName == 'BUTTON'")


def test_for_screen_readers(learner) -> None:
    frame = learner.launch()
    frame.check_axe()
    assert learner.evaluate(f"{ELEMENT.format(0)}.frame.title") == "Launch interactive shell"
    frame.evaluate(f"{GUEST}.connection.send('end')")
    frame.says("Start again")
    frame.check_axe()


def test_a_plot(learner) -> None:
    frame = learner.launch()
    frame.type("import matplotlib.pyplot as plt; _ = plt.plot([1, 4, 2]); plt.show()\n")
    assert frame.until("document.querySelector('.console-pane img')?.naturalWidth") > 100
    frame.press_button("[aria-label='Close the picture']")
    frame.until("document.querySelector('.console-pane').hidden")


def test_a_phone(learner) -> None:
    learner.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    frame = learner.launch()
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")
    frame.type("6 * 7\n")
    frame.sees(r"^42$")


class TestEnds:
    def test_its_cpu_is_used_up_and_another_starts(self, learner, site) -> None:
        frame = learner.launch()
        [first] = running(site)
        frame.type("while True: pass\n\n")
        frame.says("used its 2 seconds of CPU time")
        until(lambda: not running(site), "it has ended")
        frame.press("Enter")  # the button has the focus
        frame.sees(r"^>>> ?$")
        assert running(site) != [first]

    def test_switched_off(self, learner, site) -> None:
        frame = learner.launch()
        turn(site, on=False)
        frame.says("switched off at the moment")
        until(lambda: site.ask("/shells/status")[1] == b'{"state": "off"}', "it is seen")
        frame.choose("Start again", "ivle-guest")
        frame.until(f"!{GUEST} && document.readyState == 'complete'")
        frame.says("switched off at the moment")
        assert frame.evaluate("document.querySelectorAll('a, button').length") == 0
        assert running(site) == []

    @pytest.mark.parametrize("leaves", ["removing", "navigating"])
    def test_a_page_that_is_closed(self, learner, site, leaves) -> None:
        learner.launch()
        getattr(self, leaves)(learner)
        until(lambda: not running(site), "it has ended")

    def removing(self, learner) -> None:
        learner.evaluate(f"{ELEMENT.format(0)}.remove()")

    def navigating(self, learner) -> None:
        learner.open("about:blank")


class TestLostConnection:
    def test_it_comes_back_to_the_same_shell(self, learner, site) -> None:
        frame = learner.launch()
        frame.type("kept = 6 * 7\n")
        frame.sees(r"6 \* 7\n>>> ?$")
        before = running(site)
        os.kill(web_server(site).pid, signal.SIGKILL)
        frame.says("Connection lost, trying again")
        frame.until(f"{GUEST}.connection.state.name == 'connected'")
        frame.type("kept\n")
        frame.sees(r"^42$")
        assert running(site) == before

    def test_it_gives_up_where_no_socket_gets_through(self, learner) -> None:
        frame = learner.launch()
        fails = "class { constructor() { setTimeout(() => this.onclose({ code: 1006 })); } close() {} }"
        frame.evaluate(f"globalThis.WebSocket = {fails}; {GUEST}.connection.transport.socket.close()")
        frame.says("The shell cannot be reached. Perhaps the network here lets no WebSockets through.")
        assert frame.evaluate("document.activeElement.textContent") == "Start again"


class TestWithoutRoom:
    def test_off(self, visit, friend, site) -> None:
        turn(site, on=False)
        until(lambda: site.ask("/shells/status")[1] == b'{"state": "off"}', "it is seen")
        friend.show_example(f"http://localhost:{site.port}")
        visitor = visit(friend.origin)
        visitor.until(f"{ELEMENT.format(0)}.getAttribute('state') == 'off'")
        assert visitor.evaluate(f"{ELEMENT.format(0)}.button.hidden")
        assert "Install Python" in visitor.evaluate("document.body.innerText")
        assert visitor.frames == []

    def test_full_after_the_button_was_shown(self, learner, site) -> None:
        learner.until(f"!{ELEMENT.format(0)}.button.hidden")
        pages = [open_shell(site) for _ in range(4)]
        until(lambda: site.ask("/shells/status")[1] == b'{"state": "full"}', "it is seen")
        learner.evaluate(f"{ELEMENT.format(0)}.button.click()")
        learner.wait(lambda: learner.frames, "a frame")
        [frame] = learner.frames
        frame.says("All shells are in use")
        frame.check_axe()
        pages.pop().close()
        until(lambda: site.ask("/shells/status")[1] == b'{"state": "room"}', "it is seen")
        frame.press_button("a")  # Try again
        frame.sees(r"^>>> ?$")
        for page in pages:
            page.close()
