"""What a guest may do in its shell, what it is told, and how it ends."""

from __future__ import annotations

import json
from base64 import b64decode
from types import SimpleNamespace

import pytest

from console import pace
from sandbox.consoles import Display, Event, SessionGone
from sandbox.faults import SandboxError
from sandbox.outcome import Ended, Outcome
from shells import capability as capabilities
from shells import switch, watching
from tests.console.conftest import story
from tests.shells.conftest import application, page, started


def display(mime: str, content: bytes, title: str = "Plot") -> Display:
    return Display(7, json.dumps({"mime": mime, "title": title}).encode() + b"\n" + content)


@pytest.fixture
def shell(guests):
    """shell(then) is a guest's page that has been welcomed; `then` is done with it and with its attachment."""
    mine = capabilities.issue()

    def tell(then) -> None:
        async def telling() -> None:
            browser = await page(mine).connect(application)
            await browser.hear_of("welcome")
            await then(browser, guests.attachments[-1])
            await browser.leave()

        story(telling)

    tell.mine = mine
    return tell


def test_it_has_the_keyboard(shell) -> None:
    async def then(browser, attachment) -> None:
        browser.say(bytes(8) + b"1+1\r")
        await attachment.until("type", 0, b"1+1\r")

    shell(then)


@pytest.mark.parametrize("kind", ["restart", "release", "drive"])
def test_no_fresh_cpu_and_nobody_else_at_the_keyboard(shell, guests, kind) -> None:
    async def then(browser, attachment) -> None:
        browser.tell(kind)
        refused = await browser.hear_of("refused")
        assert refused["sentence"] == "A guest’s program cannot be started anew. Start another shell."
        assert not guests.restarted

    shell(then)


def test_who_is_there_has_no_name(guests, shell) -> None:
    names = []

    async def then(browser, attachment) -> None:
        names.extend(watcher.name for watcher in attachment.info.watchers)

    shell(then)
    assert len(names) == 1
    assert "192.0.2" not in names[0]


def test_a_page_that_says_that_it_leaves_ends_it_at_once(shell, guests) -> None:
    async def then(browser, attachment) -> None:
        browser.tell("end")
        assert (await browser.hear_of("closing"))["reason"] == "ended"
        assert guests.ended == [shell.mine.session_id]

    shell(then)


def test_leaving_while_the_sandbox_is_away(shell, guests) -> None:
    async def then(browser, attachment) -> None:
        guests.fault = SandboxError("away")
        browser.tell("end")
        assert (await browser.hear_of("closing"))["reason"] == "ended"
        guests.fault = None

    shell(then)


def test_it_ends_with_its_program(shell, guests, settings) -> None:
    """And at once: consoles of people that have ended are kept for a while, and guests must not take their place."""

    async def then(browser, attachment) -> None:
        outcome = Outcome(Ended.CPU, None, None, 20.0, 30.0, None)
        attachment.say(Event("ended", {"outcome": outcome.as_message()}))
        ended = await browser.hear_of("ended")
        assert "20 seconds of CPU time" in ended["sentence"]  # a guest's limit, not a console's
        assert not ended["may_restart"]
        assert (await browser.hear_of("closing"))["sentence"] == ended["sentence"]
        assert guests.ended == [shell.mine.session_id]

    shell(then)


def test_its_time_is_up(guests, monkeypatch) -> None:
    mine = capabilities.issue()
    monkeypatch.setattr(capabilities.Capability, "left_seconds", 0.05)

    async def living() -> None:
        browser = await page(mine).connect(application)
        await browser.hear_of("welcome")
        closing = await browser.hear_of("closing")
        assert (closing["reason"], closing["sentence"]) == ("ended", "The 20 minutes of this shell are over.")
        await browser.leave()
        assert guests.ended == [mine.session_id]

    story(living)


@pytest.mark.parametrize(
    ("on", "words"), [(True, "This shell has ended."), (False, "Shells for guests are switched off at the moment.")]
)
def test_an_administrator_has_ended_it(guests, shell, on, words) -> None:
    from channels.db import database_sync_to_async

    async def then(browser, attachment) -> None:
        await database_sync_to_async(switch.Switch.objects.update)(is_on=on)
        guests.sessions.clear()
        attachment.say(SessionGone("ended"))
        assert words in (await browser.hear_of("closing"))["sentence"]

    shell(then)


def test_the_machine_is_restarted(shell) -> None:
    async def then(browser, attachment) -> None:
        attachment.say(Event("ending", {"seconds": 30.0}))
        told = await browser.hear_of("ending")
        assert told["sentence"] == "The machine is being restarted. Your shell ends in 30 seconds."  # nothing is kept

    shell(then)


class TestPictures:
    def test_one_comes_along(self, shell) -> None:
        async def then(browser, attachment) -> None:
            attachment.say(display("image/png", b"\x89PNG..."))
            told = await browser.hear_of("display")
            head, _, text = told["url"].partition(",")
            assert (head, b64decode(text)) == ("data:image/png;base64", b"\x89PNG...")

        shell(then)

    @pytest.mark.parametrize(
        ("mime", "content"),
        [
            ("text/html", b"<script>alert(1)</script>"),
            ("image/svg+xml", b"<svg onload='alert(1)'/>"),
            ("text/cgi", b"Content-Type: text/html\n\n<b>"),
            ("image/png,x;", b"x"),
            ("image/png", bytes(watching.PICTURE_MAX_BYTES + 1)),
        ],
    )
    def test_pages_and_large_ones_do_not(self, shell, mime, content) -> None:
        async def then(browser, attachment) -> None:
            attachment.say(display(mime, content))
            heard = await browser.hear()
            assert heard["kind"] == "refused"
            assert "does not show" in heard["sentence"]

        shell(then)

    def test_a_flood_is_left_out(self, shell) -> None:
        async def then(browser, attachment) -> None:
            attachment.say(*(display("image/png", b"x") for _ in range(100)), Event("usage", USAGE))
            seen = []
            while not seen or seen[-1] != "usage":
                seen.append((await browser.hear())["kind"])
            assert seen.count("display") <= watching.PICTURES_AT_ONCE + 2
            assert seen.count("refused") == 1

        shell(then)

    def test_after_a_flood_one_comes_again(self, monkeypatch) -> None:
        now = [1000.0]
        monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: now[0]))
        pictures = pace.Pace(watching.PICTURES_AT_ONCE, watching.PICTURES_PER_SECOND)
        allowed = [pictures.allows() for _ in range(1000)]
        assert sum(allowed) == watching.PICTURES_AT_ONCE
        now[0] += 1.0
        assert [pictures.allows(), pictures.allows()] == [True, False]

    def test_nonsense(self, shell) -> None:
        async def then(browser, attachment) -> None:
            attachment.say(Display(7, b"no line"), Display(8, b"{}\n"), Event("usage", USAGE))
            assert (await browser.hear())["kind"] == "usage"

        shell(then)


USAGE = {"cpu_seconds": 1.0, "cpu_limit_seconds": 20.0, "memory_bytes": None}


class TestPeople:
    """Guests are not watched: nobody could tell them."""

    @pytest.mark.parametrize("path", ["/console/{}/", "/console/embed/{}/", "/api/consoles/{}"])
    def test_their_shells_are_not_there_for_people(self, guests, client_of, administrator, path) -> None:
        mine = started(guests)
        assert client_of(administrator).get(path.format(mine.session_id)).status_code == 404

    def test_nor_in_their_lists(self, guests, client_of, administrator) -> None:
        mine = started(guests)
        guests.add()
        browser = client_of(administrator)
        assert mine.session_id not in browser.get("/console/all").content.decode()
        assert browser.get("/api/consoles", {"owner": mine.owner}).status_code == 404
