"""Long work on the disk, off the event loop and in threads of its own, so that nobody's save waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
LONG_AT_ONCE: Final = 2
_threads = ThreadPoolExecutor(LONG_AT_ONCE, "files")


async def at_length(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Like asyncio.to_thread, for what may take seconds: copying, and emptying the trash."""
    work = partial(copy_context().run, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
