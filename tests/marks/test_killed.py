"""Markers that are killed in the middle, and two at the same time: real processes on a database of their own."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.storage import servers

WAIT_SECONDS = 40

MAKE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import Person
from courses.addresses import Visit
from courses.models import Course, Edition, Membership, Role, Term
from marks import catalogue, submitting
from tests.marks.conftest import exercise
catalogue.read = lambda edition, name: exercise(name)
term = Term.objects.create(name="Spring", starts="2026-09-01", ends="2026-12-31")
course = Course.objects.create(slug="intro", title="Introduction", term=term)
Edition.objects.create(course=course, number=1, is_shown=True)
for number in range({count}):
    person = Person.objects.create(username=f"student{{number}}")
    Membership.objects.create(course=course, person=person)
    submitting.submit(Visit(person, course, Role.STUDENT), "hello", {{"hello.py": f"of {{number}}"}})
"""
LOOK = """
import django; django.setup()
from marks.models import Attempt, MarkChange
print(Attempt.objects.filter(state="marked").count(), MarkChange.objects.count())
"""


class Site:
    """A database with submissions in it, and markers that can be killed."""

    def __init__(self, checkout: Path, data: Path) -> None:
        self.checkout = checkout
        self.log = data / "log"
        self.log.touch()
        self.environ = {
            **os.environ,
            "IVLE_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "ivle.settings",
            **servers.of_ones_own(f"killed_{secrets.token_hex(4)}"),
        }
        self.markers: list[subprocess.Popen[str]] = []

    def python(self, code: str) -> str:
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def marker(self, seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.marks.pretending", str(seconds), str(self.log)]
        marker = subprocess.Popen(command, cwd=self.checkout, env=self.environ, stdout=subprocess.PIPE, text=True)
        self.markers.append(marker)
        assert marker.stdout.readline() == "ready\n"
        return marker

    def lines(self, kind: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if f" {kind} " in line]

    def wait_for(self, count: int, kind: str) -> None:
        """Until so many have begun or been written down, by looking at what the markers write."""
        pause = threading.Event()
        for _ in range(WAIT_SECONDS * 20):
            if len(self.lines(kind)) >= count:
                return
            pause.wait(0.05)
        raise AssertionError(self.log.read_text())

    def marked(self) -> tuple[int, int]:
        attempts, changes = self.python(LOOK).split()
        return int(attempts), int(changes)

    def end(self) -> None:
        for marker in self.markers:
            if marker.poll() is None:
                marker.kill()
            marker.wait()
            marker.stdout.close()


@pytest.fixture
def site_of(checkout, tmp_path) -> Iterator[Callable[[int], Site]]:
    site = Site(checkout, tmp_path)

    def make(count: int) -> Site:
        site.python(MAKE.format(count=count))
        return site

    yield make
    site.end()


def test_killed_in_the_middle_nothing_is_lost_and_nothing_counts_twice(site_of) -> None:
    site = site_of(4)
    first = site.marker(0.4)
    site.wait_for(2, "began")
    first.kill()
    first.wait()
    begun = len(site.lines("began"))
    site.marker(0.05)
    site.wait_for(4, "wrote")
    site.markers[-1].send_signal(signal.SIGTERM)
    assert site.markers[-1].wait(WAIT_SECONDS) == 0
    assert len(site.lines("began")) > max(begun, 4), "what was under way was begun anew"
    assert site.marked() == (4, 4)


def test_ended_in_order_the_next_one_goes_on_at_once(site_of) -> None:
    site = site_of(2)
    first = site.marker(30)
    site.wait_for(2, "began")
    first.terminate()
    assert first.wait(WAIT_SECONDS) == 0
    site.marker(0)
    site.wait_for(2, "wrote")
    site.markers[-1].terminate()
    site.markers[-1].wait(WAIT_SECONDS)
    assert site.marked() == (2, 2)


def test_two_share_the_work(site_of) -> None:
    site = site_of(20)
    with site.log.with_name("log.gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        markers = [site.marker(0), site.marker(0)]
        site.wait_for(4, "began")  # two each, which wait at the gate
    site.wait_for(20, "wrote")
    for marker in markers:
        marker.terminate()
        marker.wait(WAIT_SECONDS)
    assert site.marked() == (20, 20)
    texts = Counter(line.split(" wrote ")[1] for line in site.lines("wrote"))
    assert set(texts.values()) == {1}
    assert len({line.split()[0] for line in site.lines("wrote")}) == 2


SUBMIT = """
import django; django.setup()
from accounts.models import Person
from courses.addresses import Visit
from courses.models import Course, Role
from marks import catalogue, submitting
from tests.marks.conftest import exercise
catalogue.read = lambda edition, name: exercise(name)
course, person = Course.objects.get(), Person.objects.get(username="student0")
input()
try:
    submitting.submit(Visit(person, course, Role.STUDENT), "more", {"hello.py": "print(1)"})
    print("taken")
except submitting.NotTaken:
    print("refused")
"""


def test_of_many_at_the_same_moment_one_is_taken(site_of) -> None:
    site = site_of(1)
    command = [sys.executable, "-c", SUBMIT]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    crowd = [subprocess.Popen(command, cwd=site.checkout, env=site.environ, **pipes) for _ in range(4)]
    for one in crowd:
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=WAIT_SECONDS)[0].strip() for one in crowd]
    assert sorted(said) == ["refused", "refused", "refused", "taken"]
