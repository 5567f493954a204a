"""What is said on a socket once it is open: typing, the keyboard, credit, pace, and every way in which it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from channels.routing import URLRouter
from django.utils import timezone

from accounts import rights
from accounts.models import Token
from accounts.tokens import make_token
from console.protocol import INPUT_CREDIT_BYTES, INPUT_MAX_BYTES, OUTPUT_CREDIT_BYTES, make_binary
from console.routing import sockets
from console.watching import UNREAD_MAX_BYTES
from courses import looks
from courses.models import Look
from sandbox.consoles import SessionGone, WatcherInfo
from sandbox.faults import MachineShort, SandboxError, SandboxRefused
from tests.console.conftest import Browser, Event, FakeAttachment, FakeSandbox, Output, about, logged_in, story

application = URLRouter(sockets)


@dataclass
class Talk:
    browser: Browser
    attachment: FakeAttachment
    sandbox: FakeSandbox

    def watchers(self, *watchers: tuple[str, str, bool]) -> None:
        """The supervisor tells who is there; "me" is this page."""
        self.attachment.say(
            Event(
                "watchers",
                {
                    "watchers": [
                        {"client": self.attachment.client if client == "me" else client, "name": name, "drives": drives}
                        for client, name, drives in watchers
                    ]
                },
            )
        )


@pytest.fixture
def talk(sandbox, student) -> Callable[..., None]:
    """talk(telling) connects the student's page and lets `telling` go on."""

    def talking(telling: Callable[[Talk], Awaitable[None]], headers: dict[str, str] | None = None, **session) -> None:
        sandbox.add(**session)
        shown = headers or logged_in(student)

        async def connected() -> None:
            path = "/console/s1/socket?client=me&offset=&drives=1"
            browser = await Browser(path, shown).connect(application)
            await browser.hear_of("welcome")
            await telling(Talk(browser, sandbox.attachments[-1], sandbox))
            await browser.leave()
            assert sandbox.attachments[-1].closed

        story(connected)

    return talking


class TestTyping:
    def test_it_reaches_the_program(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.say(make_binary(0, b"ab"))
            talk.browser.say(make_binary(2, b"\x00\xff"))
            await talk.attachment.until("type", 2, b"\x00\xff")
            assert ("type", 0, b"ab") in talk.attachment.asked

        talk(telling)

    def test_more_than_the_credit_is_an_error(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            for position in range(0, INPUT_CREDIT_BYTES, INPUT_MAX_BYTES):
                talk.browser.say(make_binary(position, b"x" * INPUT_MAX_BYTES))
            talk.browser.say(make_binary(INPUT_CREDIT_BYTES, b"x"))
            assert (await talk.browser.hear_of("closing"))["reason"] == "protocol"
            assert await talk.browser.hear() == 4400
            assert ("type", INPUT_CREDIT_BYTES, b"x") not in talk.attachment.asked

        talk(telling)

    def test_what_is_confirmed_gives_credit_back(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            for position in range(0, INPUT_CREDIT_BYTES, INPUT_MAX_BYTES):
                talk.browser.say(make_binary(position, b"x" * INPUT_MAX_BYTES))
            talk.attachment.say(Event("typed", {"offset": 1}))
            await talk.browser.hear_of("typed")
            talk.browser.say(make_binary(INPUT_CREDIT_BYTES, b"x"))
            await talk.attachment.until("type", INPUT_CREDIT_BYTES, b"x")

        talk(telling)

    def test_without_the_keyboard_it_is_refused_and_counts_as_arrived(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.say(make_binary(0, b"ab"))
            await talk.attachment.until("type", 0, b"ab")
            talk.watchers(("me", "student", False), ("other", "admin", True))
            await talk.browser.hear_of("watchers")
            talk.browser.say(make_binary(2, b"lost"))
            assert (await talk.browser.hear_of("refused"))["reason"] == "read_only"
            assert (await talk.browser.hear_of("typed"))["offset"] == 6
            talk.watchers(("me", "student", True))
            await talk.browser.hear_of("watchers")
            talk.browser.say(make_binary(6, b"cd"))
            await talk.attachment.until("type", 6, b"cd")
            assert ("skip", 2, 4) in talk.attachment.asked
            assert all(b"lost" not in asked for asked in talk.attachment.asked)

        talk(telling)

    def test_interrupt_wants_the_keyboard(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("interrupt")
            await talk.attachment.until("interrupt")
            talk.watchers(("me", "student", False))
            await talk.browser.hear_of("watchers")
            talk.attachment.asked.clear()
            talk.browser.tell("interrupt")
            assert (await talk.browser.hear_of("refused"))["reason"] == "read_only"
            assert not talk.attachment.asked

        talk(telling)


class TestTheKeyboard:
    def test_the_owner_takes_it_from_anybody(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.watchers(("me", "student", False), ("other", "admin", True))
            talk.browser.tell("drive")
            await talk.attachment.until("drive")

        talk(telling)

    def test_the_owner_lets_go(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("release")
            await talk.attachment.until("release")

        talk(telling)

    def test_a_watcher_takes_it_once_the_owner_has_let_go(self, talk, administrator) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("drive")
            assert (await talk.browser.hear_of("refused"))["reason"] == "read_only"
            talk.watchers(("me", "admin", False), ("theirs", "student", False))
            await talk.browser.hear_of("watchers")
            talk.browser.tell("drive")
            await talk.attachment.until("drive")

        talk(telling, logged_in(administrator), watchers=(WatcherInfo("theirs", "student", True),))

    def test_a_watcher_does_not_take_it_while_the_owner_is_away(self, talk, administrator) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("drive")
            assert (await talk.browser.hear_of("refused"))["reason"] == "read_only"
            assert ("drive",) not in talk.attachment.asked

        talk(telling, logged_in(administrator))

    def test_a_watchers_typing_goes_nowhere(self, talk, administrator) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.say(make_binary(0, b"rm"))
            assert "student" in (await talk.browser.hear_of("refused"))["sentence"]
            assert ("type", 0, b"rm") not in talk.attachment.asked

        talk(telling, logged_in(administrator))

    @pytest.mark.parametrize("kind", ["restart"])
    def test_a_watcher_does_not_start_it_anew(self, talk, administrator, kind) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell(kind)
            assert (await talk.browser.hear_of("refused"))["reason"] == "not_owner"
            assert not talk.sandbox.restarted

        talk(telling, logged_in(administrator))

    def test_the_owners_page_takes_it_when_who_had_it_has_left(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.watchers(("me", "student", False), ("other", "student", True))
            talk.watchers(("me", "student", False))
            await talk.attachment.until("drive")

        talk(telling)

    def test_and_when_nobody_saw_who_had_it(self, talk) -> None:
        """Whoever took it had left again before this page was told."""

        async def telling(talk: Talk) -> None:
            talk.watchers(("me", "student", False))
            await talk.attachment.until("drive")

        talk(telling)

    def test_but_not_what_it_let_go_of_itself(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("release")
            await talk.attachment.until("release")
            talk.watchers(("me", "student", False))
            await talk.browser.hear_of("watchers")
            assert ("drive",) not in talk.attachment.asked

        talk(telling)

    def test_but_not_when_it_was_let_go_of(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.watchers(("me", "student", False), ("other", "student", True))
            talk.watchers(("me", "student", False), ("other", "student", False))
            await talk.browser.hear_of("watchers")
            await talk.browser.hear_of("watchers")
            assert ("drive",) not in talk.attachment.asked

        talk(telling)


class TestSize:
    def test_a_storm_of_them_ends_with_the_last(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            for columns in range(1, 401):
                talk.browser.tell("size", rows=24, columns=columns)
            await talk.attachment.until("resize", 24, 400)
            resized = [asked for asked in talk.attachment.asked if asked[0] == "resize"]
            assert len(resized) < 100

        talk(telling)

    def test_a_watchers_is_not_heeded(self, talk, administrator) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("size", rows=1, columns=1)
            talk.browser.tell("drive")
            await talk.browser.hear_of("refused")
            assert all(asked[0] != "resize" for asked in talk.attachment.asked)

        talk(telling, logged_in(administrator))


class TestCredit:
    def test_who_does_not_acknowledge_is_told_no_more(self, talk) -> None:
        """So that the supervisor, whose socket fills, skips what this page does not take."""
        piece = b"x" * 65536

        async def telling(talk: Talk) -> None:
            for number in range(100):
                talk.attachment.say(Output(number * len(piece), piece))
            for _ in range(1000):  # turns of the event loop, in which all could go out
                await asyncio.sleep(0)
            unread = talk.browser.outgoing.qsize() * len(piece)
            assert OUTPUT_CREDIT_BYTES <= unread <= UNREAD_MAX_BYTES + len(piece)
            talk.browser.tell("ack", offset=unread)
            for _ in range(unread // len(piece) + 1):
                await talk.browser.hear()

        talk(telling)

    def test_acks_are_passed_on_once(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.attachment.say(Output(0, b"x" * 100))
            await talk.browser.hear()
            for offset in (40, 100, 100, 20):
                talk.browser.tell("ack", offset=offset)
            await talk.attachment.until("ack", 100)
            talk.browser.tell("release")
            await talk.attachment.until("release")
            assert [asked for asked in talk.attachment.asked if asked[0] == "ack"] == [("ack", 40), ("ack", 100)]

        talk(telling)

    def test_a_gap_is_no_debt(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.attachment.say(Event("gap", {"from": 0, "to": 1 << 30}), Output(1 << 30, b"now"))
            await talk.browser.hear_of("gap")
            assert await talk.browser.hear() == make_binary(1 << 30, b"now")

        talk(telling)


class TestPace:
    def test_more_than_anybody_types_is_cut_off(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            for _ in range(5000):
                talk.browser.tell("release")
            assert (await talk.browser.hear_of("closing"))["reason"] == "too_fast"
            assert await talk.browser.hear() == 4429

        talk(telling)

    def test_acknowledging_much_output_is_not_fast(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            for number in range(5000):
                talk.attachment.say(Output(number, b"x"))
                await talk.browser.hear()
                talk.browser.tell("ack", offset=number + 1)
            await talk.attachment.until("ack", 5000)

        talk(telling)


class TestEnding:
    def test_the_owner_ends_it(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("end")
            assert (await talk.browser.hear_of("closing"))["reason"] == "ended"
            assert await talk.browser.hear() == 1000
            assert talk.sandbox.ended == ["s1"]

        talk(telling)

    def test_somebody_else_ended_it(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.sandbox.sessions.clear()
            talk.attachment.say(SessionGone("gone"))
            assert (await talk.browser.hear_of("closing"))["reason"] == "ended"

        talk(telling)

    def test_the_sandbox_is_gone(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.sandbox.fault = SandboxError("does not answer")
            talk.attachment.say(SessionGone("gone"))
            assert (await talk.browser.hear_of("closing"))["reason"] == "gone"
            assert await talk.browser.hear() == 1000

        talk(telling)

    def test_the_page_connected_anew(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.attachment.say(SandboxRefused("this page has connected anew"))
            assert (await talk.browser.hear_of("closing"))["reason"] == "elsewhere"

        talk(telling)

    @pytest.mark.parametrize(("with_the_machine", "promised"), [(False, "Your console goes on"), (True, "restarted")])
    def test_the_web_server_ends(self, talk, with_the_machine, promised) -> None:
        async def telling(talk: Talk) -> None:
            if with_the_machine:
                talk.attachment.say(Event("ending", {"seconds": 10.0}))
                await talk.browser.hear_of("ending")
            talk.browser.task.cancel()
            closing = await talk.browser.hear_of("closing")
            assert closing["reason"] == "going_away"
            assert promised in closing["sentence"]
            assert await talk.browser.hear() == 4001
            with pytest.raises(asyncio.CancelledError):
                await talk.browser.task
            assert talk.attachment.closed
            talk.browser.task = asyncio.ensure_future(asyncio.sleep(0))

        talk(telling)

    def test_starting_anew_what_is_no_longer_there(self, talk, home) -> None:
        async def telling(talk: Talk) -> None:
            talk.browser.tell("restart")
            assert "hello.py" in (await talk.browser.hear_of("refused"))["sentence"]

        talk(telling, about=about(file="hello.py"))

    def test_starting_anew_while_the_machine_is_short_of_memory(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            talk.sandbox.full = MachineShort("short", 5, 2)
            talk.browser.tell("restart")
            refused = await talk.browser.hear_of("refused")
            assert refused["reason"] == "queued"
            assert refused["sentence"].endswith("2 people wait before you; your place is kept.")

        talk(telling)

    def test_its_program_ended_by_a_fault_of_ours(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            outcome = {
                "ended": "killed",
                "exit_status": None,
                "signal": None,
                "cpu_seconds": 0.0,
                "wall_seconds": 0.0,
                "memory_bytes": None,
            }
            talk.attachment.say(Event("ended", {"outcome": outcome, "fault": "lost"}))
            ended = await talk.browser.hear_of("ended")
            assert ended["ended"] == "fault"
            assert "lost" not in ended["sentence"]

        talk(telling)


class TestRights:
    """Looked at every few seconds; here at once."""

    async def look(self, talk: Talk) -> tuple[str, int]:
        await rights.look_again()
        return (await talk.browser.hear_of("closing"))["reason"], await talk.browser.hear()

    def test_while_they_hold_all_goes_on(self, talk) -> None:
        async def telling(talk: Talk) -> None:
            await rights.look_again()
            talk.attachment.say(Output(0, b"x"))
            assert await talk.browser.hear() == make_binary(0, b"x")

        talk(telling)

    def test_logging_out(self, talk, student, client_of) -> None:
        headers = logged_in(student)

        async def telling(talk: Talk) -> None:
            await asyncio.to_thread(lambda: None)
            from asgiref.sync import sync_to_async
            from django.contrib.sessions.models import Session

            await sync_to_async(Session.objects.all().delete)()
            assert await self.look(talk) == ("logged_out", 4401)

        talk(telling, headers)

    def test_a_token_that_is_revoked(self, talk, student) -> None:
        headers = {"host": "localhost:8000", "authorization": f"Bearer {make_token(student, 'x')}"}

        async def telling(talk: Talk) -> None:
            await Token.objects.all().adelete()
            assert await self.look(talk) == ("logged_out", 4401)

        talk(telling, headers)

    def test_an_administrator_who_is_none_any_more(self, talk, administrator) -> None:
        async def telling(talk: Talk) -> None:
            administrator.is_superuser = False
            await administrator.asave()
            assert await self.look(talk) == ("rights", 4404)

        talk(telling, logged_in(administrator))

    def test_a_tutor_who_is_none_any_more(self, talk, course, tutor) -> None:
        async def telling(talk: Talk) -> None:
            await rights.look_again()
            await course.memberships.filter(person=tutor).adelete()
            assert await self.look(talk) == ("rights", 4404)

        talk(telling, logged_in(tutor))

    def test_a_student_who_leaves_the_course(self, talk, course, student, lecturer) -> None:
        async def telling(talk: Talk) -> None:
            await course.memberships.filter(person=student).adelete()
            assert await self.look(talk) == ("rights", 4404)

        talk(telling, logged_in(lecturer))

    def test_a_course_that_is_closed(self, talk, course, lecturer) -> None:
        async def telling(talk: Talk) -> None:
            course.is_open = False
            await course.asave()
            assert await self.look(talk) == ("rights", 4404)

        talk(telling, logged_in(lecturer))

    def test_whoever_watches_for_hours_is_noted_in_each(self, talk, course, lecturer, monkeypatch) -> None:
        async def telling(talk: Talk) -> None:
            await rights.look_again()
            assert await Look.objects.acount() == 1
            later = timezone.now() + timedelta(hours=1)
            monkeypatch.setattr(looks, "timezone", SimpleNamespace(now=lambda: later))
            await rights.look_again()
            assert await Look.objects.acount() == 2

        talk(telling, logged_in(lecturer))

    def test_it_happens_by_itself(self, talk, student, monkeypatch) -> None:
        monkeypatch.setattr(rights, "ROUND_SECONDS", 0.01)

        async def telling(talk: Talk) -> None:
            student.is_active = False
            await student.asave()
            assert (await talk.browser.hear_of("closing"))["reason"] == "logged_out"

        talk(telling)

    def test_a_database_that_is_away_ends_nothing(self, talk, monkeypatch) -> None:
        from django.db import DatabaseError

        def away(credentials):
            raise DatabaseError("locked")

        monkeypatch.setattr(rights, "ROUND_SECONDS", 0.01)
        monkeypatch.setattr(rights, "people_now", away)

        async def telling(talk: Talk) -> None:
            await asyncio.sleep(0.1)
            talk.attachment.say(Output(0, b"x"))
            assert await talk.browser.hear() == make_binary(0, b"x")

        talk(telling)
