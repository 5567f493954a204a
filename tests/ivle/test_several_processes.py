"""Two web processes of one site: what one knows the other keeps to, and nobody has to come back to the same one."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.cgirunner.whole_site import Site
from tests.sandbox.jail import until

TRIES = 60
ROUNDS = 12


class Browser:
    """A logged-in person's connection to one of the web processes, kept."""

    def __init__(self, site: Site, cookie: str, connection: http.client.HTTPConnection) -> None:
        self.site, self.cookie, self.connection = site, cookie, connection
        self.token = ""

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        response = self.begin(path, method, body, **headers)
        return response.status, response.read()

    def begin(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        origin = f"http://localhost:{self.site.port}"
        cookie = f"{self.cookie}; ivle-csrf={'c' * 32}"
        fixed = {"host": f"localhost:{self.site.port}", "cookie": cookie, "origin": origin, "x-csrftoken": "c" * 32}
        self.connection.request(method, path, body, fixed | headers)
        return self.connection.getresponse()

    def post(self, path: str, /, **content: Any) -> tuple[int, Any]:
        status, answer = self.ask(path, "POST", json.dumps(content).encode(), **{"content-type": "application/json"})
        return status, json.loads(answer) if answer else None


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    site = Site(
        tmp_path_factory.mktemp("site") / "data", IVLE_WEB_PROCESSES="2", IVLE_QUOTA_MB="20", IVLE_DISK_RESERVE_MB="0"
    )
    yield site
    site.close()


@pytest.fixture(scope="module")
def cookie(site) -> str:
    return site.log_in("student")


@pytest.fixture
def both(site, cookie) -> Iterator[list[Browser]]:
    browsers = at_each(site, cookie)
    yield browsers
    for browser in browsers:
        browser.connection.close()


def at_each(site: Site, cookie: str) -> list[Browser]:
    """A browser at each of the processes."""
    family = psutil.Process(site.process.pid).children()
    pids = [process.pid for process in family if "ivle.web" in process.cmdline()]
    assert len(pids) == 2
    found: dict[int, Browser] = {}
    for _ in range(TRIES):
        connection = site.connect()
        browser = Browser(site, cookie, connection)
        assert browser.ask("/healthz")[0] == 200
        port = connection.sock.getsockname()[1]
        [pid] = [
            pid
            for pid in pids
            if any(one.raddr and one.raddr.port == port for one in psutil.Process(pid).net_connections("tcp"))
        ]
        if pid in found:
            connection.close()
        found.setdefault(pid, browser)
        if len(found) == 2:
            break
    assert len(found) == 2, "one of the processes takes no connections"
    return list(found.values())


def at_once(*doing: Callable[[], Any]) -> list[Any]:
    results: list[Any] = [None] * len(doing)

    def do(number: int) -> None:
        results[number] = doing[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(doing))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_both_take_a_part_of_many_connections(site, both) -> None:
    until(lambda: min(parts_of_a_crowd(site)) >= 4, "both take part")  # one may have been busy elsewhere at first


def parts_of_a_crowd(site: Site) -> list[int]:
    """Of 40 connections at once, how many each process has."""
    connections = [site.connect() for _ in range(40)]
    for connection in connections:
        connection.request("GET", "/healthz", headers={"host": f"localhost:{site.port}"})
    for connection in connections:
        assert connection.getresponse().read() == b"alive\n"
    ports = {connection.sock.getsockname()[1] for connection in connections}
    family = psutil.Process(site.process.pid).children()
    counts = [
        sum(1 for one in process.net_connections("tcp") if one.raddr and one.raddr.port in ports)
        for process in family
        if "ivle.web" in process.cmdline()
    ]
    for connection in connections:
        connection.close()
    assert sum(counts) == 40
    return counts


def test_a_console_is_opened_once_for_all(both) -> None:
    def opening(browser: Browser) -> Callable[[], tuple[int, Any]]:
        return lambda: browser.post("/api/consoles", program="python", policy="single")

    for _ in range(ROUNDS):
        answers = at_once(*(opening(browser) for browser in both))
        assert {status for status, _ in answers} <= {200, 201}
        ids = {answer["id"] for _, answer in answers}
        for session in ids:
            assert both[0].ask(f"/api/consoles/{session}", "DELETE")[0] == 204
        assert len(ids) == 1


def test_events_from_one_and_messages_to_the_other(site, cookie, both) -> None:
    status, console = both[0].post("/api/consoles", program="python", policy="named", name="events")
    assert status in (200, 201)
    path = f"/api/consoles/{console['id']}"
    for here, there in (both, both[::-1]):
        following = Browser(site, cookie, here.connection)
        stream = following.begin(f"{path}/events?client=page&drives=1")
        assert stream.status == 200
        welcome = next_event(stream)
        assert welcome["kind"] == "welcome"
        typed = welcome["typed"]
        data = base64.b64encode(b"print(6 * 7)\n").decode()
        assert there.post(f"{path}/messages?client=page", kind="input", offset=typed, data=data)[0] == 204
        printed = b""
        while b"42" not in printed:
            event = next_event(stream)
            if event["kind"] == "output":
                printed += base64.b64decode(event["data"])
        status, answer = there.post(f"{path}/messages?client=page", kind="sudo")
        assert (status, "none of them" in answer["detail"]) == (400, True)
        stream.close()
        here.connection.close()
        until_no_stream(there, path)


def next_event(stream: http.client.HTTPResponse) -> dict[str, Any]:
    while True:
        line = stream.readline()
        assert line, "the stream has ended"
        if line.startswith(b"data: "):
            return json.loads(line.removeprefix(b"data: "))


def until_no_stream(browser: Browser, path: str) -> None:
    def is_over() -> bool:
        return browser.post(f"{path}/messages?client=page", kind="release")[0] == 409

    until(is_over, "the stream is over")


def test_an_upload_in_pieces_goes_to_either(both) -> None:
    content = b"a line of a file\n" * 100_000
    wish = {"folder": "", "name": "pieces.txt", "size_bytes": len(content)}
    status, upload = both[0].post("/api/files/uploads", **wish)
    assert status == 201, upload
    half = len(content) // 2
    for number, (begin, end) in enumerate(((0, half), (half, len(content)))):
        status, answer = both[1 - number].ask(
            f"/api/files/uploads/{upload['id']}?offset={begin}",
            "PATCH",
            content[begin:end],
            **{"content-type": "application/octet-stream"},
        )
        assert status == 200, answer
    assert both[0].ask("/api/files/content?path=pieces.txt")[1] == content


def test_many_at_once_do_not_take_more_than_there_is(site, both) -> None:
    def saving(browser: Browser, number: int) -> Callable[[], int]:
        body = bytes([number]) * (6 * 1024 * 1024)
        return lambda: browser.ask(f"/api/files/content?path=big{number}", "PUT", body)[0]

    first = at_once(*(saving(browser, number) for number, browser in enumerate(both)))
    second = at_once(*(saving(browser, number) for number, browser in enumerate(both, 2)))
    third = at_once(*(saving(browser, number) for number, browser in enumerate(both, 4)))
    assert sum(1 for status in first + second + third if status < 300) == 3
    home = site.data / "homes" / "student"
    assert sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) <= 20 * 1024 * 1024


def test_a_logout_at_one_holds_at_the_other(site) -> None:
    cookie = site.log_in("classmate")
    here, there = at_each(site, cookie)
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert [browser.ask("/serve/classmate/hello.py")[0] for browser in (here, there)] == [200, 200]
    assert there.ask("/logout/", "POST", b"csrfmiddlewaretoken=" + b"c" * 32, **form)[0] == 302
    assert [browser.ask("/serve/classmate/hello.py")[0] for browser in (here, there)] == [302, 302]  # to the login
    for browser in (here, there):
        browser.connection.close()
