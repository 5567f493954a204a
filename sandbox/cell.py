"""The supervisor's end of one jail: its student's orders, the pidfd of its pid 1, its control group and its meter."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sandbox import wire
from sandbox.cgroups import Cgroups
from sandbox.faults import SandboxError
from sandbox.limits import Limits
from sandbox.meter import CgroupMeter, Meter, PerfMeter, SamplingMeter, Tier, tree_cpu_seconds
from sandbox.outcome import Ended

if TYPE_CHECKING:
    from sandbox.person import Person

REMOVE_PAUSE_SECONDS = 0.05
REMOVE_ATTEMPTS = 200
MOMENT_SECONDS = 0.02
HANDLES, CONSOLE_HANDLES = 3, 5  # that come with a jail
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
        self.pidfd: int | None = None  # of pid 1, with which all of it dies
        self.student_pidfd: int | None = None
        self.done: int | None = None  # where the program says that it has ended well
        self.terminal = self.displays = -1  # of a console: whoever is given the cell takes them over
        self.meter: Meter | None = None
        self.main_status: int | None = None  # of the student's program, as wait(2) gives it, once it has ended
        self.has_parked = False
        self.counters: list[int] = []
        self.is_given = False
        self.is_broken = False  # by our own fault: however its program ends now is not the program's doing
        self.is_dead = False
        self.is_doomed = False
        self.number = self.network = -1  # the zygote's, of this jail and of the network namespace it has for now
        self.network_is_clean = False
        self.bring_home: Callable[[Cell, str], None] | None = None
        self.stop: Callable[[Ended], None] = lambda why: self.kill()  # of whoever keeps its program
        self.person: Person | None = None  # for whom its program is counted
        self.person_doors: list[int] = []  # to that one's groups, and theirs to close
        self.watchers: list[Callable[[Cell], None]] = []  # told when the program has ended and when the cell is dead
        self.cgroups = cgroups
        self.orders, self.inner_orders = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.group = cgroups.take(limits) if cgroups.version2 or cgroups.version1 else None
        except OSError:
            self.close_sockets()
            raise
        self.deadline = self.loop.call_later(PARKING_SECONDS, self.give_up)
        self.orders.setblocking(False)
        self.loop.add_reader(self.orders, self.on_readable)

    def born(self, *handles: int) -> None:
        """The zygote has made it."""
        if len(handles) < (CONSOLE_HANDLES if self.has_terminal else HANDLES):
            self.lose(handles)
            return
        self.inner_orders.close()
        pidfd, self.student_pidfd, done, *rest = handles
        self.pidfd, self.done = pidfd, done
        self.terminal, self.displays = rest or (-1, -1)
        self.loop.add_reader(pidfd, self.bury)
        self.loop.add_reader(done, self.on_exited, 0)
        if self.is_doomed:
            self.kill()
        self.settle()

    def lose(self, handles: Sequence[int]) -> None:
        """This process can hold no more descriptors, so the kernel left some out (unix(7), MSG_CTRUNC)."""
        for pidfd in handles[:1]:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        wire.close_all(list(handles))
        self.fail("no descriptor is left to hold a jail by")
        self.bury()

    def on_readable(self) -> None:
        """The student speaks before it runs anything, and never after."""
        try:
            kind, text, descriptors = wire.hear(self.orders)
        except OSError:
            kind, text, descriptors = "", "", []
        if not kind or self.has_parked:
            self.loop.remove_reader(self.orders)  # its end shows elsewhere
            wire.close_all(descriptors)
            if kind:
                self.on_broken(text, [])
            return
        MESSAGES[kind](self, text, descriptors)

    def on_clock(self, text: str, descriptors: list[int]) -> None:
        self.counters = descriptors

    def on_parked(self, text: str, descriptors: list[int]) -> None:
        self.has_parked = True
        self.settle()

    def settle(self) -> None:
        """Both have been heard, the student that it is parked and the zygote that it was forked; in either order."""
        if not self.has_parked or self.pidfd is None or self.parked.done():
            return
        try:
            self.meter = self.make_meter()
        except OSError as error:
            self.fail(f"the jail cannot be metered: {error}")
            self.kill()
            return
        self.deadline.cancel()
        self.meter.start()
        self.parked.set_result(self)

    def make_meter(self) -> Meter:
        """Raises OSError."""
        if self.tier is Tier.PERF:
            return PerfMeter(self.counters[0])
        if self.tier is Tier.SAMPLING or self.group is None:
            return SamplingMeter([pid_of(self.student_pidfd), pid_of(self.pidfd)])
        return CgroupMeter(self.group)

    def on_exited(self, status: int) -> None:
        """The program is over. Whatever it has left running goes now."""
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if killed and not self.is_doomed:  # perhaps with its pid 1, and not by us: that would show in a moment
            self.loop.call_later(MOMENT_SECONDS, self.end, status)
        else:
            self.end(status)

    def end(self, status: int) -> None:
        if self.main_status is not None or self.is_dead or self.is_broken:
            return
        self.stop_listening()
        self.main_status = status
        self.network_is_clean = self.is_given and not self.is_doomed
        self.fail("the jail ended before it was ready")
        self.tell()
        self.kill()

    def on_broken(self, text: str, descriptors: list[int]) -> None:
        self.is_broken = True
        self.fail(text)
        self.kill()

    def lives(self) -> bool:
        """As the kernel knows it: that it has died may not have been heard yet (pidfd_open(2))."""
        if self.is_dead or self.is_doomed or self.pidfd is None or self.student_pidfd is None:
            return False
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        poll.register(self.student_pidfd, select.POLLIN)
        return not poll.poll(0)

    def give(self, owner: str, descriptors: Sequence[int]) -> None:
        """Start the run: its owner or NOBODY; stdin, stdout, stderr and payload, or of a console the payload alone, and
        its terminal and display channel are the caller's to close from now on. Raises OSError when it is gone.

        The zygote brings the home while the student gets ready, and neither's part passes through the other.
        """
        self.is_given = True
        if self.bring_home is not None:
            self.bring_home(self, owner)
        wire.say(self.orders, "run", owner, [*descriptors, *self.person_doors])

    def cpu_seconds(self) -> float:
        return self.meter.cpu_seconds() if self.meter else 0.0

    def pids(self) -> list[int]:
        """Of all its processes that can be found from its two first, as this process sees them."""
        if self.pidfd is None or self.student_pidfd is None:
            return []
        with contextlib.suppress(OSError):  # no descriptor is left to ask with
            return [pid for pid, _, _ in tree_cpu_seconds([pid_of(self.student_pidfd), pid_of(self.pidfd)])]
        return []

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

    def bury(self) -> None:
        """Its pid 1 is dead, so all of it is (pid_namespaces(7)), or it was never born: give everything back."""
        if self.is_dead:
            return
        self.is_dead = True
        self.deadline.cancel()
        self.fail("the jail ended before it was ready")
        self.tell()
        self.stop_listening()
        self.loop.remove_reader(self.orders)
        self.close_sockets()
        if self.meter is not None:
            self.meter.close()
        else:
            wire.close_all(self.counters)
        if self.pidfd is not None:
            self.loop.remove_reader(self.pidfd)
        ends = [] if self.is_given else [self.terminal, self.displays]
        wire.close_all([end for end in (self.pidfd, self.student_pidfd, *ends) if end is not None and end >= 0])
        self.give_back_group(REMOVE_ATTEMPTS)

    def stop_listening(self) -> None:
        if self.done is not None:
            self.loop.remove_reader(self.done)
            os.close(self.done)
            self.done = None

    def close_sockets(self) -> None:
        self.orders.close()
        self.inner_orders.close()

    def give_back_group(self, attempts: int) -> None:
        if self.group is not None and not self.cgroups.give_back(self.group) and attempts:
            self.loop.call_later(REMOVE_PAUSE_SECONDS, self.give_back_group, attempts - 1)

    def tell(self) -> None:
        for watcher in self.watchers:
            watcher(self)


MESSAGES = {"clock": Cell.on_clock, "parked": Cell.on_parked, "broken": Cell.on_broken}


def pid_of(pidfd: int | None) -> int:
    """As this process sees it (pidfd_open(2))."""
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))


def read_exception(future: asyncio.Future[Cell]) -> None:
    """A spare that failed is nobody's to await; without this asyncio would complain of it."""
    if not future.cancelled():
        future.exception()
