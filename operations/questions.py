"""What is asked of a disk or the database, which may never answer: in a thread of its own, within a bounded time.

Not in asyncio's pool: a file system that hangs would take one thread of it after another. And no thread is begun while
one still waits for the same answer; being daemons, those that wait for ever do not keep the process from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from django.db import connections

ANSWER_SECONDS: Final = 3.0
Answer = TypeVar("Answer")


class Question(Generic[Answer]):
    """`ask` may block, and may use the database."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self.ask = ask
        self.lock = threading.Lock()
        self.asked: Future[Answer] | None = None

    async def answer(self) -> Answer:
        """Raises TimeoutError, and what `ask` raises."""
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.wrap_future(self.begin())

    def begin(self) -> Future[Answer]:
        """Whoever asks meanwhile has the same answer. Raises TimeoutError where no thread can be begun."""
        with self.lock:
            if self.asked is None or self.asked.done():
                asked: Future[Answer] = Future()
                asked.set_running_or_notify_cancel()  # whoever does not wait any more does not take it from others
                try:
                    threading.Thread(target=self.find, args=(asked,), daemon=True).start()
                except RuntimeError as fault:
                    raise TimeoutError("no thread can be begun") from fault
                self.asked = asked  # not before: one without a thread is never answered
            return self.asked

    def find(self, asked: Future[Answer]) -> None:
        try:
            try:
                found = self.ask()
            finally:
                connections.close_all()  # this thread's
        except BaseException as fault:
            asked.set_exception(fault)
        else:
            asked.set_result(found)
