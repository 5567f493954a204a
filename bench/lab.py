"""A lab hour: a class logs in, reads, edits, runs, types in consoles, serves and hands in, against the whole site.

Everybody does one thing after the other with a pause to think between two, as long for all on average; all of it comes
from a seed, so an hour is the same each time. Everybody logs in at the beginning, as classes do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench import lab_site, targets
from bench.browser import Browser, Wrong
from bench.findings import Figure, Section
from bench.lab_site import PASSWORD, Processors
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import percentile
from bench.table import number

COURSE = "python"
PAGES = ("01-first-steps", "02-lists-and-loops", "03-files", "04-web-page")
EXERCISE = "countdown"
SOLUTION = 'def countdown(start):\n    for number in range(start, 0, -1):\n        print(number)\n    print("Go!")\n'
PROGRAM = "total = 0\nfor number in range(20_000):\n    total += number\nprint('sum', total)\n"
CGI = "print('Content-Type: text/html\\n\\n<p>snails</p>')\n"
ARRIVING_SECONDS = 60.0  # at most; or a third of the time there is
MARKED_MAX_SECONDS = 60.0
LINES = (b"x = 6 * 7\r", b"print('is', x)\r")
WRONG_SHOWN = 5


@dataclass
class Diary:
    """What came of everything that everybody did."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    async def note(self, action: str, doing: Awaitable[object]) -> bool:
        """True where it went well."""
        begun = time.perf_counter()
        try:
            await doing
        except (Wrong, OSError) as error:
            self.errors[f"{action}: {error}"] += 1
            return False
        self.seconds[action].append(time.perf_counter() - begun)
        return True


class Student:
    """One of the class, from arriving to the end of the hour."""

    def __init__(self, port: int, login: str, diary: Diary, think_seconds: float) -> None:
        self.login = login
        self.browser = Browser(port)
        self.diary = diary
        self.chance = random.Random(login)
        self.think_seconds = think_seconds
        self.saved = 0

    async def attend(self, arrives: float, ends: float) -> None:
        """Both by time.monotonic."""
        await asyncio.sleep(max(0.0, arrives - time.monotonic()))
        try:
            if not await self.diary.note("log in", self.browser.log_in(self.login, PASSWORD)):
                return
            await self.diary.note("save", self.edit())
            while await self.think(ends):
                [name] = self.chance.choices(list(ACTS), [weight for _, weight in ACTS.values()])
                await self.diary.note(name, ACTS[name][0](self))
        finally:
            self.browser.close()

    async def think(self, ends: float) -> bool:
        """False when the hour is over."""
        pause = min(self.chance.expovariate(1 / self.think_seconds), 5 * self.think_seconds)
        await asyncio.sleep(min(pause, max(0.0, ends - time.monotonic())))
        return time.monotonic() < ends

    async def read(self) -> None:
        page = self.chance.choice(PAGES)
        await self.wanted("GET", f"/courses/{COURSE}/{page}/")

    async def look(self) -> None:
        await self.wanted("GET", "/api/files/list?path=")

    async def edit(self) -> None:
        self.saved += 1
        for name, text in (("lab.py", PROGRAM), ("page.py", CGI)) if self.saved == 1 else (("lab.py", PROGRAM),):
            body = f"{text}# {self.saved}\n".encode()
            await self.wanted("PUT", f"/api/files/content?path={quote(name)}", body, "text/plain")

    async def lint(self) -> None:
        wish = {"path": "lab.py", "text": f"{PROGRAM}# {self.saved}\n"}
        await self.wanted("POST", "/api/editor/lint", json.dumps(wish).encode())

    async def run(self) -> None:
        """Until the program's end is seen."""
        console = await self.browser.console(program="python", path="lab.py", policy="unique")
        try:
            output = await console.until_ended()
            if b"sum 199990000" not in output:
                raise Wrong(f"the program printed {output[-80:]!r}")
        finally:
            console.close()

    async def use_console(self) -> None:
        """Two lines at a prompt, without the pauses between."""
        console = await self.browser.console(program="python", policy="unique")
        try:
            await console.until(b">>> ")
            for line in LINES:
                console.type(line)
                await console.until(b">>> ")
        finally:
            console.close()

    async def serve(self) -> None:
        answer = await self.browser.ask("GET", f"/serve/{self.login}/page.py?report")
        if answer.status != 200 or b"snails" not in answer.body:
            raise Wrong(f"status {answer.status}")

    async def check(self) -> None:
        await self.wanted("POST", f"/api/exercises/{COURSE}/{EXERCISE}/check", self.work())

    async def submit(self) -> None:
        """Until the result is known. Never the same text again, which would be refused."""
        self.saved += 1
        attempt = (await self.wanted("POST", f"/api/exercises/{COURSE}/{EXERCISE}/submit", self.work())).json
        deadline = time.monotonic() + MARKED_MAX_SECONDS
        while not attempt["report"]:
            if time.monotonic() > deadline:
                raise Wrong(f"not marked in {MARKED_MAX_SECONDS:g} s")
            address = f"/api/exercises/{COURSE}/{EXERCISE}/attempts/{attempt['number']}?wait=10"
            asked = time.monotonic()
            attempt = (await self.wanted("GET", address)).json
            await asyncio.sleep(0 if attempt["report"] or time.monotonic() - asked > 1 else 0.25)
        if attempt["points"] != attempt["of_points"]:
            raise Wrong(f"{attempt['points']} of {attempt['of_points']} points")

    def work(self) -> bytes:
        return json.dumps({"files": {"main.py": f"{SOLUTION}# {self.login} {self.saved}\n"}}).encode()

    async def wanted(self, *question: Any) -> Any:
        return await self.browser.wanted(*question)


Act = Callable[[Student], Awaitable[None]]
# How often each is done, of a hundred times.
ACTS: dict[str, tuple[Act, int]] = {
    "open a tutorial": (Student.read, 12),
    "list files": (Student.look, 8),
    "save": (Student.edit, 25),
    "problems": (Student.lint, 15),
    "run, to its end": (Student.run, 20),
    "console, two lines": (Student.use_console, 5),
    "serve": (Student.serve, 8),
    "check": (Student.check, 5),
    "submit, to the result": (Student.submit, 2),
}
WITH_MARKING = ("check", "submit, to the result")


def measure(settings: Settings) -> Section:
    columns = ("", "p50 ms", "p95 ms", "p99 ms", "most ms", "times")
    section = Section("lab", f"A lab hour of {settings.students} students", columns)
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            folder.chmod(0o755)
            room = {"IVLE_CONSOLES_MAX": str(2 * settings.students + 50)}
            site = stack.enter_context(lab_site.serving(folder / "site", settings.runtime, settings.students, **room))
            with Processors(site) as processors:
                diary = asyncio.run(hour(site.port, settings))
            tell(section, diary, processors, settings)
    except (NotStarted, OSError, subprocess.SubprocessError) as error:
        section.complete = False
        section.notes.append(f"ours: {error}")
    return section


async def hour(port: int, settings: Settings) -> Diary:
    diary = Diary()
    begins = time.monotonic()
    ends = begins + settings.lab_seconds
    arriving = min(ARRIVING_SECONDS, settings.lab_seconds / 3)
    students = [
        Student(port, f"lab{count}", diary, settings.lab_think_seconds).attend(
            begins + arriving * count / settings.students, ends
        )
        for count in range(settings.students)
    ]
    await asyncio.gather(*students)
    return diary


def tell(section: Section, diary: Diary, processors: Processors, settings: Settings) -> None:
    everything: list[float] = []
    for name, seconds in diary.seconds.items():
        everything += seconds
        section.rows.append((name, *in_milliseconds(seconds)))
        p95 = percentile(sorted(seconds), 0.95)
        target = None if name in WITH_MARKING else targets.LAB_MS
        section.figures.append(Figure(f"{name}: p95", 1000 * p95, "ms", target))
    errors = sum(diary.errors.values())
    if everything:
        section.rows.append(("everything", *in_milliseconds(everything)))
        section.figures.append(
            Figure("everything: p95", 1000 * percentile(sorted(everything), 0.95), "ms", targets.LAB_MS)
        )
    section.figures.append(Figure("errors", errors, "", targets.NOTHING_MORE))
    rate = len(everything) / processors.elapsed_seconds
    section.notes.append(
        f"{len(everything) + errors} actions, {errors} errors, {rate:.1f} a second; "
        f"{settings.lab_think_seconds:g} s to think between two"
    )
    section.notes.append(f"saturated: {processors.saturated()}")
    shares = ", ".join(f"{name} {share:.2f}" for name, share in processors.shares() if share >= 0.005)
    section.notes.append(f"processors used by: {shares}")
    section.notes += [f"{count} x {text}" for text, count in diary.errors.most_common(WRONG_SHOWN)]


def in_milliseconds(seconds: list[float]) -> tuple[str, ...]:
    ordered = sorted(seconds)
    shown = [percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)]
    return (*(number(1000 * value) for value in shown), str(len(ordered)))
