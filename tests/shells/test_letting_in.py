"""Who is let in to a guest's shell: whoever shows its capability, as a page without an origin, and nobody else."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from accounts.tokens import make_token
from sandbox import consoles
from sandbox.faults import SandboxBusy, SandboxError
from sandbox.outcome import Ended, Outcome
from shells import capability as capabilities
from shells import switch
from shells.models import Start
from tests.console.conftest import logged_in, story
from tests.shells.conftest import QUERY, application, page, started, told

WELCOME = (101, "welcome")


@pytest.fixture
def mine(guests):
    return capabilities.issue()


def test_a_capability_starts_a_shell(guests, mine) -> None:
    assert told(page(mine)) == WELCOME
    [job] = guests.opened
    assert (job.owner, job.has_home, job.directory, job.entry) == (mine.owner, False, "/home/student", "repl")


def test_with_the_limits_of_guests(guests, mine, settings) -> None:
    told(page(mine))
    assert guests.opened[0].limits == settings.GUEST_LIMITS != settings.CONSOLE_LIMITS


def test_and_comes_back_to_it(guests, mine) -> None:
    assert told(page(mine)) == told(page(mine)) == WELCOME
    assert len(guests.opened) == 1


def test_it_is_not_shown_to_the_browser_again(guests, mine) -> None:
    browser = page(mine)
    told(browser)
    assert browser.first["subprotocol"] == "ivle.console.1"


@pytest.mark.parametrize("is_there", [False, True])
def test_a_start_that_fails_by_our_fault_does_not_count(guests, mine, monkeypatch, is_there) -> None:
    async def fail(*_: object) -> None:
        if is_there:
            guests.add(session_id=mine.session_id, owner=mine.owner)
        raise SandboxBusy("no room", 3)

    monkeypatch.setattr(consoles, "open_session", fail)
    told(page(mine))
    assert Start.objects.count() == int(is_there)


class TestAttacks:
    @pytest.mark.parametrize(
        "origin",
        ["http://evil.example", "http://localhost:8000", "https://www.example.edu", "", "NULL", "null null"],
    )
    def test_a_page_with_an_origin(self, guests, mine, settings, origin) -> None:
        """Not even one of the site, or of a site that may embed: what is in the frame has none."""
        settings.IVLE_GUEST_SITES = ("https://www.example.edu",)
        assert told(page(mine, origin=origin)) == (403, "")
        assert not guests.opened

    def test_two_origins(self, guests, mine) -> None:
        async def attacking() -> None:
            async def with_two(scope, receive, send) -> None:
                both = [(b"origin", b"http://evil.example"), *scope["headers"]]
                await application({**scope, "headers": both}, receive, send)

            browser = await page(mine).connect(with_two)
            assert browser.status == 403

        story(attacking)

    def test_no_origin(self, guests, mine) -> None:
        browser = page(mine)
        del browser.headers["origin"]
        assert told(browser) == (403, "")

    @pytest.mark.parametrize("shown", [None, "", "x", "1.2.3"])
    def test_no_capability(self, guests, shown) -> None:
        assert told(page(shown)) == (403, "")
        assert not guests.opened

    def test_a_forged_one(self, guests, mine) -> None:
        issued, number, signature = mine.text.split(".")
        other = capabilities.issue().number
        for forged in (
            f"{issued}.{other}.{signature}",
            f"{int(issued) + 1}.{number}.{signature}",
            f"{issued}.{number}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'E'}",
            f"{issued}.{number}.{'A' * 43}",
            f"{issued}.{number}.",
        ):
            assert told(page(forged)) == (403, "")
        assert not guests.opened

    def test_one_of_another_installation(self, guests, settings) -> None:
        settings.SECRET_KEY = "another " * 10
        foreign = capabilities.issue().text
        settings.SECRET_KEY = "ours, and not theirs " * 10
        assert told(page(foreign)) == (403, "")

    def test_two_of_them(self, guests, mine) -> None:
        browser = page(mine)
        browser.subprotocols += (f"ivle.guest.{capabilities.issue().text}",)
        assert told(browser) == (403, "")

    def test_one_in_the_address(self, guests, mine) -> None:
        """Where logs and Referers would have it."""
        assert told(page(None, f"{QUERY}&capability={mine.text}")) == (403, "")

    def test_one_that_was_not_used_in_time(self, guests, monkeypatch, mine) -> None:
        late = time.time() + capabilities.START_SECONDS
        monkeypatch.setattr(capabilities.time, "time", lambda: late)
        assert told(page(mine)) == (101, "This shell has ended, because its page was away.")
        assert not guests.opened

    def test_one_whose_shell_has_ended(self, guests, mine) -> None:
        """It dies with its shell, even while it might still start one."""
        told(page(mine))
        del guests.sessions[mine.session_id]
        assert mine.may_start
        assert told(page(mine)) == (101, "This shell has ended, because its page was away.")
        assert len(guests.opened) == 1

    def test_one_whose_time_is_up(self, guests, settings) -> None:
        old = replace(capabilities.issue(), issued=int(time.time()) - 20 * 60 - 1)
        started(guests, old)
        assert told(page(old)) == (101, "The 20 minutes of this shell are over.")

    def test_anothers_shell(self, guests, mine) -> None:
        """There is no address of one: the capability alone says which it is."""
        theirs = started(guests)
        assert told(page(mine, f"{QUERY}&session={theirs.session_id}&client={theirs.number}")) == WELCOME
        assert guests.attachments[0].info.id == mine.session_id

    def test_a_persons_console(self, guests, mine, student) -> None:
        guests.add()
        browser = page(mine)
        browser.path = "/console/s1/socket?client=page&drives=1"
        assert told(browser) == (403, "")

    def test_a_stolen_one_takes_the_place_of_its_page(self, guests, mine) -> None:
        """The guest sees that; there are never two on one shell."""
        told(page(mine))
        told(page(mine))
        assert len({attachment.client for attachment in guests.attachments}) == 1

    @pytest.mark.parametrize("person", ["student", "administrator"])
    def test_whoever_is_logged_in_is_a_guest_here(self, guests, mine, request, person) -> None:
        who = request.getfixturevalue(person)
        headers = {"cookie": logged_in(who)["cookie"], "authorization": f"Bearer {make_token(who, 'x')}"}
        assert told(page(mine, **headers)) == WELCOME
        assert guests.opened[0].owner == mine.owner
        assert told(page(None, **headers)) == (403, "")

    @pytest.mark.parametrize("query", ["", "rows=24", "rows=0&columns=80", "rows=24&columns=501", "rows=a&columns=b"])
    def test_a_malformed_address(self, guests, mine, query) -> None:
        assert told(page(mine, query)) == (400, "")
        assert not guests.opened

    @pytest.mark.parametrize("offset", ["-1", "x", "9" * 17])
    def test_a_malformed_offset(self, guests, mine, offset) -> None:
        assert told(page(mine, f"rows=24&columns=80&offset={offset}")) == (400, "")

    def test_a_thousand_starts_from_one_address(self, guests, settings, django_assert_max_num_queries) -> None:
        settings.IVLE_GUESTS_MAX = settings.IVLE_GUESTS_PER_ADDRESS = 10_000
        outcomes = []

        async def flooding() -> None:
            for _ in range(100):
                browser = await page(capabilities.issue()).connect(application)
                outcomes.append((await browser.hear())["kind"])
                await browser.leave()

        with django_assert_max_num_queries(3500):  # who is refused costs three questions, and no writing
            for _ in range(10):
                story(flooding)
        assert outcomes.count("welcome") == len(guests.opened) == settings.IVLE_GUEST_STARTS_PER_ADDRESS
        assert Start.objects.count() == settings.IVLE_GUEST_STARTS_PER_ADDRESS


class TestRoom:
    def test_off(self, guests, mine) -> None:
        switch.turn(on=False)
        assert told(page(mine)) == (101, "Shells for guests are switched off at the moment. Come back another day.")
        assert not guests.opened

    def test_off_unless_somebody_turned_it_on(self, db, sandbox, settings) -> None:
        settings.IVLE_DEMO = False
        assert "switched off" in told(page(capabilities.issue()))[1]

    def test_on_in_the_demo(self, db, sandbox, settings) -> None:
        settings.IVLE_DEMO = True
        assert told(page(capabilities.issue())) == WELCOME

    def test_all_in_use(self, guests, mine, settings) -> None:
        settings.IVLE_GUESTS_MAX = 2
        started(guests)
        started(guests, outcome=Outcome(Ended.CPU, None, None, 20.0, 21.0, None))
        assert told(page(mine)) == WELCOME
        assert "All shells are in use" in told(page(capabilities.issue(), address="198.51.100.1"))[1]

    def test_all_of_one_address_in_use(self, guests, settings) -> None:
        settings.IVLE_GUESTS_PER_ADDRESS = 2
        pages = [page(capabilities.issue(), address=where) for where in ("192.0.2.1", "192.0.2.1", "192.0.2.1")]
        assert [told(one) for one in pages[:2]] == [WELCOME, WELCOME]
        assert "open from your address" in told(pages[2])[1]
        assert told(page(capabilities.issue(), address="192.0.2.2")) == WELCOME

    def test_neighbours_in_one_ipv6_network_are_one_address(self, guests, settings) -> None:
        settings.IVLE_GUESTS_PER_ADDRESS = 1
        assert told(page(capabilities.issue(), address="2001:db8::1")) == WELCOME
        assert "open from your address" in told(page(capabilities.issue(), address="2001:db8::ffff:2"))[1]
        assert told(page(capabilities.issue(), address="2001:db8:0:1::1")) == WELCOME

    def test_persons_consoles_do_not_count(self, guests, mine, settings) -> None:
        settings.IVLE_GUESTS_MAX = 1
        guests.add()
        assert told(page(mine)) == WELCOME

    def test_of_two_at_the_same_moment_one_goes(self, guests, mine, settings, monkeypatch) -> None:
        """Another web process has started one between our look and our start."""
        settings.IVLE_GUESTS_MAX = 1
        opening = guests.open_session

        async def open_late(*asked):
            started(guests)
            return await opening(*asked)

        monkeypatch.setattr(consoles, "open_session", open_late)
        assert "All shells are in use" in told(page(mine))[1]
        assert guests.ended == [mine.session_id]

    @pytest.mark.parametrize("fault", [SandboxError("does not answer at /secret"), SandboxBusy("500 consoles", 5)])
    def test_the_sandbox_is_away(self, guests, mine, fault) -> None:
        guests.fault = fault
        assert told(page(mine)) == (101, "Shells cannot be started right now. Wait a moment, then try again.")


def test_nothing_else_is_below_its_address(guests, mine) -> None:
    browser = page(mine)
    browser.path = f"/shells/socket/{mine.session_id}?{QUERY}"
    assert told(browser)[0] == 404
