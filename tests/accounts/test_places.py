"""Places that are few, taken by threads, by tasks and by other processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings

from accounts import places

TAKE = """
import django, sys
from pathlib import Path
django.setup()
from django.conf import settings
settings.IVLE_DATA = Path(sys.argv[1])
from accounts import places
place = places.take("one")
print("taken" if place else "refused", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(checkout):
    """Another process that takes the place called one; it has it until it is ended."""
    started = []

    def start() -> tuple[subprocess.Popen[str], str]:
        environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen(
            [sys.executable, "-c", TAKE, str(settings.IVLE_DATA)], cwd=checkout, env=environ, **pipes
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_as_many_as_there_are() -> None:
    taken = [places.take("three", 3) for _ in range(4)]
    assert taken[3] is None
    taken[1].leave()
    assert places.take("three", 3) is not None
    assert places.take("another") is not None


def test_another_process_has_none_and_one_that_dies_keeps_none(other) -> None:
    place = places.take("one")
    assert other()[1] == "refused"
    place.leave()
    process, said = other()
    assert said == "taken"
    assert places.take("one") is None
    process.kill()
    process.wait()
    assert places.take("one") is not None


def test_threads_take_turns() -> None:
    inside, most = [0], [0]
    guard = threading.Lock()

    def enter() -> None:
        with places.turn("one"):
            with guard:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            with guard:
                inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (inside, most) == ([0], [1])


async def test_tasks_take_turns_and_one_that_is_cancelled_waits_no_more() -> None:
    order: list[str] = []
    gate = asyncio.Event()

    async def enter(name: str) -> None:
        async with places.async_turn("one"):
            order.append(name)
            await gate.wait()

    first = asyncio.create_task(enter("first"))
    await asyncio.sleep(0)
    second, third = asyncio.create_task(enter("second")), asyncio.create_task(enter("third"))
    await asyncio.sleep(0)
    second.cancel()
    gate.set()
    async with asyncio.timeout(20):
        await asyncio.wait({first, second, third})
    assert order == ["first", "third"]
