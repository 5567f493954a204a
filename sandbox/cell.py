"""The supervisor's end of one jail: its control socket, the pidfd of its init, its control group and its meter."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Sequence

from sandbox import wire
from sandbox.cgroups import Cgroups
from sandbox.faults import SandboxError
from sandbox.limits import Limits
from sandbox.meter import CgroupMeter, Meter, PerfMeter, SamplingMeter, Tier

REMOVE_PAUSE_SECONDS = 0.05
REMOVE_ATTEMPTS = 200
PARKING_SECONDS = 10.0  # after which it is not waited for


class Cell:
    """Made, forked by the zygote, parked, given to one run, dead. Dead means every process in it is dead."""

    def __init__(self, limits: Limits, tier: Tier, cgroups: Cgroups, *, has_terminal: bool = False) -> None:
        self.limits = limits
        self.has_terminal = has_terminal
        self.tier = tier
        self.loop = asyncio.get_running_loop()
        self.parked: asyncio.Future[Cell] = self.loop.create_future()
        self.parked.add_done_callback(read_exception)
        self.pidfd: int | None = None
        self.meter: Meter | None = None
        self.main_status: int | None = None  # of the student's program, as wait(2) gives it, once it has ended
        self.has_parked = False
        self.counters: list[int] = []
        self.terminal = self.displays = -1  # of a console: whoever is given the cell takes them over
        self.is_dead = False
        self.is_doomed = False
        self.is_given = False
        self.network = -1  # the zygote's number of its network namespace
        self.network_is_clean = False
        self.watchers: list[Callable[[Cell], None]] = []  # told when the program has ended and when the cell is dead
        self.cgroups = cgroups
        self.control, self.inner_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.orders, self.inner_orders = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # the student's
        try:
            self.group = cgroups.take(limits) if cgroups.version2 or cgroups.version1 else None
        except OSError:
            self.close_sockets()
            raise
        self.deadline = self.loop.call_later(PARKING_SECONDS, self.give_up)
        self.control.setblocking(False)
        self.loop.add_reader(self.control, self.on_readable)

    def born(self, pidfd: int) -> None:
        """The zygote has forked its init."""
        self.inner_control.close()
        self.inner_orders.close()
        self.pidfd = pidfd
        self.loop.add_reader(pidfd, self.bury)
        if self.is_doomed:
            self.kill()
        self.settle()

    def on_readable(self) -> None:
        try:
            kind, text, descriptors = wire.hear(self.control)
        except OSError:
            kind, text, descriptors = "", "", []
        if not kind:
            self.loop.remove_reader(self.control)  # its end shows by the pidfd
            return
        MESSAGES[kind](self, text, descriptors)

    def on_parked(self, text: str, descriptors: list[int]) -> None:
        self.has_parked = True
        if self.has_terminal:
            *descriptors, self.terminal, self.displays = descriptors
        self.counters = descriptors
        self.settle()

    def settle(self) -> None:
        """Both have been heard, init that it is parked and the zygote that it was forked; the order is not given."""
        if not self.has_parked or self.pidfd is None or self.parked.done():
            return
        if self.tier is Tier.PERF:
            self.meter = PerfMeter(self.counters[0])
        elif self.tier is Tier.SAMPLING or self.group is None:
            self.meter = SamplingMeter(self.init_pid())
        else:
            self.meter = CgroupMeter(self.group)
        self.deadline.cancel()
        self.meter.start()
        self.parked.set_result(self)

    def on_exited(self, text: str, descriptors: list[int]) -> None:
        self.main_status = int(text)
        self.tell()

    def on_left(self, text: str, descriptors: list[int]) -> None:
        self.network_is_clean = text == "clean"

    def on_broken(self, text: str, descriptors: list[int]) -> None:
        self.fail(text)
        self.kill()

    def give(self, owner: str, descriptors: Sequence[int]) -> None:
        """Start the run: its owner, and stdin, stdout, stderr and payload; of a console the payload alone, and its
        terminal and display channel are the caller's to close from now on. Raises OSError when init is gone.

        Init and the student get ready side by side, and neither's part passes through the other.
        """
        self.is_given = True
        wire.say(self.control, "run", owner)
        wire.say(self.orders, "run", owner, descriptors)

    def kill(self) -> None:
        """All of it, at once; `is_dead` follows when the kernel is done."""
        self.is_doomed = True
        if self.pidfd is not None and not self.is_dead:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def give_up(self) -> None:
        self.fail("no jail was ready in time")
        self.kill()

    def fail(self, text: str) -> None:
        if not self.parked.done():
            self.parked.set_exception(SandboxError(text))

    def stillborn(self) -> None:
        """The zygote died before it forked this one."""
        self.bury()

    def bury(self) -> None:
        """Its init is dead, so all of it is (pid_namespaces(7)): give everything back."""
        if self.is_dead:
            return
        self.drain()
        self.is_dead = True
        self.deadline.cancel()
        self.loop.remove_reader(self.control)
        self.fail("the jail ended before it was ready")
        self.tell()
        self.close_sockets()
        if self.terminal >= 0 and not self.is_given:
            wire.close_all([self.terminal, self.displays])
        if self.meter is not None:
            self.meter.close()
        if self.pidfd is not None:
            self.loop.remove_reader(self.pidfd)
            os.close(self.pidfd)
        self.give_back_group(REMOVE_ATTEMPTS)

    def close_sockets(self) -> None:
        for end in (self.control, self.inner_control, self.orders, self.inner_orders):
            end.close()

    def drain(self) -> None:
        """Init's last words may still lie in the socket."""
        with contextlib.suppress(OSError):
            while True:
                kind, text, descriptors = wire.hear(self.control)
                wire.close_all(descriptors)
                if not kind:
                    return
                if kind in LAST_WORDS:
                    MESSAGES[kind](self, text, [])

    def give_back_group(self, attempts: int) -> None:
        if self.group is not None and not self.cgroups.give_back(self.group) and attempts:
            self.loop.call_later(REMOVE_PAUSE_SECONDS, self.give_back_group, attempts - 1)

    def tell(self) -> None:
        for watcher in self.watchers:
            watcher(self)

    def init_pid(self) -> int:
        """As this process sees it (pidfd_open(2))."""
        with open(f"/proc/self/fdinfo/{self.pidfd}", encoding="utf-8") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))


MESSAGES = {"parked": Cell.on_parked, "exited": Cell.on_exited, "left": Cell.on_left, "broken": Cell.on_broken}
LAST_WORDS = ("exited", "left")


def read_exception(future: asyncio.Future[Cell]) -> None:
    """A spare that failed is nobody's to await; without this asyncio would complain of it."""
    if not future.cancelled():
        future.exception()
