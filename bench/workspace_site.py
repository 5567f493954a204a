"""The workspace's API as a page uses it: one connection that stays, a session, its CSRF token. For workspace.py."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

from bench import ours
from bench.load import LOOPBACK
from bench.ours import Site
from bench.server import NotStarted

ANSWER_MAX_SECONDS = 30.0
MANY, FILES = "many", 2000
PROGRAM, HELLO = "hello.py", b'print("hello")\n'
LINTED = "".join(f"def f{number}(a, b):\n    c = a + {number}\n    return b\n\n\n" for number in range(40))


class Wrong(Exception):
    """The site's answer is not the one that is measured; the message says what it was."""


class Client:
    """Somebody's program with a token, on one connection."""

    def __init__(self, port: int, token: str) -> None:
        self.headers = {"Host": f"localhost:{port}", "Authorization": f"Bearer {token}"}
        self.connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_MAX_SECONDS)

    def seconds(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[float, bytes]:
        """How long the whole answer took, and its body. Raises Wrong."""
        begun = time.perf_counter()
        try:
            self.connection.request(method, path, body or None, {**self.headers, "Content-Type": kind})
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Wrong(f"{method} {path}: {error!r}") from error
        taken = time.perf_counter() - begun
        if response.status not in (200, 201):
            raise Wrong(f"{method} {path}: status {response.status}: {answer[:200].decode(errors='replace')}")
        return taken, answer


@contextlib.contextmanager
def serving(folder: Path, runtime: Path | None) -> Iterator[tuple[Site, Client]]:
    """The site, its student with hello.py and a folder of 2,000 files. Raises NotStarted."""
    with ours.started(folder, runtime) as site:
        client = Client(site.port, ours.manage(site, "token", ours.STUDENT).split()[-1])
        try:
            client.seconds("POST", "/api/files/folder", json.dumps({"path": MANY}).encode())
            client.seconds("PUT", f"/api/files/content?path={PROGRAM}", HELLO, "text/plain")
        except Wrong as error:
            raise NotStarted(str(error)) from error
        fill(folder / "data" / "homes" / ours.STUDENT / MANY)
        try:
            yield site, client
        finally:
            client.connection.close()


def fill(folder: Path) -> None:
    for number in range(FILES):
        (folder / f"file {number:04}.py").write_text(f"print({number})\n")


def lists(client: Client, count: int) -> list[float]:
    """All 2,000 files at once, as the page asks for them."""
    times = []
    for _ in range(count):
        taken, answer = client.seconds("GET", f"/api/files/list?path={MANY}")
        if len(json.loads(answer)["entries"]) != FILES:
            raise Wrong(f"the list has not all of {FILES} files")
        times.append(taken)
    return times


def saves(client: Client, count: int) -> list[float]:
    """A program of a few lines, changed each time."""
    return [
        client.seconds("PUT", "/api/files/content?path=saved.py", HELLO + b"# %d\n" % number, "text/plain")[0]
        for number in range(count)
    ]


def lints(client: Client, count: int) -> list[float]:
    """A program of 200 lines with forty warnings, changed each time."""
    times = []
    for number in range(count):
        wish = {"path": "linted.py", "text": f"{LINTED}# {number}\n"}
        taken, answer = client.seconds("POST", "/api/editor/lint", json.dumps(wish).encode())
        if not json.loads(answer)["problems"]:
            raise Wrong("the program has warnings, and none was reported")
        times.append(taken)
    return times
