"""`manage.py up`, whole: it starts, prints the address, answers, and ends without leaving anything running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

START_SECONDS = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Site:
    def __init__(self, checkout: Path, data: Path, port: int, **variables: str) -> None:
        self.port, self.data = port, data
        environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=checkout,
            env={**environ, "PORT": str(port), "IVLE_DATA": str(data), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def wait_until_ready(self) -> None:
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                self.lines.append(line)
                if "ivle is ready" in line:
                    return
        finally:
            watchdog.cancel()
        raise AssertionError("".join(self.lines))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def programs(self) -> dict[psutil.Process, list[str]]:
        """Its own, and how they were called. Jails come and go below them."""
        return {process: process.cmdline() for process in psutil.Process(self.process.pid).children()}

    def browser(self) -> urllib.request.OpenerDirector:
        return urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def get(
        self,
        path: str,
        browser: urllib.request.OpenerDirector | None = None,
        form: bytes | None = None,
        host: str = "localhost",
    ) -> tuple[int, str]:
        headers = {"Host": f"{host}:{self.port}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", form, headers)
        try:
            with (browser or self.browser()).open(request, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.status, refusal.read().decode()

    def finish(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, "".join(self.lines) + output


@pytest.fixture
def up(checkout, tmp_path) -> Iterator[Callable[..., Site]]:
    started = []

    def start(data: Path = tmp_path / "data", port: int | None = None, **variables: str) -> Site:
        started.append(Site(checkout, data, port or free_port(), **variables))
        return started[-1]

    yield start
    for site in started:
        if site.process.poll() is None:
            site.process.kill()
            site.process.wait()
        site.process.stdout.close()


@pytest.fixture(scope="module")
def running(checkout, tmp_path_factory) -> Iterator[Site]:
    """One for all tests that leave it as it was."""
    site = Site(
        checkout, tmp_path_factory.mktemp("site") / "data", free_port(), IVLE_SECRET_KEY="s" * 50, IVLE_DEMO="yes"
    )
    try:
        site.wait_until_ready()
        yield site
        site.process.send_signal(signal.SIGINT)
        site.finish()
    finally:
        if site.process.poll() is None:
            site.process.kill()
            site.process.wait()
        site.process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_it_starts_answers_and_leaves_nothing_running(up, number: int) -> None:
    site = up()
    site.wait_until_ready()
    assert site.lines[-1] == f"ivle is ready: http://localhost:{site.port}\n"
    assert "Write Python, run it, hand it in" in site.get("/")[1]
    assert site.get("/healthz") == (200, "alive\n")
    family = site.family()
    assert len(family) >= 1
    site.process.send_signal(number)
    status, _ = site.finish()
    assert status == (0 if number == signal.SIGINT else -signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_a_student_logs_in_and_sees_what_a_program_prints(running) -> None:
    site = running
    if any("The rest of ivle runs without it" in line for line in site.lines):
        pytest.skip(f"this machine cannot isolate: {''.join(site.lines)}")
    assert site.get("/readyz") == (200, "ready\n")
    browser = site.browser()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', site.get("/login/", browser)[1])
    form = {"username": "student", "password": "ivle", "csrfmiddlewaretoken": token[1]}
    assert "Hello, Sam Student" in site.get("/login/", browser, urlencode(form).encode())[1]
    status, text = site.get("/serve/student/hello.py", browser)
    assert (status, text.startswith("Hello! This is Python 3.")) == (200, True)
    assert site.get("/~student/public/hello.py", host="pages.localhost")[1].startswith("Hello! This is Python 3.")
    assert "<h1>My page</h1>" in site.get("/~student/public/", host="pages.localhost")[1]
    assert site.get("/~student/hello.py", host="pages.localhost")[0] == 404
    assert site.get("/login/", browser, host="pages.localhost")[0] == 404


def test_a_web_server_that_dies_is_back_before_anybody_is_refused(running) -> None:
    [web] = [process for process, called in running.programs().items() if "ivle.web" in called]
    web.kill()
    assert running.get("/healthz") == (200, "alive\n")


def test_one_warden_works(running) -> None:
    assert [called[-1] for called in running.programs().values()].count("warden") == 1


def test_the_supervisor_gets_no_secrets(running) -> None:
    supervisors = [process for process, called in running.programs().items() if "sandbox" in called]
    assert supervisors
    assert all(set(process.environ()) <= {"PATH", "LANG", "LC_CTYPE"} for process in supervisors)


def test_a_port_that_is_taken_is_said(up) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output = up(port=port).finish()
    assert status == 1
    assert f"Port {port} cannot be had (Address already in use)" in output
    assert f"PORT={port + 1}" in output


def test_a_second_one_on_the_same_data_is_refused(up, running) -> None:
    status, output = up(data=running.data).finish()
    assert status == 1
    assert "is running on" in output


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"IVLE_PUBLIC_URL": "https://ivle.example.edu"}, "IVLE_SECRET_KEY is not set"),
        ({"IVLE_BIND": "0.0.0.0"}, "IVLE_BIND is '0.0.0.0'"),
    ],
)
def test_bad_settings_are_one_sentence(up, variables: dict[str, str], words: str) -> None:
    status, output = up(**variables).finish()
    assert status != 0
    assert words in output
    assert "Traceback" not in output


def test_a_command_without_a_database_says_what_is_missing(checkout, tmp_path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
    command = [sys.executable, "manage.py", "token", "student"]
    environ["IVLE_DATA"] = str(tmp_path / "nothing")
    said = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, timeout=60)
    assert said.returncode == 1
    assert said.stderr.startswith("There is no database in ")
    assert said.stderr.count("\n") == 1


def test_a_real_site_does_not_start_on_the_demo_s_data(up, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "this-is-the-demo").touch()
    status, output = up(IVLE_SECRET_KEY="s" * 50, IVLE_PUBLIC_URL="https://ivle.example.edu").finish()
    assert status != 0
    assert "whose password everybody knows" in output
    assert "Traceback" not in output
