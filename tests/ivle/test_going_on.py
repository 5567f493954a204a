"""A site with two web processes that is reloaded and ended while people use it: nobody is refused or cut off."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.console.wire import WebSocket

WAIT_SECONDS = 40
SLOW = "import time\nprint('began', flush=True)\ntime.sleep(1.5)\nprint('ended')\n"


class Asking:
    """A client that asks again and again, on connections that it keeps, until it is left; and what went wrong."""

    def __init__(self, site: Site, cookie: str) -> None:
        self.site, self.cookie = site, cookie
        self.faults: list[str] = []
        self.answers = 0
        self.leaving = threading.Event()
        self.threads = [threading.Thread(target=self.ask, args=(kept,)) for kept in (True, False)]

    def ask(self, keeps_connection: bool) -> None:
        connection = self.site.connect()
        headers = {"host": f"localhost:{self.site.port}", "cookie": self.cookie}
        while not self.leaving.is_set():
            try:
                connection.request("GET", "/files/", headers=headers)
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    self.faults.append(str(response.status))
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(repr(fault))
            self.answers += 1
            if not keeps_connection:
                connection.close()
        connection.close()

    def __enter__(self) -> Asking:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leaving.set()
        for thread in self.threads:
            thread.join(WAIT_SECONDS)


def web_servers(site: Site) -> list[psutil.Process]:
    family = psutil.Process(site.process.pid).children()
    return [process for process in family if "ivle.web" in process.cmdline()]


def reload(site: Site, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "reload", *options]
    pipes = {"capture_output": True, "text": True, "timeout": 90}
    return subprocess.run(command, cwd=CHECKOUT, env=site.environ, check=False, **pipes)


def start(tmp_path_factory, **settings: str) -> Site:
    return Site(tmp_path_factory.mktemp("site") / "data", IVLE_WEB_PROCESSES="2", **settings)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    site = start(tmp_path_factory, IVLE_DRAIN_SECONDS="20")
    yield site
    site.close()


@pytest.fixture(scope="module")
def cookie(site) -> str:
    return site.log_in("student")


def new_console(site: Site, cookie: str, client: str = "page1") -> WebSocket:
    path = f"/console/new/socket?client={client}&drives=1&program=python&name={client}&rows=24&columns=80"
    return WebSocket(site.port, path, "ivle.console.1", cookie=cookie, origin=f"http://localhost:{site.port}")


def hear_until(browser: WebSocket, kind: str) -> dict[str, object]:
    for _ in range(1000):
        message = browser.hear()
        assert not isinstance(message, int), f"closed with {message}"
        if isinstance(message, dict) and message["kind"] == kind:
            return message
    raise AssertionError(kind)


def test_a_reload_refuses_nobody_and_all_are_new(site, cookie) -> None:
    before = {process.pid for process in web_servers(site)}
    assert len(before) == 2
    with Asking(site, cookie) as asking:
        done = reload(site)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The web server 2 is new." in done.stdout
    assert "The marker is new." in done.stdout
    assert asking.faults == []
    assert asking.answers > 20
    after = {process.pid for process in web_servers(site)}
    assert len(after) == 2
    assert not after & before


def test_a_run_that_has_begun_is_finished_by_the_server_it_began_at(site, cookie) -> None:
    site.write("student", "slow.py", SLOW)
    connection = site.connect()
    connection.request("GET", "/serve/student/slow.py", headers={"host": f"localhost:{site.port}", "cookie": cookie})
    response = connection.getresponse()
    assert response.read(6) == b"began\n"
    for process in web_servers(site):
        process.terminate()
    assert response.read() == b"ended\n"
    connection.close()
    assert site.ask("/healthz") == (200, b"alive\n")


def test_a_console_s_page_is_told_to_come_back(site, cookie) -> None:
    browser = new_console(site, cookie)
    events = site.connect()
    with closing(browser.socket), closing(events):
        session = hear_until(browser, "welcome")["session"]
        headers = {"host": f"localhost:{site.port}", "cookie": cookie}
        events.request("GET", f"/api/consoles/{session}/events?client=page2", headers=headers)
        stream = events.getresponse()
        assert reload(site).returncode == 0
        told = [line for line in stream.read().splitlines() if line.startswith(b"data: ")]
        assert json.loads(told[-1].removeprefix(b"data: "))["reason"] == "going_away"
        assert hear_until(browser, "closing")["reason"] == "going_away"
        assert browser.hear() == 4001
    path = f"/console/{session}/socket?client=page1&drives=1"
    again = WebSocket(site.port, path, "ivle.console.1", cookie=cookie, origin=f"http://localhost:{site.port}")
    with closing(again.socket):
        assert hear_until(again, "welcome")["session"] == session


def test_the_supervisor_is_replaced_after_consoles_were_told(tmp_path_factory) -> None:
    site = start(tmp_path_factory, IVLE_FAREWELL_SECONDS="1")
    try:
        cookie = site.log_in("student")
        browser = new_console(site, cookie)
        hear_until(browser, "replayed")
        began = time.monotonic()
        done = reload(site, "--everything")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The sandbox supervisor is new." in done.stdout
        told = hear_until(browser, "ending")
        assert told["seconds"] == 1
        assert "Your console ends in 1 second." in str(told["sentence"])
        assert hear_until(browser, "closing")["reason"] in ("gone", "going_away")
        assert time.monotonic() - began >= 1
        assert site.ask("/serve/student/hello.py", cookie=cookie)[0] == 200
        browser.socket.close()
    finally:
        site.close()


def test_the_end_is_told_and_waited_for(tmp_path_factory) -> None:
    site = start(tmp_path_factory, IVLE_FAREWELL_SECONDS="1.5")
    try:
        browser = new_console(site, site.log_in("student"))
        hear_until(browser, "replayed")
        began = time.monotonic()
        site.process.send_signal(signal.SIGTERM)
        assert hear_until(browser, "ending")["seconds"] == 1.5
        assert hear_until(browser, "closing")["reason"] == "going_away"
        assert time.monotonic() - began > 1
        browser.socket.close()
        assert site.process.wait(WAIT_SECONDS) == 0
        site.listening.join(WAIT_SECONDS)
        assert "1 console is open. Their people were told" in site.said
    finally:
        if site.process.poll() is None:
            site.process.kill()
            site.process.wait()
        site.process.stdout.close()
