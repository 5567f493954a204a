"""manage.py warden: does what must be done again and again, until it is ended. `up` starts one; one works on a machine.

It prints `ready` at once. Another one on the same data folder waits, and takes over when the first is gone.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from allowances import watching
from console import departing, disk_watch
from ivle.warden import Duty, do
from operations import heartbeat, watch
from shells import sweeping

LOOK_SECONDS: Final = 1.0
END_SECONDS: Final = 2.0  # for what a duty has in hand in the database; what is not finished then has not happened
DUTIES: tuple[Duty, ...] = (
    Duty("saying that it lives", heartbeat.EVERY_SECONDS, heartbeat.beat),
    Duty("watching for trouble", watch.EVERY_SECONDS, watch.watch.look),
    Duty("telling of alarms", watch.EVERY_SECONDS, watch.watch.tell),
    Duty("CPU of people", watching.EVERY_SECONDS, watching.look),
    Duty("looking at the disk", disk_watch.ROUND_SECONDS, disk_watch.watch),
    Duty("ending consoles that were left", departing.ROUND_SECONDS, departing.end_deserted),
    Duty("ending shells of guests", sweeping.EVERY_SECONDS, sweeping.sweep),
    Duty("forgetting who was a guest", sweeping.FORGET_EVERY_SECONDS, sweeping.forget),
)


class Command(BaseCommand):
    help = "Does what must be done again and again while the site runs. It ends by SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self.work_until_ended(settings.IVLE_DATA / "run" / "warden.lock"))

    async def work_until_ended(self, lock: Path) -> None:
        work = asyncio.create_task(work_alone(lock))

        def end() -> None:
            late = threading.Timer(END_SECONDS, os._exit, (0,))  # Python waits for threads, whatever they wait for
            late.daemon = True
            late.start()
            work.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, end)
        self.stdout.write("ready", ending="\n")
        self.stdout.flush()
        with suppress(asyncio.CancelledError):
            await work


async def work_alone(path: Path) -> None:
    with path.open("w") as lock:
        while not taken(lock):  # noqa: ASYNC110 - the kernel tells nobody when it is free
            await asyncio.sleep(LOOK_SECONDS)
        await do(DUTIES)


def taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
