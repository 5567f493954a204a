"""terminado's protocol, as its clients speak it: frames by hand, and the REST calls with jupyter_server's codes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable

import pytest
from channels.routing import URLRouter
from django.test import Client

from accounts import rights
from accounts.models import Token
from accounts.tokens import make_token
from console.protocol import INPUT_CREDIT_BYTES
from console.routing import sockets
from sandbox.consoles import SessionGone
from sandbox.outcome import Ended, Outcome
from tests.console.conftest import Browser, Event, FakeAttachment, Output, about, logged_in, story

application = URLRouter(sockets)
OVER = Outcome(Ended.FINISHED, 0, None, 0.1, 1.0, None)


@pytest.fixture
def token(student) -> str:
    return make_token(student, "jupyter")


class TestRest:
    @pytest.fixture
    def jupyter(self, token, sandbox) -> Client:
        return Client(headers={"authorization": f"token {token}"})

    def test_the_list(self, jupyter, sandbox) -> None:
        sandbox.add(about=about("7"))
        sandbox.add(session_id="s2", owner="classmate")
        sandbox.add(session_id="s3", outcome=OVER)
        [terminal] = jupyter.get("/api/terminals").json()
        assert terminal["name"] == "7"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", terminal["last_activity"])

    @pytest.mark.parametrize("body", ["", "null", "{}", '{"cwd": "/somewhere"}', '{"name": null, "cwd": null}'])
    def test_a_new_one(self, jupyter, sandbox, body) -> None:
        answer = jupyter.post("/api/terminals", body, content_type="application/json")
        assert answer.status_code == 200
        assert answer.json()["name"] == "1"
        assert sandbox.opened[0].entry == "bash"

    def test_one_of_a_name_is_made_once(self, jupyter, sandbox) -> None:
        for _ in range(2):
            answer = jupyter.post("/api/terminals", '{"name": "work"}', content_type="application/json")
            assert answer.json()["name"] == "work"
        assert len(sandbox.opened) == 1

    def test_a_maximum_is_told(self, jupyter, sandbox, settings) -> None:
        settings.IVLE_CONSOLES_PER_OWNER = 1
        sandbox.add()
        answer = jupyter.post("/api/terminals", "{}", content_type="application/json")
        assert answer.status_code == 409
        assert "End it first" in answer.json()["message"]

    def test_what_went_wrong_is_where_jupyterlab_looks_for_it(self, jupyter, sandbox) -> None:
        wrong = jupyter.post("/api/terminals", '{"name": "a-b"}', content_type="application/json")
        assert wrong.status_code == 422
        assert "pattern" in wrong.json()["message"]
        assert jupyter.delete("/api/terminals/8").json()["message"] == "There is no such console."
        assert Client().get("/api/terminals").json()["message"] == "Unauthorized"

    def test_one_of_them(self, jupyter, sandbox) -> None:
        sandbox.add(about=about("7"))
        assert jupyter.get("/api/terminals/7").status_code == 200
        assert jupyter.get("/api/terminals/8").status_code == 404

    def test_ending_one(self, jupyter, sandbox) -> None:
        sandbox.add(about=about("7"))
        assert jupyter.delete("/api/terminals/7").status_code == 204
        assert jupyter.delete("/api/terminals/7").status_code == 404

    @pytest.mark.parametrize("way", ["token {}", "Bearer {}", "bearer {}"])
    def test_ways_to_show_a_token(self, sandbox, token, way) -> None:
        assert Client(headers={"authorization": way.format(token)}).get("/api/terminals").status_code == 200

    def test_in_the_address(self, sandbox, token, client) -> None:
        assert client.get(f"/api/terminals?token={token}").status_code == 200

    def test_without_one(self, sandbox, student, client_of) -> None:
        assert client_of(student).get("/api/terminals").status_code == 401


class Jupyter(Browser):
    def say(self, *message) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})


@pytest.fixture
def talk(sandbox, token) -> Callable[..., None]:
    """talk(telling) connects to the student's terminal 1."""

    def talking(telling: Callable[[Jupyter, FakeAttachment], Awaitable[None]]) -> None:
        sandbox.add()

        async def connected() -> None:
            client = await Jupyter(f"/terminals/websocket/1?token={token}").connect(application)
            assert client.first["type"] == "websocket.accept"
            assert await client.hear() == ["setup", {}]
            await telling(client, sandbox.attachments[0])
            await client.leave()
            assert sandbox.attachments[0].closed

        story(connected)

    return talking


class TestSocket:
    def test_output_is_text_and_acknowledged_once_it_is_on_its_way(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            attachment.say(Output(0, b"h\xc3"), Output(2, b"\xa9 \xff"))
            assert await client.hear() == ["stdout", "h"]
            assert await client.hear() == ["stdout", "\xe9 \N{REPLACEMENT CHARACTER}"]
            await attachment.until("ack", 5)

        talk(telling)

    def test_all_that_is_kept_comes_first(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            assert attachment.asked[0] == ("attach", None)

        talk(telling)

    def test_typing_takes_the_keyboard(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            client.say("stdin", "1+1 \xe9\r")
            await attachment.until("type", 0, "1+1 \xe9\r".encode())
            assert ("drive",) in attachment.asked

        talk(telling)

    def test_a_large_paste_waits_for_the_program(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            client.say("stdin", "x" * 200_000)
            await attachment.until("type", 0, b"x" * 32768)
            client.say("set_size", 24, 80)
            await attachment.until("resize", 24, 80)
            typed = sum(len(asked[2]) for asked in attachment.asked if asked[0] == "type")
            assert typed == INPUT_CREDIT_BYTES
            while typed < 200_000:
                attachment.say(Event("typed", {"offset": typed}))
                attachment.changed.clear()
                await attachment.changed.wait()
                await asyncio.sleep(0)
                typed = sum(len(asked[2]) for asked in attachment.asked if asked[0] == "type")

        talk(telling)

    def test_the_size(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            client.say("set_size", 30, 100, 600, 800)
            await attachment.until("resize", 30, 100)
            client.say("set_size", 9999, 9999)
            await attachment.until("resize", 500, 500)

        talk(telling)

    def test_what_is_no_message_is_ignored(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            for message in (["dance"], ["stdin"], ["stdin", 7], ["set_size", 0, 5], ["set_size", "a", "b"], [], [None]):
                client.say(*message)
            for text in ("", "{", "7", '{"a": 1}', "[" * 100_000):
                client.incoming.put_nowait({"type": "websocket.receive", "text": text})
            client.incoming.put_nowait({"type": "websocket.receive", "bytes": b"x", "text": None})
            client.say("stdin", "on")
            await attachment.until("type", 0, b"on")

        talk(telling)

    def test_the_program_ends(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            attachment.say(Output(0, b"bye"), Event("ended", {"outcome": None}))
            assert await client.hear() == ["stdout", "bye"]
            assert await client.hear() == ["disconnect", 1]
            assert await client.hear() == 1000

        talk(telling)

    def test_the_console_is_ended(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            attachment.say(SessionGone("gone"))
            assert await client.hear() == ["disconnect", 1]
            assert await client.hear() == 1000

        talk(telling)

    def test_a_token_that_is_revoked(self, talk) -> None:
        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            await Token.objects.all().adelete()
            await rights.look_again()
            assert await client.hear() == 4401

        talk(telling)

    def test_typing_without_end_what_nobody_reads(self, talk, monkeypatch) -> None:
        from console import terminado

        monkeypatch.setattr(terminado, "WAITING_MAX_BYTES", 300_000)

        async def telling(client: Jupyter, attachment: FakeAttachment) -> None:
            for _ in range(5):
                client.say("stdin", "x" * 100_000)
            assert await client.hear() == 4429

        talk(telling)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/terminals/websocket/2?token={token}", 404),
        ("/terminals/websocket/1", 403),
        ("/terminals/websocket/1?token=x", 403),
    ],
)
def test_who_is_not_let_in(sandbox, token, path, status) -> None:
    sandbox.add()

    async def connecting() -> None:
        client = await Jupyter(path.format(token=token)).connect(application)
        assert client.status == status
        await client.leave()

    story(connecting)


def test_others_terminals_are_not_there(sandbox, student, classmate) -> None:
    sandbox.add()
    token = make_token(classmate, "jupyter")

    async def connecting() -> None:
        client = await Jupyter(f"/terminals/websocket/1?token={token}").connect(application)
        assert client.status == 404
        await client.leave()

    story(connecting)


def test_a_page_of_the_site_may_use_it_too(sandbox, student) -> None:
    sandbox.add()
    headers = logged_in(student)

    async def connecting() -> None:
        client = await Jupyter("/terminals/websocket/1", headers).connect(application)
        assert client.first["type"] == "websocket.accept"
        await client.leave()

    story(connecting)
