"""Keeps one run inside its limits and says how it ended. One Keeper per run, made by supervisor.py."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import os
import signal
from collections.abc import Callable, Iterable, Sequence

from sandbox.cell import Cell
from sandbox.limits import Limits
from sandbox.meter import seconds_until_reading
from sandbox.outcome import Ended, Outcome

LOOKS_FOR_LIFE = 10  # in an idle limit
NOTICEABLE_SHARE = 0.02  # of a processor, between two of them
Report = Callable[[Outcome | None], None]


class Keeper:
    """`report` is called once: with the outcome, or with None when the jail was lost by our own fault."""

    def __init__(self, cell: Cell, report: Report) -> None:
        self.cell = cell
        self.report = report
        self.loop = asyncio.get_running_loop()
        self.why: Ended | None = None
        self.waited_seconds = 0.0
        self.is_over = False
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.started = self.last_life = self.last_look = self.loop.time()
        self.cpu_seconds_then = 0.0  # when life was last looked for
        cell.stop = self.stop
        cell.watchers.append(self.on_change)

    def start(self, owner: str, descriptors: Sequence[int]) -> None:
        """Raises OSError when the jail is gone."""
        self.started = self.loop.time()
        self.cell.give(owner, descriptors)
        self.timers["wall"] = self.loop.call_later(self.cell.limits.wall_seconds, self.stop, Ended.WALL)
        self.watch_cpu()

    def start_session(self, owner: str, payload: int) -> None:
        """A console: its wall clock counts only while nobody types and it uses no CPU. Raises OSError."""
        self.started = self.last_life = self.last_look = self.loop.time()
        self.cell.give(owner, [payload])
        self.watch_life()
        self.watch_cpu()

    def note_life(self) -> None:
        """Somebody has typed."""
        self.last_life = self.loop.time()

    def watch_life(self) -> None:
        cpu_seconds, now, idle_seconds = self.cpu_seconds(), self.loop.time(), self.cell.limits.wall_seconds
        if cpu_seconds - self.cpu_seconds_then > NOTICEABLE_SHARE * (now - self.last_look):
            self.note_life()
        self.cpu_seconds_then, self.last_look = cpu_seconds, now
        left = self.last_life + idle_seconds - now
        if left <= 0:
            self.stop(Ended.WALL)
            return
        pause = min(left, idle_seconds / LOOKS_FOR_LIFE)
        self.timers["wall"] = self.loop.call_later(pause, self.watch_life)

    def watch_cpu(self) -> None:
        remaining = self.cell.limits.cpu_seconds - self.cpu_seconds()
        if remaining <= 0:
            self.stop(Ended.CPU)
            return
        pause = self.cell.meter.longest_pause_seconds if self.cell.meter else 0.0
        self.timers["cpu"] = self.loop.call_later(seconds_until_reading(remaining, pause), self.watch_cpu)

    def cpu_seconds(self) -> float:
        return self.cell.meter.cpu_seconds() if self.cell.meter else 0.0

    def stop(self, why: Ended) -> None:
        """The first reason counts."""
        if why is Ended.WALL and self.why is None:
            self.waited_seconds = waited_seconds(self.cell.pids())
        self.why = self.why or why
        self.cell.kill()

    def on_change(self, cell: Cell) -> None:
        """The program has ended, or the jail is dead, whichever comes first."""
        if self.is_over:
            return
        self.is_over = True
        for timer in self.timers.values():
            timer.cancel()
        group, cpu_seconds = cell.group, self.cpu_seconds()
        memory_kills = group.memory_kills() if group else 0
        ended = how_it_ended(self.why, cell.main_status, memory_kills, cpu_seconds, cell.limits)
        if ended is None:
            self.report(None)
            return
        outcome = Outcome(
            ended=ended,
            exit_status=exit_status(cell.main_status),
            signal=ending_signal(cell.main_status),
            cpu_seconds=round(cpu_seconds, 6),
            wall_seconds=round(self.loop.time() - self.started, 6),
            memory_bytes=group.peak_memory_bytes() if group else None,
            waited_seconds=round(self.waited_seconds, 6),
        )
        self.report(outcome)


def waited_seconds(pids: Iterable[int]) -> float:
    """Of the thread that did so longest, in the queue of a processor (Documentation/scheduler/sched-stats.rst). Threads
    that wait for each other in there wait no longer than the CPU limit; so what is much more was not their doing."""
    longest = 0
    for pid in pids:
        for place in glob.iglob(f"/proc/{pid}/task/*/schedstat"):
            with contextlib.suppress(OSError, ValueError, IndexError), open(place, "rb") as file:
                longest = max(longest, int(file.read().split()[1]))
    return longest * 1e-9


def how_it_ended(
    why: Ended | None, main_status: int | None, memory_kills: int, cpu_seconds: float, limits: Limits
) -> Ended | None:
    """`main_status` as wait(2) gives it, None when the jail was killed with the program; None when nobody knows why."""
    if why is not None:
        return why
    by_signal = ending_signal(main_status)
    if memory_kills and (main_status is None or by_signal == signal.SIGKILL):
        return Ended.MEMORY
    if main_status is None:
        return None
    if by_signal is None:
        return Ended.FINISHED
    if by_signal == signal.SIGXCPU or (by_signal == signal.SIGKILL and cpu_seconds >= limits.cpu_seconds):
        return Ended.CPU
    return Ended.CRASHED


def exit_status(main_status: int | None) -> int | None:
    return os.WEXITSTATUS(main_status) if main_status is not None and os.WIFEXITED(main_status) else None


def ending_signal(main_status: int | None) -> int | None:
    return os.WTERMSIG(main_status) if main_status is not None and os.WIFSIGNALED(main_status) else None
