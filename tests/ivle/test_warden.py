"""The warden: every duty is done again and again, whatever becomes of the others, by one process of a machine."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async

from ivle import warden
from ivle.warden import Duty, do

DEADLINE_SECONDS = 20


class Doing:
    """A duty that is watched."""

    def __init__(self, *happens: Callable[[], object]) -> None:
        self.happens = list(happens)
        self.times = 0
        self.running = 0
        self.done = asyncio.Condition()

    async def run(self) -> None:
        assert self.running == 0
        self.running += 1
        try:
            await asyncio.sleep(0)
            if self.times < len(self.happens):
                self.happens[self.times]()
        finally:
            self.running -= 1
            self.times += 1
            async with self.done:
                self.done.notify_all()

    async def until(self, times: int) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), self.done:
            await self.done.wait_for(lambda: self.times >= times)


@contextlib.asynccontextmanager
async def doing(*duties: Duty):
    task = asyncio.create_task(do(duties))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def fail() -> None:
    raise OSError("no such thing")


async def test_each_is_done_again_and_again() -> None:
    one, other = Doing(), Doing()
    async with doing(Duty("one", 0.001, one.run), Duty("other", 0.001, other.run)):
        await asyncio.gather(one.until(5), other.until(5))


async def test_one_that_fails_is_told_once_and_when_it_is_over(caplog) -> None:
    caplog.set_level(logging.WARNING)
    bad, good = Doing(fail, fail, fail), Doing()
    async with doing(Duty("bad", 0.001, bad.run), Duty("good", 0.001, good.run)):
        await asyncio.gather(bad.until(5), good.until(5))
    assert [record.getMessage() for record in caplog.records] == [
        "The warden's duty “bad” fails: OSError",
        "The warden's duty “bad” is done again.",
    ]


async def test_one_that_hangs_in_its_thread_holds_up_no_other() -> None:
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result(DEADLINE_SECONDS)

    async def hang() -> None:
        await sync_to_async(wait)()

    other = Doing()

    async def in_a_thread() -> None:
        await sync_to_async(len)([])
        await other.run()

    async with doing(Duty("hangs", 0.001, hang), Duty("other", 0.001, in_a_thread)):
        await other.until(3)
        released.set()


async def test_one_that_takes_long_is_told_of(caplog, monkeypatch) -> None:
    monkeypatch.setattr(warden, "LONG_SECONDS", 0.001)
    told = asyncio.Event()
    monkeypatch.setattr(warden.log, "warning", lambda *_: told.set())

    async def run() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await told.wait()

    await warden.tell_when_long(Duty("long", 1, run))


@pytest.fixture
def command(checkout, tmp_path):
    (tmp_path / "data" / "run").mkdir(parents=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
    started = []

    def start() -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "warden"],
            cwd=checkout,
            env={**environ, "IVLE_DATA": str(tmp_path / "data")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_one_waits_and_both_end_when_told_to(command, tmp_path) -> None:
    with (tmp_path / "data" / "run" / "warden.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = command()
        assert second.stdout.readline() == "ready\n"
        second.send_signal(signal.SIGTERM)
        assert second.wait(DEADLINE_SECONDS) == 0
        assert second.stdout.read() == ""
    first = command()
    assert first.stdout.readline() == "ready\n"
    first.send_signal(signal.SIGTERM)
    assert first.wait(DEADLINE_SECONDS) == 0
