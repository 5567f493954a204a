"""Through sockets, with real jails: the log, the figures, and an alarm that reaches somebody."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox import machine
from tests.cgirunner.whole_site import Site

PATIENCE_SECONDS = 60.0


def until(look: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never {what}")


def log_of(site: Site) -> list[dict[str, Any]]:
    return [json.loads(line) for line in site.said.splitlines() if line.startswith("{")]


def lines_of(site: Site, **wanted: Any) -> list[dict[str, Any]]:
    return [line for line in log_of(site) if all(line.get(name) == value for name, value in wanted.items())]


def status_of(site: Site) -> dict[str, Any]:
    return asyncio.run(machine.status(site.data / "run" / "sandbox.sock"))


def test_it_is_ready(site: Site) -> None:
    until(lambda: site.ask("/readyz") == (200, b"ready\n"), "ready")


def test_a_run_can_be_followed_from_the_browser_to_its_end(site: Site, cookie_of: Callable[[str], str]) -> None:
    """By the id that the answer has: the request, its person, its job, and how that ended."""
    site.write("student", "hello.py", "print('love letter')\n")
    assert site.ask("/serve/student/hello.py", cookie=cookie_of("student")) == (200, b"love letter\n")
    request = site.reply.headers["X-Request-ID"]
    [line] = until(lambda: lines_of(site, request=request, logger="ivle.requests"), "logged")
    assert (line["room"], line["status"], type(line["person"])) == ("serve", 200, int)
    [job] = line["jobs"]
    [end] = until(lambda: lines_of(site, job=job, program="supervisor"), "ended")
    assert (end["entry"], end["ended"], end["owner"]) == ("run", "finished", "student")


def test_what_people_write_is_not_in_the_log_and_breaks_no_line(site: Site, cookie_of: Callable[[str], str]) -> None:
    name = "love\nletter\x1b[2J.py"
    site.write("student", name, "raise SystemExit('love letter')\n")
    for path in (
        "/serve/student/love%0Aletter%1B[2J.py?love=letter",
        "/serve/student/no-love%0d%0a.py",
        "/files/?path=love-letter",
        "/api/files/?path=love%0Aletter",
        "/love%0A%7B%22level%22:%22CRITICAL%22%7D",
        "/courses/love-letter/",
    ):
        site.ask(path, cookie=cookie_of("student"), **{"x-request-id": "love-letter-love-letter"})
        site.ask(path, authorization="Bearer ivle_loveletterloveletterloveletterlove")
    request = site.reply.headers["X-Request-ID"]
    until(lambda: lines_of(site, request=request), "logged")
    assert "love" not in site.said.replace("love letter\n", "").lower()
    others = [line for line in site.said.splitlines() if not line.startswith("{")]
    assert all(line.startswith(("ivle is ready", "Log in as")) for line in others), others
    assert not lines_of(site, level="CRITICAL")


def test_figures(site: Site) -> None:
    status, body = site.ask("/metrics")
    assert status == 200
    assert b'ivle_runs_total{entry="run",outcome="finished"}' in body
    assert site.ask("/metrics", host="pages.localhost")[0] == 404


def test_an_interpreter_that_keeps_dying_is_told(site: Site, letters: Path) -> None:
    until(lambda: status_of(site)["counts"]["outcomes"]["test"].get("finished"), "looked at by the warden")
    for _ in range(3):
        pid = until(lambda: status_of(site)["consoles"]["python"]["zygote_pid"], "an interpreter")
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: status_of(site)["consoles"]["python"]["zygote_pid"] not in (None, pid), "a new one")
    until(lambda: letters.exists() and letters.read_text().endswith("\n"), "told")
    [letter] = [json.loads(line) for line in letters.read_text().splitlines()]
    assert (letter["sign"], letter["state"], letter["site"]) == ("crashing", "trouble", f"http://localhost:{site.port}")
    assert "died 3 times" in letter["sentence"]
    assert b'ivle_alarms{sign="crashing"} 1.0' in site.ask("/metrics")[1]
