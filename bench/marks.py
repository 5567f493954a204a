"""A class that hands in at once: when the first of them knows the result, and when the last does. The whole site.

Everybody has a submission of ten small tests, and asks for its result as the page does.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import ours, targets
from bench.findings import Figure, Section
from bench.load import LOOPBACK
from bench.ours import ROOT, Site
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import spread
from bench.table import number

NAME = "double"
MAX_SECONDS = 120.0
SOON_SECONDS, LATER_SECONDS, LONG_SECONDS = 0.25, 1.0, 3.0  # as frontend/exercise/watching.js has them
SOON_FOR, EACH_BEFORE_SECONDS, HELD_SECONDS, HELD_BEFORE = 8, 0.1, 10, 8
TEXT = "# Double\n\n## Solution\n\n```python\nprint(2 * int(input()))\n```\n" + "".join(
    f"\n## Test: program {one}\n\n```input\n{one}\n```\n```output\n{2 * one}\n```\n" for one in range(10)
)
WORK = "print(2 * int(input()))\n"
MAKE = f"""
import sys
import django; django.setup()
from accounts.models import Person
from accounts.tokens import make_token
from courses import editions
from courses.models import Course, Membership
course = Course.objects.get()
lecturer = Person.objects.get(username="lecturer")
editions.add(course, {{"exercises/{NAME}.md": sys.stdin.buffer.read()}}, lecturer)
for number in range(COUNT):
    person = Person.objects.create(username=f"crowd{{number}}")
    Membership.objects.create(course=course, person=person)
    print(course.slug, make_token(person, "bench"))
"""


class Wrong(Exception):
    """The site's answer is not the one that is measured; the message says what it was."""


def measure(settings: Settings) -> Section:
    section = Section("marks", "A class that hands in at once", ("", "s"))
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            folder.chmod(0o755)
            site = stack.enter_context(ours.started(folder / "site", settings.runtime))
            whole_class(section, site, settings.hand_ins)
    except (NotStarted, Wrong, OSError, subprocess.SubprocessError) as error:
        section.complete = False
        section.notes.append(f"ours: {error}")
    return section


def whole_class(section: Section, site: Site, count: int) -> None:
    made = inside(site, MAKE.replace("COUNT", str(count)), TEXT).splitlines()
    people = [tuple(line.split(maxsplit=1)) for line in made]
    begun = time.perf_counter()
    with ThreadPoolExecutor(count) as crowd:
        start = threading.Barrier(count)
        known = sorted(crowd.map(lambda person: hand_in(site.port, person[0], person[1], begun, start), people))
    seen = spread(known)
    figures = (
        ("the first result", known[0], targets.FIRST_RESULT_SECONDS),
        ("half of them", seen.p50, None),
        (f"all {count}", known[-1], targets.CLASS_SECONDS),
    )
    for name, seconds, target in figures:
        section.rows.append((name, number(seconds)))
        section.figures.append(Figure(f"{name}, after handing in", seconds, "s", target))


def inside(site: Site, code: str, text: str) -> str:
    environ = {**site.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=ROOT, env=environ, input=text, stdout=subprocess.PIPE, text=True, check=True, timeout=MAX_SECONDS
    ).stdout


def hand_in(port: int, course: str, token: str, begun: float, start: threading.Barrier) -> float:
    """After how many seconds this one knows the result. Raises Wrong."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=MAX_SECONDS)
    address = f"/api/exercises/{course}/{NAME}"
    start.wait(MAX_SECONDS)
    attempt = ask(connection, token, "POST", f"{address}/submit", {"files": {"main.py": WORK}})
    was_held = True  # the first time it is asked for at once
    for count in range(1000):
        if attempt["report"]:
            connection.close()
            if attempt["points"] != attempt["of_points"]:
                raise Wrong(f"{attempt['points']} of {attempt['of_points']} points")
            return time.perf_counter() - begun
        usual = SOON_SECONDS if count < SOON_FOR else LATER_SECONDS
        if not was_held:
            time.sleep(max(usual, min(LONG_SECONDS, EACH_BEFORE_SECONDS * attempt["before_it"])))
        asked = time.perf_counter()
        attempt = ask(connection, token, "GET", f"{address}/attempts/1?wait={HELD_SECONDS}")
        was_held = attempt["before_it"] < HELD_BEFORE and time.perf_counter() - asked > SOON_SECONDS
    raise Wrong("not marked at all")


def ask(connection: http.client.HTTPConnection, token: str, method: str, path: str, content: object = None) -> Any:
    headers = {"Host": f"localhost:{connection.port}", "Authorization": f"Bearer {token}"}
    body = json.dumps(content) if content is not None else None
    connection.request(method, path, body, {**headers, "Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status not in (200, 201):
        raise Wrong(f"{method} {path}: status {response.status}: {answer[:200].decode(errors='replace')}")
    return json.loads(answer)
