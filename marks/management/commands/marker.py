"""manage.py marker: marks what waits, until it is ended. `up` starts it; other machines of the same database may, too.

It prints `ready` once it looks. The work is the task queue's own (django-tasks-db), in as many threads as are wanted.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker

from marks import calling, tickets, turns

LOOK_SECONDS: Final = 0.2
TIDY_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 1.0  # where the database does not answer


class Command(BaseCommand):
    help = "Marks what was handed in. It ends by SIGTERM, and what it has begun is begun anew by the next one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at-once", type=int, default=settings.IVLE_MARKING_AT_ONCE, help="how many attempts")

    def handle(self, *args: Any, **options: Any) -> None:
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        crew = Crew(options["at_once"])
        crew.begin()
        ear = calling.Ear()
        self.stdout.write("ready", ending="\n")
        self.stdout.flush()
        look_until(ending, crew, ear)
        turns.end()
        os._exit(0)  # else Python waits for the threads; what they have begun ends with their connections to the jails


class Crew:
    """Threads that sleep until there are tickets, and work them off then."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.work = threading.Semaphore(0)

    def begin(self) -> None:
        for number in range(self.size):
            threading.Thread(target=self.live, args=(number,), name=f"marker {number}", daemon=True).start()

    def call(self) -> None:
        self.work.release(self.size)

    def live(self, number: int) -> None:
        while True:
            self.work.acquire()
            while self.work.acquire(blocking=False):  # called several times meanwhile
                pass
            try:
                worker(f"{turns.ME}:{number}"[-64:]).run()
            except DatabaseError:
                close_old_connections()
                time.sleep(PAUSE_SECONDS)


def worker(name: str) -> Worker:
    """Works off all tickets that there are."""
    return Worker(
        queue_names=[tickets.QUEUE],
        interval=LOOK_SECONDS,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )


def look_until(ending: threading.Event, crew: Crew, ear: calling.Ear) -> None:
    tidied = 0.0
    while not ending.is_set():
        ear.wait(LOOK_SECONDS)
        try:
            if time.monotonic() - tidied >= TIDY_SECONDS:
                tidied = time.monotonic()
                tickets.tidy()
            if tickets.are_there():
                crew.call()
        except DatabaseError:
            connection.close()
            ending.wait(PAUSE_SECONDS)
