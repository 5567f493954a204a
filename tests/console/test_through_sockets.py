"""From a WebSocket through the web server and the supervisor into a jail, and back. Nothing is a stand-in here."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest

from tests.cgirunner.whole_site import Site
from tests.console.wire import PING, TEXT, Refused, WebSocket
from tests.sandbox.jail import until

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site") / "data")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    yield site
    site.close()
    assert "Traceback" not in site.said, site.said


class Person:
    """Somebody of the demo class at the API, and at sockets."""

    def __init__(self, site: Site, login: str) -> None:
        self.site = site
        self.cookie = site.log_in(login)
        self.headers = {"cookie": self.cookie, "origin": f"http://localhost:{site.port}"}
        site.ask("/tokens/", cookie=self.cookie)
        self.csrf = next(part for part in site.cookie().split("; ") if part.startswith("ivle-csrf"))
        _, page = site.ask("/tokens/", cookie=f"{self.cookie}; {self.csrf}")
        field = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', page)
        assert field
        form = urlencode({"csrfmiddlewaretoken": field[1].decode(), "name": "test"}).encode()
        _, page = site.ask(
            "/tokens/",
            method="POST",
            body=form,
            cookie=f"{self.cookie}; {self.csrf}",
            origin=f"http://localhost:{site.port}",
            **{"content-type": "application/x-www-form-urlencoded"},
        )
        token = re.search(rb"ivle_[A-Za-z0-9_-]{43}", page)
        assert token
        self.token = token[0].decode()

    def ask(self, path: str, method: str = "GET", **content: Any) -> tuple[int, Any]:
        body = json.dumps(content).encode() if method == "POST" else None
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        status, answer = self.site.ask(f"/api{path}", method=method, body=body, **headers)
        return status, json.loads(answer) if answer else None

    def start(self, **content: Any) -> str:
        status, row = self.ask("/consoles", "POST", **content)
        assert status == 201, row
        return row["id"]

    def open(self, session_id: str, client: str = "page", offset: int | str = "", drives: int = 1) -> WebSocket:
        path = f"/console/{session_id}/socket?client={client}&offset={offset}&drives={drives}"
        return WebSocket(self.site.port, path, "ivle.console.1", **self.headers)

    def end_all(self) -> None:
        for row in self.ask("/consoles")[1]:
            self.ask(f"/consoles/{row['id']}", "DELETE")


@pytest.fixture(scope="module")
def people(site) -> dict[str, Person]:
    return {login: Person(site, login) for login in ("student", "classmate", "admin")}


@pytest.fixture
def student(people) -> Iterator[Person]:
    yield people["student"]
    people["student"].end_all()


class Screen:
    """What a page has seen, every byte at its offset, none left out and none twice."""

    def __init__(self, socket: WebSocket, end: int | None = None) -> None:
        self.socket = socket
        self.output = bytearray()
        self.welcome = socket.hear_of("welcome")
        self.begin = self.end = self.welcome["offset"] if end is None else end
        self.acknowledged = self.begin
        self.typed = self.welcome["typed"]

    def read(self) -> dict[str, Any] | None:
        """Output is collected; anything else is returned."""
        heard = self.socket.hear()
        if isinstance(heard, tuple):
            offset, data = heard
            assert offset == self.end
            self.output += data
            self.end += len(data)
            if self.end - self.acknowledged >= 32 * 1024:
                self.socket.tell("ack", offset=self.end)
                self.acknowledged = self.end
            return None
        assert isinstance(heard, dict), f"closed: {heard}"
        return heard

    def until(self, *words: bytes) -> None:
        while not all(word in self.output for word in words):
            self.read()

    def type(self, data: bytes) -> None:
        self.socket.type(self.typed, data)
        self.typed += len(data)


def test_a_console_may_be_the_first_thing_that_somebody_does_here(site) -> None:
    """Before they have seen any page that shows their folder."""
    shutil.rmtree(site.data / "homes" / "lecturer")
    lecturer = Person(site, "lecturer")
    with closing(lecturer.open(lecturer.start(program="bash"))) as socket:
        screen = Screen(socket)
        screen.until(b"$ ")
        screen.type(b"echo mine > note; pwd\r")
        screen.until(b"/home/lecturer\r\n")
    until((site.data / "homes" / "lecturer" / "note").exists, "what they wrote")
    lecturer.end_all()


def test_a_prompt_and_an_answer(student) -> None:
    with closing(student.open(student.start())) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"6*7\r")
        screen.until(b"42\r\n")


@pytest.mark.parametrize(
    ("program", "prompt", "typed", "shown"),
    [
        ("python", b">>> ", b"open('more', 'w').write('x' * 100_000)\r", b"File too large"),
        ("bash", b"$ ", b"echo x > more; echo $((6*7))\r", b"42"),
    ],
)
def test_whose_folder_is_full_is_told_before_the_program_begins(site, student, program, prompt, typed, shown) -> None:
    used = lambda: student.ask("/files/list")[1]["quota"]["used_bytes"]  # noqa: E731
    with (site.data / "homes" / "student" / "huge").open("wb") as file:
        file.truncate(2 << 30)
    try:
        until(lambda: used() > 1 << 30, "it is counted")
        with closing(student.open(student.start(program=program))) as socket:
            screen = Screen(socket)
            screen.until(b"Your folder is full")
            screen.until(prompt)
            screen.type(typed)
            screen.until(shown)
    finally:
        (site.data / "homes" / "student" / "huge").unlink()
        until(lambda: used() < 1 << 30, "it is counted again")


def test_what_makes_files_past_the_quota_is_stopped_and_told(site, student) -> None:
    """Each of them within its bounds, and together more than there is room for."""
    code = """
import itertools, time
for number in itertools.count():
    with open(f"part-{number}", "wb") as file:
        file.truncate(60 << 20)
    time.sleep(0.2)
"""
    site.write("student", "fill.py", code)
    try:
        with closing(student.open(student.start(file="fill.py"))) as socket:
            ended = Screen(socket).welcome["outcome"] or socket.hear_of("ended")
        assert ended["ended"] == "disk"
        assert "Delete some" in ended["sentence"]
    finally:
        for part in (site.data / "homes" / "student").glob("part-*"):
            part.unlink()
        until(lambda: student.ask("/files/list")[1]["quota"]["used_bytes"] < 1 << 30, "it is counted again")


@pytest.mark.parametrize(
    ("program", "typed", "shown"), [("ipython", b"6*7\r", b"42"), ("bash", b"echo $((6*7))\r", b"42")]
)
def test_other_programs(student, program, typed, shown) -> None:
    with closing(student.open(student.start(program=program))) as socket:
        screen = Screen(socket)
        screen.until(b"$ " if program == "bash" else b"In ")
        screen.type(typed)
        screen.until(shown)


def test_a_file_its_end_and_again(site, student) -> None:
    site.write("student", "two.py", "import sys; print('args', sys.argv[1:]); sys.exit(3)")
    with closing(student.open(student.start(file="two.py", arguments="a 'b c'"))) as socket:
        screen = Screen(socket)
        screen.until(b"args ['a', 'b c']")
        ended = screen.welcome["outcome"] or socket.hear_of("ended")
        assert (ended["ended"], ended["exit_status"], ended["may_restart"]) == ("finished", 3, True)
        socket.tell("restart")
        assert socket.hear_of("restarted")["offset"] == screen.end


def test_a_file_and_then_the_prompt(site, student) -> None:
    site.write("student", "names.py", "answer = 6 * 7")
    with closing(student.open(student.start(file="names.py", after="prompt"))) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"print('is', answer)\r")
        screen.until(b"is 42\r\n")


def test_coming_back_gives_exactly_the_rest(site, student) -> None:
    session_id = student.start()
    enough = site.data / "homes" / "student" / "enough"
    with closing(student.open(session_id)) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"import os, time; i = 0\r")
        screen.type(b"while not os.path.exists('enough'): print('line', i); i += 1; time.sleep(0.002)\r\r")
        screen.until(b"line 20\r\n")
    output = bytes(screen.output)
    end, typed = screen.end, screen.typed
    for _ in range(5):
        with closing(student.open(session_id, offset=end)) as socket:
            screen = Screen(socket, end)
            assert screen.typed == typed
            screen.read()
            while not screen.output:
                screen.read()
            output += screen.output
            end = screen.end
    with closing(student.open(session_id, offset=end)) as socket:
        screen = Screen(socket, end)
        enough.touch()
        screen.until(b">>> ")
        output += screen.output
    enough.unlink()
    lines = re.findall(rb"line (\d+)\r\n", output)
    assert lines == [b"%d" % number for number in range(len(lines))]


def web_process(site: Site) -> psutil.Process:
    [web] = [child for child in psutil.Process(site.process.pid).children() if "ivle.web" in child.cmdline()]
    return web


def test_the_web_server_is_killed_in_the_middle(site, student) -> None:
    session_id = student.start()
    with closing(student.open(session_id)) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"import time\rfor i in range(400): print('line', i); time.sleep(0.005)\r\r")
        screen.until(b"line 20\r\n")
        web_process(site).kill()
        with suppress(EOFError, ConnectionError):
            while True:
                screen.read()
    deadline = time.monotonic() + 30
    while True:
        try:
            again = student.open(session_id, offset=screen.end)
            break
        except (OSError, EOFError):
            assert time.monotonic() < deadline
    with closing(again):
        rest = Screen(again, screen.end)
        rest.until(b"line 399\r\n")
    output = bytes(screen.output + rest.output)
    assert re.findall(rb"line (\d+)\r\n", output) == [b"%d" % number for number in range(400)]


def test_a_web_server_that_ends_says_so(site, student) -> None:
    with closing(student.open(student.start())) as socket:
        web_process(site).terminate()
        assert socket.hear_of("closing")["reason"] == "going_away"
        with suppress(EOFError):  # it may be gone before its close frame is
            assert socket.hear() == 4001
    deadline = time.monotonic() + 30
    while True:
        try:
            site.ask("/healthz")
            break
        except AssertionError:
            assert time.monotonic() < deadline


def test_interrupting_a_flood(student) -> None:
    with closing(student.open(student.start())) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"while True: print('flood' * 100)\r\r")
        while screen.end < 4 * MIB:
            screen.read()
        socket.tell("interrupt")
        screen.output.clear()
        screen.until(b"KeyboardInterrupt", b">>> ")


def test_a_large_paste(student) -> None:
    """Of 300 kB, as the page sends it: so much at a time, then more when that has been typed."""
    source = b"import sys, tty; tty.setraw(0); print('ready', end=''); sys.stdout.flush()\n"
    source += b"data = sys.stdin.buffer.read(300_000); print('got', len(data), data == b'0123456789' * 30_000)"
    student.site.write("student", "paste.py", source.decode())
    with closing(student.open(student.start(file="paste.py"))) as socket:
        screen = Screen(socket)
        screen.until(b"ready")
        paste = b"0123456789" * 30_000
        confirmed = 0
        while confirmed < len(paste):
            while screen.typed < len(paste) and screen.typed - confirmed <= 32 * 1024:
                screen.type(paste[screen.typed : screen.typed + 16 * 1024])
            heard = screen.read()
            if heard and heard["kind"] == "typed":
                confirmed = heard["offset"]
        screen.until(b"got 300000 True")


class TestWatching:
    def test_two_see_the_same_and_one_types(self, student, people) -> None:
        session_id = student.start()
        with closing(student.open(session_id)) as own, closing(people["admin"].open(session_id, "theirs")) as other:
            mine, theirs = Screen(own), Screen(other)
            assert (mine.welcome["drives"], theirs.welcome["drives"]) == (True, False)
            mine.until(b">>> ")
            theirs.until(b">>> ")
            theirs.type(b"hacked\r")
            assert other.hear_of("refused")["reason"] == "read_only"
            mine.type(b"6*7\r")
            mine.until(b"42\r\n")
            theirs.until(b"42\r\n")
            assert b"hacked" not in mine.output
            assert {one["name"] for one in theirs.welcome["watchers"]} == {"student", "admin"}

    def test_the_owner_lets_a_watcher_type(self, student, people) -> None:
        session_id = student.start()
        with closing(student.open(session_id)) as own, closing(people["admin"].open(session_id, "theirs")) as other:
            mine, theirs = Screen(own), Screen(other)
            mine.until(b">>> ")
            own.tell("release")
            while not all(not one["drives"] for one in other.hear_of("watchers")["watchers"]):
                pass
            other.tell("drive")
            while not any(one["drives"] for one in other.hear_of("watchers")["watchers"]):
                pass
            theirs.type(b"6*7\r")
            mine.until(b"42\r\n")

    def test_one_that_does_not_read_slows_nobody(self, student, people) -> None:
        session_id = student.start()
        with closing(student.open(session_id)) as own, closing(people["admin"].open(session_id, "theirs")):
            screen = Screen(own)
            screen.until(b">>> ")
            screen.type(b"for i in range(40000): print('x' * 100)\r\r")
            screen.until(b"x\r\n")
            while screen.end < 2 * MIB:
                screen.read()

    def test_not_by_a_classmate(self, student, people) -> None:
        session_id = student.start()
        with pytest.raises(Refused, match="404"):
            people["classmate"].open(session_id)


class TestRudeness:
    """Each leaves the console as it was, and the web server small."""

    @pytest.fixture
    def session_id(self, student) -> Iterator[str]:
        session_id = student.start()
        with closing(student.open(session_id)) as socket:
            Screen(socket).until(b">>> ")
        yield session_id
        with closing(student.open(session_id, "afterwards")) as socket:
            screen = Screen(socket)
            socket.tell("drive")
            socket.tell("interrupt")
            while not re.search(rb"KeyboardInterrupt.*>>> ", screen.output, re.DOTALL):
                screen.read()
            screen.type(b"'still', 'here'\r")
            screen.until(b"('still', 'here')")

    @pytest.mark.parametrize(
        ("opcode", "data"),
        [
            (TEXT, b"{"),
            (TEXT, b'{"kind": "sudo"}'),
            (TEXT, b'{"kind": "size", "rows": 1e9, "columns": 80}'),
            (2, b"short"),
        ],
    )
    def test_nonsense_is_told_and_ends_the_connection(self, student, session_id, opcode, data) -> None:
        with closing(student.open(session_id)) as socket:
            socket.send(opcode, data)
            assert socket.hear_of("closing")["reason"] == "protocol"
            assert socket.hear() == 4400

    def test_a_huge_frame(self, student, session_id) -> None:
        with closing(student.open(session_id)) as socket:
            with suppress(ConnectionError, EOFError):
                socket.send(2, b"x" * (4 * MIB))
            with suppress(ConnectionError, EOFError):
                while not isinstance(heard := socket.hear(), int):
                    pass
                assert heard in (1009, 4400)

    def test_text_that_is_not_utf8(self, student, session_id) -> None:
        with closing(student.open(session_id)) as socket:
            socket.send(TEXT, b"\xff\xfe")
            with suppress(ConnectionError, EOFError):
                while not isinstance(heard := socket.hear(), int):
                    pass
                assert heard == 1007

    def test_acknowledging_without_reading(self, site, student, session_id) -> None:
        """Whoever guesses what was sent gets more, but not more than the web server is willing to hold."""
        before = web_process(site).memory_info().rss
        with closing(student.open(session_id)) as socket:
            screen = Screen(socket)
            screen.type(b"while True: print('x' * 1000)\r\r")
            screen.until(b"xxx\r\n")
            with suppress(ConnectionError, TimeoutError):
                deadline = time.monotonic() + 4
                while time.monotonic() < deadline:
                    socket.tell("ack", offset=student.ask(f"/consoles/{session_id}")[1]["end_offset"] - 60 * 1024)
            assert web_process(site).memory_info().rss - before < 24 * MIB

    def test_pings_without_reading(self, site, student, session_id) -> None:
        before = web_process(site).memory_info().rss
        thousand_pings = (bytes((0x80 | PING, 0x80 | 125)) + bytes(4) + b"x" * 125) * 1000
        with closing(student.open(session_id)) as socket:
            with suppress(ConnectionError, TimeoutError):
                for _ in range(250):
                    socket.socket.sendall(thousand_pings)
            assert web_process(site).memory_info().rss - before < 12 * MIB


def test_logging_out_ends_the_socket_within_seconds(site, student) -> None:
    session_id = student.start()
    visitor = Person(site, "student")
    with closing(visitor.open(session_id)) as socket:
        socket.hear_of("welcome")
        _, page = site.ask("/tokens/", cookie=f"{visitor.cookie}; {visitor.csrf}")
        field = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', page)
        assert field
        began = time.monotonic()
        site.ask(
            "/logout/",
            method="POST",
            body=urlencode({"csrfmiddlewaretoken": field[1].decode()}).encode(),
            cookie=f"{visitor.cookie}; {visitor.csrf}",
            origin=f"http://localhost:{site.port}",
            **{"content-type": "application/x-www-form-urlencoded"},
        )
        assert socket.hear_of("closing")["reason"] == "logged_out"
        assert socket.hear() == 4401
        assert time.monotonic() - began < 10


class TestWithoutSockets:
    def test_typing_and_seeing(self, site, student) -> None:
        session_id = student.start()
        with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection:
            headers = {"authorization": f"Bearer {student.token}", "host": f"localhost:{site.port}"}
            connection.request("GET", f"/api/consoles/{session_id}/events?client=a&drives=1", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200
            seen = StringIO()
            kinds = []
            posted = False
            while "NDIN" not in seen.getvalue():
                line = answer.readline().decode()
                if not line.startswith("data: "):
                    continue
                event = json.loads(line.removeprefix("data: "))
                kinds.append(event["kind"])
                if event["kind"] == "replayed" and not posted:
                    posted = True
                    # 42 in words that were not typed
                    content = {"kind": "input", "offset": 0, "data": "cHJpbnQoJ05EJyArICdJTicpDQ=="}
                    assert student.ask(f"/consoles/{session_id}/messages?client=a", "POST", **content)[0] == 204
                if event["kind"] == "output":
                    import base64

                    seen.write(base64.b64decode(event["data"]).decode())
            assert kinds[0] == "welcome"
        deadline = time.monotonic() + 20
        while student.ask(f"/consoles/{session_id}")[1]["watchers"]:
            assert time.monotonic() < deadline, "the browser has left, and the console does not know"


class TestTerminado:
    def test_a_shell(self, site, student) -> None:
        status, terminal = student.ask("/terminals", "POST")
        assert status == 200
        with closing(WebSocket(site.port, f"/terminals/websocket/{terminal['name']}?token={student.token}")) as socket:
            assert socket.hear() == ["setup", {}]
            socket.send(TEXT, b'["set_size", 30, 90, 1, 1]')
            socket.send(TEXT, json.dumps(["stdin", "echo $LINES-$COLUMNS; exit\r"]).encode())
            seen = ""
            while (heard := socket.hear()) != ["disconnect", 1]:
                seen += heard[1]
            assert "30-90" in seen
            assert socket.hear() == 1000
        assert student.ask(f"/terminals/{terminal['name']}")[0] == 404

    def test_a_flood_that_is_not_read_makes_the_program_wait(self, site, student) -> None:
        _, terminal = student.ask("/terminals", "POST")
        before = web_process(site).memory_info().rss
        with closing(WebSocket(site.port, f"/terminals/websocket/{terminal['name']}?token={student.token}")) as socket:
            assert socket.hear() == ["setup", {}]
            socket.send(TEXT, b'["stdin", "yes\\r"]')
            rows = {row["name"]: row["id"] for row in student.ask("/consoles")[1]}
            ends = []
            deadline = time.monotonic() + 20
            while len(ends) < 3 or ends[-1] != ends[-3]:
                assert time.monotonic() < deadline, "it goes on"
                time.sleep(0.2)
                ends.append(student.ask(f"/consoles/{rows[terminal['name']]}")[1]["end_offset"])
            assert web_process(site).memory_info().rss - before < 24 * MIB
            socket.send(TEXT, b'["stdin", "\\u0003"]')
            seen = ""
            while "^C" not in seen:
                seen += socket.hear()[1]


def test_a_maximum_is_told(student, settings) -> None:
    for _ in range(settings.IVLE_CONSOLES_PER_OWNER):
        student.start()
    status, answer = student.ask("/consoles", "POST")
    assert status == 409
    assert "End one first" in answer["detail"]
