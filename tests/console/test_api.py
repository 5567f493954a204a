"""The JSON API: list, start, type, read, resize, interrupt, save and run, restart, end."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from django.test import Client

from accounts.models import Token
from accounts.tokens import make_token
from console import remote
from sandbox import consoles
from sandbox.faults import MachineShort, SandboxBusy, SandboxError
from sandbox.outcome import Ended, Outcome
from tests.console.conftest import Event, Output, about

OVER = Outcome(Ended.CPU, None, None, 60.0, 61.0, None)


class Script:
    """A program with a token."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def get(self, path: str, **query):
        return self.client.get(f"/api/consoles{path}", query)

    def post(self, path: str, **content):
        return self.client.post(f"/api/consoles{path}", json.dumps(content), content_type="application/json")

    def save(self, path: str, data: bytes, headers: dict[str, str] | None = None):
        return self.client.put(f"/api/consoles{path}", data, content_type="application/octet-stream", headers=headers)

    def delete(self, path: str):
        return self.client.delete(f"/api/consoles{path}")


@pytest.fixture
def script(student, sandbox) -> Script:
    return Script(make_token(student, "script"))


def test_the_list_is_of_ones_own(script, sandbox) -> None:
    sandbox.add()
    sandbox.add(session_id="s2", owner="classmate")
    [row] = script.get("").json()
    assert (row["id"], row["program"], row["cpu_left_seconds"], row["ended"]) == ("s1", "Python", 60.0, "")


def test_starting_one(script, sandbox, home) -> None:
    (home / "hello.py").write_text("")
    answer = script.post("", program="python", file="hello.py", arguments="a b", rows=30, columns=100)
    assert answer.status_code == 201
    row = answer.json()
    assert (row["title"], row["rows"], row["columns"], row["name"]) == ("hello.py", 30, 100, "1")
    assert sandbox.opened[0].argv == ("/home/student/hello.py", "a", "b")
    assert len(row["id"]) >= 22


def test_a_save_that_runs_the_program_anew(script, sandbox, home, monkeypatch) -> None:
    """The bytes are there before the program is started."""
    sandbox.add(about=about(file="a.py"))
    at_start = []
    restart = sandbox.restart_session

    async def restart_session(*words):
        at_start.append((home / "a.py").read_bytes())
        return await restart(*words)

    monkeypatch.setattr(consoles, "restart_session", restart_session)
    answer = script.save("/s1/file?path=a.py", b"print(2)\n")
    assert (answer.status_code, answer.json()["restarted"], answer.json()["path"]) == (201, True, "a.py")
    assert at_start == [b"print(2)\n"]
    etag = answer.json()["etag"]
    assert script.save("/s1/file?path=a.py", b"3", {"If-Match": etag}).status_code == 200
    refused = script.save("/s1/file?path=a.py", b"4", {"If-Match": etag})
    assert refused.status_code == 412
    assert refused.json()["etag"]
    assert at_start == [b"print(2)\n", b"3"], "nothing runs that is not saved"


@pytest.mark.parametrize("session", ["gone", "other", "bad"])
def test_what_is_saved_is_saved_where_nothing_runs(script, sandbox, home, session: str) -> None:
    sandbox.add(session_id="other", owner="classmate", about=about(file="a.py"))
    sandbox.add(session_id="bad", about=about(file="missing.py"))
    answer = script.save(f"/{session}/file?path=a.py", b"1")
    assert (answer.status_code, answer.json()["restarted"]) == (201, False)
    assert (home / "a.py").read_bytes() == b"1"
    assert sandbox.restarted == []


def test_getting_or_creating_one_by_name(script) -> None:
    first = script.post("", name="work").json()
    assert script.post("", name="work").json()["id"] == first["id"]
    assert script.post("", name="play").json()["id"] != first["id"]


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ({"file": "missing.py"}, 400, "There is no file missing.py"),
        ({"program": "perl"}, 422, "program"),
        ({"rows": 0}, 422, "rows"),
        ({"columns": 501}, 422, "columns"),
        ({"name": "a b"}, 422, "name"),
    ],
)
def test_what_cannot_be_started(script, sandbox, home, content, status, words) -> None:
    answer = script.post("", **content)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not sandbox.opened


def test_a_maximum_is_told(script, sandbox, settings) -> None:
    settings.IVLE_CONSOLES_PER_OWNER = 1
    sandbox.add()
    answer = script.post("")
    assert answer.status_code == 409
    assert "End it first" in answer.json()["detail"]


def test_the_machines_maximum_is_told(script, sandbox) -> None:
    sandbox.full = SandboxBusy("500 consoles are open on this machine.", 30)
    answer = script.post("")
    assert (answer.status_code, answer.json()["detail"]) == (409, "500 consoles are open on this machine.")


def test_a_place_in_the_queue_is_told(script, sandbox) -> None:
    sandbox.full = MachineShort("short", 5, 1)
    answer = script.post("")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["place"].endswith("1 person waits before you; your place is kept.")
    assert answer.json()["detail"] == f"{answer.json()['place']} Try again in a few seconds."


def test_one_of_them(script, sandbox) -> None:
    sandbox.add(outcome=OVER)
    assert "60 seconds" in script.get("/s1").json()["ended"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/s1"),
        ("delete", "/s1"),
        ("post", "/s1/input"),
        ("get", "/s1/output"),
        ("post", "/s1/size"),
        ("post", "/s1/interrupt"),
        ("post", "/s1/restart"),
        ("get", "/s1/displays/0"),
        ("get", "/s1/events?client=a"),
    ],
)
class TestRefusals:
    def ask(self, client: Client, method: str, path: str):
        content = {"rows": 1, "columns": 1, "text": "x"} if method == "post" else None
        return getattr(client, method)(f"/api/consoles{path}", content, content_type="application/json")

    def test_it_is_not_there(self, script, method, path) -> None:
        assert self.ask(script.client, method, path).status_code == 404

    def test_it_is_not_there_for_others(self, sandbox, classmate, method, path) -> None:
        sandbox.add()
        token = make_token(classmate, "x")
        client = Client(headers={"authorization": f"Bearer {token}"})
        assert self.ask(client, method, path).status_code == 404
        assert not sandbox.attachments
        assert not sandbox.ended

    def test_nobody(self, sandbox, db, client, method, path) -> None:
        sandbox.add()
        assert self.ask(client, method, path).status_code == 401

    def test_the_sandbox_is_away(self, script, sandbox, method, path) -> None:
        sandbox.fault = SandboxError("does not answer at /secret/path")
        answer = self.ask(script.client, method, path)
        assert answer.status_code == 503
        assert "/secret" not in answer.content.decode()


class TestASession:
    """The site's own pages ask with their cookie."""

    def test_reading(self, sandbox, student, client_of) -> None:
        sandbox.add()
        assert client_of(student).get("/api/consoles").status_code == 200

    def test_changing_wants_the_csrf_token(self, sandbox, student) -> None:
        sandbox.add()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
        assert browser.delete("/api/consoles/s1").status_code == 403
        assert not sandbox.ended
        browser.get("/tokens/")
        token = browser.cookies["ivle-csrf"].value
        assert browser.delete("/api/consoles/s1", headers={"X-CSRFToken": token}).status_code == 204
        assert sandbox.ended == ["s1"]


class TestTyping:
    def test_text(self, script, sandbox) -> None:
        sandbox.add()
        sandbox.at_attaching = lambda attachment: attachment.say(Event("typed", {"offset": 4}))
        answer = script.post("/s1/input", text="1+1\r")
        assert answer.json() == {"typed": 4}
        assert sandbox.attachments[0].asked[1:] == [("drive",), ("type", 0, b"1+1\r")]
        assert sandbox.attachments[0].closed

    def test_bytes(self, script, sandbox) -> None:
        sandbox.add()
        sandbox.at_attaching = lambda attachment: attachment.say(Event("typed", {"offset": 2}))
        script.post("/s1/input", base64=base64.b64encode(b"\x00\xff").decode())
        assert ("type", 0, b"\x00\xff") in sandbox.attachments[0].asked

    def test_a_program_that_does_not_read(self, script, sandbox, monkeypatch) -> None:
        monkeypatch.setattr(remote, "TAKING_SECONDS", 0.05)
        sandbox.add()
        sandbox.at_attaching = lambda attachment: attachment.say(Event("typed", {"offset": 1}))
        assert script.post("/s1/input", text="abc").json() == {"typed": 1}
        assert sandbox.attachments[0].asked[-1] == ("withdraw",)

    def test_behind_what_still_waits(self, script, sandbox) -> None:
        """Of a request that a web server which was killed did not end."""
        sandbox.add()

        def at_attaching(attachment) -> None:
            attachment.typed, attachment.received = 3, 5
            attachment.say(Event("typed", {"offset": 7}))

        sandbox.at_attaching = at_attaching
        assert script.post("/s1/input", text="ab").json() == {"typed": 2}
        assert ("type", 5, b"ab") in sandbox.attachments[0].asked

    def test_what_is_no_base64(self, script, sandbox) -> None:
        sandbox.add()
        assert script.post("/s1/input", base64="###").status_code == 400

    def test_an_administrator_only_watches(self, sandbox, administrator) -> None:
        sandbox.add()
        answer = Script(make_token(administrator, "x")).post("/s1/input", text="rm -rf ~\r")
        assert answer.status_code == 403
        assert not sandbox.attachments


class TestReading:
    def read(self, script, sandbox, *arrivals, **query):
        sandbox.at_attaching = lambda attachment: attachment.say(*arrivals)
        return script.get("/s1/output", **query).json()

    def test_what_is_there(self, script, sandbox) -> None:
        sandbox.add(end_offset=9)
        answer = self.read(
            script, sandbox, Output(4, b"h\xc3"), Output(6, b"\xa9y"), Event("replayed", {"offset": 8}), offset=4
        )
        assert (answer["offset"], answer["end"], answer["text"]) == (4, 8, "h\xe9y")
        assert base64.b64decode(answer["base64"]) == "h\xe9y".encode()

    def test_what_is_no_longer_kept(self, script, sandbox) -> None:
        sandbox.add(start_offset=100, end_offset=103)
        answer = self.read(
            script,
            sandbox,
            Event("gap", {"from": 0, "to": 100}),
            Output(100, b"abc"),
            Event("replayed", {"offset": 103}),
        )
        assert (answer["offset"], answer["end"]) == (100, 103)

    def test_a_right_that_went_while_it_waited(self, script, sandbox, monkeypatch) -> None:
        async def read_output(*_what: object) -> remote.Piece:
            await Token.objects.all().adelete()
            return remote.Piece(0, b"secret")

        monkeypatch.setattr(remote, "read_output", read_output)
        sandbox.add()
        answer = script.get("/s1/output", wait_seconds=10)
        assert answer.status_code == 404
        assert b"secret" not in answer.content

    def test_what_is_skipped_meanwhile(self, script, sandbox) -> None:
        """What came before the gap is told with its own offsets; the next question begins at the gap."""
        sandbox.add(end_offset=500)
        answer = self.read(script, sandbox, Output(0, b"abc"), Event("gap", {"from": 3, "to": 400}), Output(400, b"d"))
        assert (answer["offset"], answer["end"], answer["text"]) == (0, 3, "abc")

    def test_waiting_for_some(self, script, sandbox) -> None:
        sandbox.add()
        answer = self.read(script, sandbox, Event("replayed", {"offset": 0}), Output(0, b"late"), wait_seconds=10)
        assert answer["text"] == "late"

    def test_waiting_in_vain(self, script, sandbox) -> None:
        sandbox.add()
        answer = self.read(script, sandbox, Event("replayed", {"offset": 0}), wait_seconds=0.05)
        assert (answer["offset"], answer["end"], answer["text"]) == (0, 0, "")

    def test_not_waiting_for_what_is_over(self, script, sandbox) -> None:
        sandbox.add(outcome=OVER)
        assert self.read(script, sandbox, Event("replayed", {"offset": 0}), wait_seconds=20)["ended"]

    def test_it_takes_no_keyboard(self, script, sandbox) -> None:
        sandbox.add()
        self.read(script, sandbox, Event("replayed", {"offset": 0}))
        assert ("drive",) not in sandbox.attachments[0].asked


def test_resizing(script, sandbox) -> None:
    sandbox.add()
    assert script.post("/s1/size", rows=10, columns=20).status_code == 204
    assert sandbox.attachments[0].asked[1:] == [("drive",), ("resize", 10, 20)]


def test_interrupting(script, sandbox) -> None:
    sandbox.add()
    assert script.post("/s1/interrupt").status_code == 204
    assert sandbox.attachments[0].asked[1:] == [("drive",), ("interrupt",)]


def test_starting_anew(script, sandbox) -> None:
    sandbox.add(about=about(kind="ipython"))
    assert script.post("/s1/restart").status_code == 200
    assert sandbox.restarted[0].entry == "ipython"


def test_ending(script, sandbox) -> None:
    sandbox.add()
    assert script.delete("/s1").status_code == 204
    assert sandbox.ended == ["s1"]


def test_an_administrator_ends_anybodys(sandbox, administrator) -> None:
    sandbox.add()
    assert Script(make_token(administrator, "x")).delete("/s1").status_code == 204


def test_two_at_once_by_one_name_get_one_console(sandbox, student) -> None:
    from asgiref.sync import async_to_sync

    from console.programs import Program
    from console.starting import open_console

    listed = sandbox.list_sessions

    async def slowly(*args):
        found = await listed(*args)
        await asyncio.sleep(0)
        return found

    from sandbox import consoles

    consoles.list_sessions = slowly

    async def both():
        return await asyncio.gather(*(open_console("student", Program(), name="work") for _ in range(2)))

    first, second = async_to_sync(both)()
    assert first.id == second.id


def test_it_describes_itself(client, db) -> None:
    description = client.get("/api/openapi.json").json()
    assert {"/api/consoles", "/api/consoles/{session_id}/output", "/api/terminals"} <= set(description["paths"])
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert b"//cdn" not in page.content


class TestDisplays:
    def fetch(self, script, sandbox, mime: str, body: bytes):
        sandbox.add()
        head = json.dumps({"mime": mime, "bytes": len(body), "title": "x"}).encode()
        sandbox.displays["s1", 3] = head + b"\n" + body
        return script.get("/s1/displays/3")

    def test_a_picture(self, script, sandbox) -> None:
        answer = self.fetch(script, sandbox, "image/png", b"\x89PNG\n\n")
        assert (answer["Content-Type"], answer.content) == ("image/png", b"\x89PNG\n\n")
        assert answer["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "image/png"])
    def test_opened_as_a_page_it_can_do_nothing(self, script, sandbox, mime) -> None:
        policy = self.fetch(script, sandbox, mime, b"<svg onload='x'/>")["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none'")

    @pytest.mark.parametrize(
        "mime", ["text/html", "text/cgi", "application/xhtml+xml", "text/html\r\nX: y", "image/x", ""]
    )
    def test_everything_else_is_text(self, script, sandbox, mime) -> None:
        answer = self.fetch(script, sandbox, mime, b"<script>x</script>")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert "X" not in answer

    def test_nonsense_is_text(self, script, sandbox) -> None:
        sandbox.add()
        sandbox.displays["s1", 0] = b"no line of JSON"
        assert script.get("/s1/displays/0")["Content-Type"] == "text/plain; charset=utf-8"

    def test_one_that_is_no_longer_kept(self, script, sandbox) -> None:
        sandbox.add()
        assert script.get("/s1/displays/9").status_code == 404
