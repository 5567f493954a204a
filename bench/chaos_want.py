"""What there is no more of: room, inodes, descriptors, the database, patience. Each for a while, then it is back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from bench import targets
from bench.browser import Answer, Browser, Wrong, words_of
from bench.chaos_site import Damaged, Scene, closing, run_hello, until, until_run
from bench.findings import Figure, Section
from bench.settings import Settings
from bench.table import number

PASSWORD = "ivle"  # of the demo class
LOCKED_SECONDS = 12.0  # longer than anybody waits for the database
CROWD_MAX_SECONDS = 120.0
SPARE_DESCRIPTORS = 100
IDLE_CONNECTIONS = 90
GOOD = 400  # and above are refusals
KEPT = b"kept before the want\n"


class Told:
    """What people were answered, each by what they did."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.mute = 0

    async def note(self, what: str, doing: Awaitable[Answer]) -> Answer | None:
        try:
            answer = await doing
        except (Wrong, OSError) as error:
            self.lines.append(f"{what}: {error}")
            self.mute += 1
            return None
        words = words_of(answer.body)
        if answer.status >= GOOD and (not words or "made a mistake" in words):
            self.mute += 1
        self.lines.append(f"{what}: {answer.status}" + (f" {words}" if answer.status >= GOOD else ""))
        return answer


async def crowd(section: Section, scene: Scene, settings: Settings) -> None:
    """So many runs asked for in the same moment."""
    count = settings.at_once
    allow_descriptors(count + 200)
    pids = {name: scene.pid(name) for name in ("web", "supervisor", "zygote")}
    seen: Counter[str] = Counter()
    begun = time.perf_counter()
    async with asyncio.timeout(CROWD_MAX_SECONDS):
        await asyncio.gather(*(asked(scene, seen) for _ in range(count)))
    answered = time.perf_counter() - begun
    back = await until_run(scene)
    mute = sum(times for what, times in seen.items() if what not in ("200", "503 in words"))
    restarted = [name for name, pid in pids.items() if scene.pid(name) != pid]
    tell(section, f"{count} runs at once", back, f"{dict(seen)} in {number(answered)} s", mute)
    section.figures.append(Figure("restarted for being busy", len(restarted), "", targets.NOTHING_MORE))


async def asked(scene: Scene, seen: Counter[str]) -> None:
    owner, browser = scene.browser()
    async with closing(browser):
        try:
            answer = await browser.ask("GET", f"/serve/{owner}/hello.py")
        except (Wrong, OSError) as error:
            seen[type(error).__name__] += 1
            return
        in_words = " in words" if answer.status >= GOOD and words_of(answer.body) else ""
        seen[f"{answer.status}{in_words}"] += 1


async def database_locked(section: Section, scene: Scene, settings: Settings) -> None:
    """Somebody else writes to it, for longer than anybody waits."""
    told = Told()
    owner, browser = scene.browser()
    with contextlib.closing(sqlite3.connect(scene.data / "db.sqlite3", timeout=30)) as database:
        database.isolation_level = None
        database.execute("BEGIN IMMEDIATE")
        begun = time.perf_counter()
        async with closing(browser):
            await told.note("run", browser.ask("GET", f"/serve/{owner}/hello.py"))
            await told.note("save", browser.ask("PUT", "/api/files/content?path=locked.txt", KEPT, "text/plain"))
            visitor = Browser(scene.site.port)
            async with closing(visitor):
                await told.note("log in", logging_in(visitor))
            await asyncio.sleep(max(0.0, LOCKED_SECONDS - (time.perf_counter() - begun)))
        database.execute("ROLLBACK")
    back = await until(lambda: all_works(scene))
    tell(section, f"database locked for {LOCKED_SECONDS:g} s", back, "; ".join(told.lines), told.mute)


async def out_of_descriptors(section: Section, scene: Scene, settings: Settings) -> None:
    """First the web process, then the supervisor, has hardly any left while many want one. Raises Wrong where a turn is
    not given back."""
    for name in ("web", "supervisor"):
        pid = scene.pid(name)
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        most = psutil.Process(pid).num_fds() + SPARE_DESCRIPTORS
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, before[1]))
        seen: Counter[str] = Counter()
        try:
            await asyncio.gather(*(asked(scene, seen) for _ in range(IDLE_CONNECTIONS)))
            back = await until_run(scene)
        finally:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        died = "" if scene.pid(name) == pid else "; it died"
        mute = sum(times for what, times in seen.items() if what != "200" and "in words" not in what) + bool(died)
        tell(section, f"out of descriptors: {name}", back, f"{dict(seen)}{died}", mute)
    await until(lambda: nothing_runs(scene))


async def disk_full(section: Section, scene: Scene, settings: Settings) -> None:
    """Not a byte left, below the reserve that programs and uploads leave alone."""
    await starved(section, scene, "disk full", fill_bytes)


async def inodes_full(section: Section, scene: Scene, settings: Settings) -> None:
    await starved(section, scene, "inodes full", fill_inodes)


async def starved(section: Section, scene: Scene, name: str, fill: Callable[[Path], None]) -> None:
    """Raises Damaged."""
    told = Told()
    owner, browser = scene.browser()
    kept = scene.data / "homes" / owner / "kept.txt"
    ballast = scene.folder / "ballast"
    ballast.mkdir()
    async with closing(browser):
        await browser.wanted("PUT", "/api/files/content?path=kept.txt", KEPT, "text/plain")
        await browser.wanted("PUT", "/api/files/content?path=unwanted.txt", KEPT, "text/plain")
        await asyncio.to_thread(fill, ballast)
        await told.note("run", browser.ask("GET", f"/serve/{owner}/hello.py"))
        body = KEPT * 10_000
        await told.note("save", browser.ask("PUT", "/api/files/content?path=kept.txt", body, "text/plain"))
        wish = json.dumps({"program": "python"}).encode()
        await told.note("console", browser.ask("POST", "/api/consoles", wish))
        visitor = Browser(scene.site.port)
        async with closing(visitor):
            await told.note("log in", logging_in(visitor))
        wish = json.dumps({"paths": ["unwanted.txt"]}).encode()
        await told.note("delete", browser.ask("POST", "/api/files/delete", wish))
    if kept.read_bytes() not in (KEPT, body):
        raise Damaged("what was saved before is not whole")
    for file in ballast.iterdir():
        file.unlink()
    ballast.rmdir()
    back = await until(lambda: all_works(scene))
    scene.check_database()
    tell(section, name, back, "; ".join(told.lines), told.mute)


async def logging_in(visitor: Browser) -> Answer:
    """The answer, also where it is a refusal."""
    page = await visitor.ask("GET", "/login/")
    if page.status >= GOOD:
        return page
    return await visitor.try_log_in(page, "student", PASSWORD)


async def all_works(scene: Scene) -> None:
    """Raises Wrong and OSError."""
    owner, browser = scene.browser()
    async with closing(browser):
        await browser.wanted("PUT", "/api/files/content?path=after.txt", KEPT, "text/plain")
        await run_hello(browser, owner)
    visitor = Browser(scene.site.port)
    async with closing(visitor):
        await visitor.log_in("student", PASSWORD)


async def nothing_runs(scene: Scene) -> None:
    """Raises Wrong."""
    status = scene.status()
    if status.get("running") != 0 or status.get("waiting") != 0:
        raise Wrong(f"{status.get('running')} programs still run and {status.get('waiting')} wait")


def fill_bytes(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "bytes").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    with contextlib.suppress(OSError), (folder / "rest").open("wb", buffering=0) as file:
        while True:
            file.write(b"x")


def fill_inodes(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for count in range(1_000_000):
            os.mknod(folder / str(count))


def allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(count, hard)), hard))


def tell(section: Section, name: str, back: float, seen: str, mute: int) -> None:
    section.rows.append((name, number(back), seen))
    section.figures.append(Figure(f"{name}: back after", back, "s", targets.BACK_SECONDS))
    section.figures.append(Figure(f"{name}: not told in words", mute, "", targets.NOTHING_MORE))
