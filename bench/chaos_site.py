"""The site that chaos.py is let loose on: its processes by name, its people by token, what may never happen to it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench import ours
from bench.browser import Browser, Wrong
from bench.lab_site import children, name_of
from bench.ours import Site
from bench.server import NotStarted
from bench.settings import Settings
from sandbox import wire

OWNERS = ("student", "classmate", "lecturer")
BACK_MAX_SECONDS = 30.0
LOOK_SECONDS = 0.02
SMALL_RESERVE_MB = "8"
HELLO = b"ello"  # of what the demo class's program prints


class Damaged(Exception):
    """Something that was saved is not there any more, or not whole."""


@dataclass
class Scene:
    site: Site
    folder: Path
    tokens: tuple[str, ...]
    turns: Iterator[int] = field(default_factory=itertools.count)

    @property
    def data(self) -> Path:
        return self.folder / "site" / "data"

    def browser(self) -> tuple[str, Browser]:
        """The next person's program, and who that is."""
        turn = next(self.turns) % len(OWNERS)
        return OWNERS[turn], Browser(self.site.port, self.tokens[turn])

    def pid(self, name: str) -> int:
        """Of "web", "supervisor", "zygote". Raises Wrong while there is none."""
        if name == "zygote":
            found = self.status().get("zygote_pid")
        else:
            alive = children(psutil.Process(self.site.process.pid))
            found = next((process.pid for process in alive if name_of(process) == name), None)
        if not found:
            raise Wrong(f"there is no {name}")
        return int(found)

    def status(self) -> dict[str, Any]:
        """Raises Wrong."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.data / "run" / "sandbox.sock"))
                wire.send(connection, {"kind": "status"})
                answer, _ = wire.receive(connection)
            except (OSError, wire.WireError) as error:
                raise Wrong(f"the supervisor does not answer: {error}") from error
        return answer or {}

    def deaths(self) -> int:
        """Of all that `up` keeps alive, as it tells them."""
        return (self.folder / "site" / "output").read_text(errors="replace").count(" ended (")

    def check_database(self) -> None:
        """Raises Damaged."""
        with contextlib.closing(sqlite3.connect(self.data / "db.sqlite3", timeout=30)) as database:
            [[found]] = database.execute("PRAGMA integrity_check").fetchall()
        if found != "ok":
            raise Damaged(f"the database: {found}")


@contextlib.contextmanager
def staged(folder: Path, settings: Settings, small: str) -> Iterator[Scene]:
    """Raises NotStarted, and subprocess's errors."""
    with contextlib.ExitStack() as stack:
        limits: dict[str, str] = {}
        if small:
            stack.enter_context(mounted(folder, small))
            limits = {"IVLE_DISK_RESERVE_MB": SMALL_RESERVE_MB}
        site = stack.enter_context(ours.started(folder / "site", settings.runtime, **limits))
        tokens = tuple(ours.manage(site, "token", owner).split()[-1] for owner in OWNERS)
        scene = Scene(site, folder, tokens)
        asyncio.run(until_run(scene))
        yield scene


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A disk of memory, so small. Raises NotStarted without root."""
    if os.geteuid() != 0:
        raise NotStarted("only root can mount a small disk, so this was left out")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=755,{options}", "bench", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def run_hello(browser: Browser, owner: str) -> None:
    """Raises Wrong and OSError."""
    answer = await browser.wanted("GET", f"/serve/{owner}/hello.py")
    if HELLO not in answer.body or b"[ivle]" in answer.body:
        raise Wrong("hello.py did not say hello")


async def until_run(scene: Scene) -> float:
    owner, browser = scene.browser()
    async with closing(browser):
        return await until(lambda: run_hello(browser, owner))


async def until(attempt: Callable[[], Awaitable[object]]) -> float:
    """Seconds until it works. Raises what it raised last when that takes too long."""
    begun = time.perf_counter()
    while True:
        try:
            await attempt()
        except (Wrong, OSError):
            if time.perf_counter() - begun > BACK_MAX_SECONDS:
                raise
            await asyncio.sleep(LOOK_SECONDS)
        else:
            return time.perf_counter() - begun


@contextlib.asynccontextmanager
async def closing(browser: Browser) -> AsyncIterator[None]:
    try:
        yield
    finally:
        browser.close()
