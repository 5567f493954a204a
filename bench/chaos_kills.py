"""kill -9 of web, zygote and supervisor, each several times, under clients that save and run without a pause.

Between two kills so long that whoever sees to them begins again with the shortest pause: what is measured is one death,
not a series of them, after which the pauses double.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import time

import psutil

from bench import targets
from bench.browser import Browser, Wrong
from bench.chaos_site import Damaged, Scene, closing, run_hello, until
from bench.findings import Figure, Section
from bench.settings import Settings
from bench.table import number

CLIENTS = 50
KINDS = ("web", "zygote", "supervisor")
BETWEEN_SECONDS = 11.0  # who lived so long is begun anew after the shortest pause
SURVIVORS_MAX_SECONDS = 2.0
FAILED_PAUSE_SECONDS = 0.5  # as our own pages do, who was refused asks again a little later
LINES = 400


class Writer:
    """Saves a file again and again, each time with another text, and runs a program in between."""

    def __init__(self, scene: Scene, count: int) -> None:
        self.owner, self.browser = scene.browser()
        self.name = f"chaos{count}.txt"
        self.file = scene.data / "homes" / self.owner / self.name
        self.begun = self.saved = 0
        self.done = self.failed = 0

    async def write_on(self, over: asyncio.Event) -> None:
        async with closing(self.browser):
            while not over.is_set():
                self.begun += 1
                path = f"/api/files/content?path={self.name}"
                try:
                    await self.browser.wanted("PUT", path, text_of(self.begun), "text/plain")
                    self.saved = self.begun
                    await run_hello(self.browser, self.owner)
                    self.done += 1
                except (Wrong, OSError):
                    self.failed += 1
                    await asyncio.sleep(FAILED_PAUSE_SECONDS)

    def check(self) -> None:
        """Raises Damaged: the file is whole, and no older than what was acknowledged."""
        if not self.saved:
            return
        content = self.file.read_bytes()
        found = int(content.split(b"\n", 1)[0])
        if content != text_of(found):
            raise Damaged(f"{self.name} is not whole")
        if not self.saved <= found <= self.begun:
            raise Damaged(f"{self.name} has version {found}, and {self.saved} was acknowledged")


def text_of(count: int) -> bytes:
    line = hashlib.sha256(str(count).encode()).hexdigest()
    return f"{count}\n".encode() + f"{line}\n".encode() * LINES


async def measure(section: Section, scene: Scene, settings: Settings) -> None:
    """Raises Damaged."""
    over = asyncio.Event()
    writers = [Writer(scene, count) for count in range(CLIENTS)]
    tasks = [asyncio.ensure_future(writer.write_on(over)) for writer in writers]
    deaths = scene.deaths()
    survivors = 0
    try:
        for kind in KINDS:
            back: list[float] = []
            for _ in range(settings.kills):
                await asyncio.sleep(BETWEEN_SECONDS if settings.kills > 1 else 1.0)
                seconds, survived = await kill(scene, kind)
                back.append(seconds)
                survivors += survived
            for writer in writers:
                await asyncio.to_thread(writer.check)
            tell(section, kind, back)
    finally:
        over.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.check()
    scene.check_database()
    restarts = scene.deaths() - deaths
    section.figures.append(Figure("jails that survived their supervisor", survivors, "", targets.NOTHING_MORE))
    wanted = 2 * settings.kills  # the supervisor sees to zygotes
    section.figures.append(
        Figure("restarts that no kill was the reason of", restarts - wanted, "", targets.NOTHING_MORE)
    )
    done, failed = (sum(getattr(writer, name) for writer in writers) for name in ("done", "failed"))
    section.figures.append(Figure("files damaged or older than acknowledged", 0, "", targets.NOTHING_MORE))
    section.notes.append(
        f"kills: {CLIENTS} clients saved and ran {done} times meanwhile, {failed} times in vain; every file was whole"
    )


async def kill(scene: Scene, kind: str) -> tuple[float, int]:
    """Seconds until it works again, and how many jails outlived their supervisor."""
    pid = scene.pid(kind)
    below: list[psutil.Process] = []
    if kind == "supervisor":
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(pid).children(recursive=True)
    owner, browser = scene.browser()
    os.kill(pid, signal.SIGKILL)
    killed = time.perf_counter()
    async with closing(browser):
        await until(lambda: works(browser, owner, kind))
    seconds = time.perf_counter() - killed
    await asyncio.to_thread(psutil.wait_procs, below, max(0.0, SURVIVORS_MAX_SECONDS - seconds))
    return seconds, sum(is_alive(process) for process in below)


async def works(browser: Browser, owner: str, kind: str) -> None:
    """Raises Wrong and OSError."""
    if kind == "web":
        await browser.wanted("GET", "/api/files/list?path=")  # /healthz asks no database
    else:
        await run_hello(browser, owner)


def is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def tell(section: Section, kind: str, back: list[float]) -> None:
    shown = ", ".join(number(seconds) for seconds in back)
    section.rows.append((f"kill -9 of the {kind}", number(max(back)), f"each: {shown}"))
    section.figures.append(Figure(f"back after kill -9 of the {kind}, at worst", max(back), "s", targets.BACK_SECONDS))
