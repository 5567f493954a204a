"""A class for lab.py: the whole site with its sample course, and so many students who know their password."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench import ours
from bench.ours import ROOT, Site

PASSWORD = "lab-hour-0"
MAKE_MAX_SECONDS = 120.0
SAMPLE_SECONDS = 0.5
JAILS, BENCH = "jails, zygotes and the kernel", "the students' browsers"
MAKE = """
import django; django.setup()
from django.conf import settings
from django.contrib.auth.hashers import make_password
from accounts.models import Person
from courses.models import Course, Membership
from files.homes import make_home
password = make_password("PASSWORD")
course = Course.objects.get()
for number in range(COUNT):
    login = f"lab{number}"
    person = Person.objects.create(username=login, name=f"Lab {number}", password=password)
    Membership.objects.create(course=course, person=person)
    make_home(settings.IVLE_HOMES, login, settings.IVLE_JAIL_UID, {"hello.py": b"print('hello')\\n"})
"""


@contextlib.contextmanager
def serving(folder: Path, runtime: Path | None, count: int, **settings: str) -> Iterator[Site]:
    """Raises NotStarted and subprocess's errors."""
    with ours.started(folder, runtime, **settings) as site:
        environ = {**site.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"}
        code = MAKE.replace("PASSWORD", PASSWORD).replace("COUNT", str(count))
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, check=True, timeout=MAKE_MAX_SECONDS)
        yield site


class Processors:
    """Samples who has the machine's processors, while it is entered: CPU seconds by part of ivle."""

    def __init__(self, site: Site) -> None:
        self.site = psutil.Process(site.process.pid)
        self.seconds: dict[str, float] = defaultdict(float)
        self.known: dict[int, tuple[str, float]] = {}
        self.machine_seconds = 0.0
        self.elapsed_seconds = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.sample_on, daemon=True)

    def __enter__(self) -> Processors:
        self.begun, self.busy = time.monotonic(), busy_seconds()
        self.sample()
        self.seconds.clear()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
        self.sample()
        self.elapsed_seconds = time.monotonic() - self.begun
        self.machine_seconds = busy_seconds() - self.busy
        known = sum(self.seconds.values())
        # A jail lives for less than a sample, so what nobody else had was theirs, on a machine that does nothing else.
        self.seconds[JAILS] += max(0.0, self.machine_seconds - known)

    def sample_on(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            self.sample()

    def sample(self) -> None:
        ours_now = [(process, name_of(process)) for process in children(self.site)]
        for process, name in [*ours_now, (self.site, "up"), (psutil.Process(), BENCH)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                now = times.user + times.system
                self.seconds[name] += now - self.known.get(process.pid, (name, now))[1]
                self.known[process.pid] = name, now

    def shares(self) -> list[tuple[str, float]]:
        """Processors' worth of each part, the greediest first."""
        found = sorted(self.seconds.items(), key=lambda share: -share[1])
        return [(name, seconds / self.elapsed_seconds) for name, seconds in found if seconds > 0]

    def saturated(self) -> str:
        """What there was no more of, if anything; in words."""
        count = os.cpu_count() or 1
        used = self.machine_seconds / self.elapsed_seconds
        whole = f"{used:.2f} of {count} processors were busy"
        first = next(((name, share) for name, share in self.shares() if name not in (JAILS, BENCH)), ("nothing", 0.0))
        if first[1] > 0.85:
            return f"{first[0]} first: it has one thread, and used {first[1]:.0%} of a processor; {whole}"
        if used > 0.9 * count:
            return f"the machine: {whole}, most of it by {self.shares()[0][0]}"
        return f"nothing: {whole}"


def children(process: psutil.Process) -> list[psutil.Process]:
    """Those of `up`: each is one part of ivle. What those start counts as jails."""
    with contextlib.suppress(psutil.Error):
        return process.children()
    return []


def name_of(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        words = process.cmdline()[1:4]
        for word, name in (("ivle.web", "web"), ("sandbox", "supervisor"), ("marker", "marker"), ("warden", "warden")):
            if word in words:
                return name
    return "others"


def busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0))
