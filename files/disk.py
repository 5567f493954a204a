"""Long work on the disk, off the event loop and in threads of its own, so that nobody's save waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from accounts import places

P = ParamSpec("P")
R = TypeVar("R")
LONG_AT_ONCE: Final = 4
_latest: dict[str, Future[Any]] = {}  # by person
_threads = ThreadPoolExecutor(LONG_AT_ONCE, "files")


async def in_turn(person: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Like asyncio.to_thread, for what may take seconds: copying, unpacking, emptying the trash.

    It begins after all that this person asked for before has ended: also what nobody waits for any more. Of what they
    asked of several web processes at a time, one thing is done at a time.
    """

    def run() -> R:
        with places.turn(f"long work of {person}"):
            return function(*args, **kwargs)

    while (before := _latest.get(person)) is not None and not before.done():
        await asyncio.wait([asyncio.wrap_future(before)])
    running = _latest[person] = _threads.submit(partial(copy_context().run, run))
    running.add_done_callback(lambda done: forget(person, done))
    return await asyncio.wrap_future(running)


def forget(person: str, done: Future[Any]) -> None:
    if _latest.get(person) is done:
        _latest.pop(person, None)
