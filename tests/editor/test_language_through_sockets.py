"""From a WebSocket through the web server and the supervisor to the language server, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress

import psutil
import pytest

from tests.cgirunner.whole_site import Site
from tests.console.wire import TEXT, Refused, WebSocket
from tests.sandbox.jail import until

MIB = 1024 * 1024
SOCKET = "/editor/language/socket?path=a.py"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site") / "data")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    site.write("student", "a.py", "'a'.\n")
    yield site
    site.close()
    assert "Traceback" not in site.said, site.said


@pytest.fixture
def headers(site) -> dict[str, str]:
    return {"cookie": site.log_in("student"), "origin": f"http://localhost:{site.port}"}


def servers(site: Site) -> list[psutil.Process]:
    return [process for process in psutil.Process(site.process.pid).children(recursive=True) if is_ty(process)]


def is_ty(process: psutil.Process) -> bool:
    try:
        return process.name() == "ty"
    except psutil.NoSuchProcess:
        return False


def say(socket: WebSocket, **message) -> None:
    socket.send(TEXT, json.dumps({"jsonrpc": "2.0", **message}).encode())


def begin(socket: WebSocket) -> dict:
    say(socket, id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    return socket.hear()["result"]["capabilities"]


def test_it_answers_and_ends_with_the_page(site, headers) -> None:
    with closing(WebSocket(site.port, SOCKET, **headers)) as socket:
        assert "completionProvider" in begin(socket)
        assert len(servers(site)) == 1
    until(lambda: not servers(site), "ended")


def test_a_page_of_another_site(site, headers) -> None:
    with pytest.raises(Refused) as refusal:
        WebSocket(site.port, SOCKET, **{**headers, "origin": "http://evil.example"})
    assert refusal.value.status == 403


def test_somebody_elses_file(site, headers) -> None:
    with pytest.raises(Refused) as refusal:
        WebSocket(site.port, f"{SOCKET}&owner=classmate", **headers)
    assert refusal.value.status == 404


def test_a_message_beyond_what_the_web_server_takes(site, headers) -> None:
    with closing(WebSocket(site.port, SOCKET, **headers)) as socket:
        begin(socket)
        with suppress(EOFError, OSError):  # cut off in the middle, or told by a close
            socket.send(TEXT, b"x" * (4 * MIB))
            while not isinstance(socket.hear(), int):
                pass
    until(lambda: not servers(site), "ended")


def test_a_flood_that_nobody_waits_for(site, headers) -> None:
    """The page is cut off or told; the site lives."""
    with closing(WebSocket(site.port, SOCKET, **headers)) as socket:
        begin(socket)
        with suppress(OSError):
            for _ in range(2000):
                socket.send(TEXT, b'{"jsonrpc": "2.0", "method": "x", "params": "' + b"y" * 50_000 + b'"}')
    until(lambda: not servers(site), "ended")
    assert site.ask("/healthz")[0] == 200


def test_a_server_that_is_killed(site, headers) -> None:
    with closing(WebSocket(site.port, SOCKET, **headers)) as socket:
        begin(socket)
        for process in servers(site):
            process.kill()
        heard = socket.hear()
        assert (heard["method"], heard["params"]["reason"]) == ("$/ivle/closing", "ended")
        assert socket.hear() == 4410
