"""Keeps the children of `up` running and ends them in order. One thread; it waits in one place, in `wait`.

Asked to, it replaces them by new ones, which run the code of now (renewal.py).
"""

from __future__ import annotations

import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import groupby
from typing import IO, Final

from ivle import restarts
from ivle.child import Child, Life
from ivle.renewal import Renewal

BOOT_SECONDS: Final = 60.0  # not ready by then counts as having died
STOP_SECONDS: Final = 8.0  # after SIGTERM, before SIGKILL
ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Steward:
    """`when_ready` is called once, when every child serves or never will."""

    def __init__(
        self,
        children: Sequence[Child],
        when_ready: Callable[[], None],
        stop_seconds: float = STOP_SECONDS,
        before_end: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.children = children
        self.when_ready = when_ready
        self.stop_seconds = stop_seconds
        self.before_end = before_end  # how long to wait, in seconds, before anything that people notice ends
        self.renewal: Renewal | None = None
        self.announced = False
        self.ending = False
        self.exit_status = 0
        self.selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Returns the exit status for `up` once every child is gone."""
        wakeup, waker = socket.socketpair()
        for end in (wakeup, waker):
            end.setblocking(False)
        self.selector.register(wakeup, selectors.EVENT_READ, lambda: wakeup.recv(4096))
        self.selector.register(terminal_hangup(), selectors.EVENT_READ, self.on_hangup)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only a caught signal is written to the wakeup socket
        for number in ENDING_SIGNALS:
            signal.signal(number, self.on_ending_signal)
        try:
            while not self.ending:
                self.start_those_due()
                self.wait()
            if self.exit_status == 0:
                self.wait_before_end()
        finally:
            self.end_all()
        return self.exit_status

    def on_ending_signal(self, number: int, frame: object) -> None:
        self.ending = True

    def on_hangup(self) -> None:
        self.ending = True

    def renew(
        self,
        children: Sequence[Child],
        told: Callable[[str], None],
        over: Callable[[bool], None],
        before_gap: Callable[[], float],
    ) -> bool:
        """Replaces them, one after the other. False where that is being done already, or everything ends."""
        if self.renewal is not None or self.ending:
            return False

        def end(well: bool) -> None:
            self.renewal = None
            over(well)

        self.renewal = Renewal(self, children, told, end, before_gap)
        return True

    def wait_before_end(self) -> None:
        """All goes on meanwhile. Whoever asks again is not kept waiting."""
        latest = time.monotonic() + self.before_end()
        self.ending = False
        while not self.ending and time.monotonic() < latest:
            self.start_those_due()
            self.wait(latest)

    def start_those_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.due is not None and child.due <= now:
                self.begin(child)

    def begin(self, child: Child) -> Life:
        life = child.start()
        self.selector.register(life.stdout, selectors.EVENT_READ, partial(self.read, child, life))
        return life

    def wait(self, latest: float | None = None) -> None:
        """Until something happens: a line from a child, a death, a signal, or the time for the next step."""
        for key, _ in self.selector.select(self.seconds_until_next(latest)):
            key.data()
        if self.renewal is not None:
            self.renewal.go_on()
        for child in self.children:
            life = child.life
            if life is None:
                continue
            if life.ready_since is None and time.monotonic() >= life.started + BOOT_SECONDS:
                life.process.kill()
                life.process.wait()
            if life.process.poll() is not None:
                self.on_death(child, life)

    def seconds_until_next(self, latest: float | None = None) -> float | None:
        times = [child.due for child in self.children if child.due is not None]
        times += [step for step in (latest, self.renewal.latest if self.renewal else None) if step is not None]
        lives = [child.life for child in self.children if child.life is not None]
        times += [life.started + BOOT_SECONDS for life in lives if life.ready_since is None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def read(self, child: Child, life: Life) -> None:
        lines = life.lines()
        if lines is None:
            self.selector.unregister(life.stdout)
            life.stdout.close()
            return
        for line in lines:
            if line == "ready" and life.ready_since is None:
                life.ready_since = time.monotonic()
                child.ever_ready = True
                self.announce_once()
            else:
                say(line, sys.stdout)

    def announce_once(self) -> None:
        if not self.announced and all(child.settled() for child in self.children):
            self.announced = True
            self.when_ready()

    def hear_out(self, child: Child, life: Life) -> None:
        """It is dead."""
        if not life.stdout.closed:
            self.read(child, life)
        if not life.stdout.closed:  # a process that it left behind holds the other end
            self.selector.unregister(life.stdout)
            life.stdout.close()

    def on_death(self, child: Child, life: Life) -> None:
        self.hear_out(child, life)
        child.life = None
        if self.renewal is not None and self.renewal.is_to_end(child, life):
            return
        child.deaths = restarts.deaths_in_a_row(child.deaths, life.ready_seconds())
        ended = f"The {child.name} ended ({restarts.describe(life.process.returncode)})"
        match restarts.verdict(life.process.returncode, child.ever_ready, child.deaths):
            case restarts.Verdict.LEAVE:
                child.left = True
                say(f"{ended}: this machine cannot do its work, see above. The rest of ivle runs without it.")
                self.announce_once()
            case restarts.Verdict.GIVE_UP:
                say(f"{ended} {child.deaths} times before it was ready, so ivle stops. What it said stands above.")
                self.ending, self.exit_status = True, 1
            case restarts.Verdict.RESTART:
                pause = restarts.pause_seconds(child.deaths)
                child.due = time.monotonic() + pause
                if child.ever_ready:
                    say(f"{ended}. It starts again in {pause:g} s.")

    def end_all(self) -> None:
        """Last started, first ended, so that nobody is asked for what is gone already."""
        for number in ENDING_SIGNALS:  # whoever asks again is not kept waiting
            signal.signal(number, lambda *_: self.kill_all())
        if self.renewal is not None:
            self.renewal.abandon()
        for _, alike in groupby(reversed(self.children), lambda child: child.command):
            together = [child for child in alike if child.life is not None]
            for child in together:
                child.end()
            latest = time.monotonic() + max((self.patience_with(child) for child in together), default=0.0)
            for child in together:
                self.wait_for_end(child, max(latest - time.monotonic(), 0.0))

    def wait_for_end(self, child: Child, seconds: float) -> None:
        if child.life is None:
            return
        process = child.life.process
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            say(f"The {child.name} does not end by itself and is killed.")
            process.kill()
            process.wait()

    def patience_with(self, child: Child) -> float:
        return self.stop_seconds if child.stop_seconds is None else child.stop_seconds

    def kill_all(self) -> None:
        for child in self.children:
            if child.life is not None:
                child.life.process.kill()
        if self.renewal is not None:
            self.renewal.abandon()


def terminal_hangup() -> select.epoll:
    """Readable once the terminal on stdin is gone. The kernel sends SIGHUP to the session's leader alone, which may be
    a `make` that waits for us. Asking for no event still reports a hangup, and reads nothing that is typed."""
    watch = select.epoll()
    if os.isatty(0):
        watch.register(0, 0)
    return watch


def say(text: str, stream: IO[str] | None = None) -> None:
    """To the people at the terminal, which may be gone already."""
    with suppress(OSError):
        print(text, file=stream or sys.stderr, flush=True)
