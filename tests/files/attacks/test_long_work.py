"""Whoever asks for long work on the disk again and again keeps nobody else's waiting."""

from __future__ import annotations

import asyncio
import threading

from files import batch, disk


def test_one_person_has_one_thread() -> None:
    stop = threading.Event()
    running: list[str] = []

    def work(person: str) -> str:
        running.append(person)
        if person == "greedy":
            stop.wait(20)
        return person

    async def ask() -> None:
        greedy = [asyncio.create_task(disk.in_turn("greedy", work, "greedy")) for _ in range(4 * disk.LONG_AT_ONCE)]
        try:
            async with asyncio.timeout(10):
                assert await disk.in_turn("patient", work, "patient") == "patient"
            assert running.count("greedy") == 1
            for task in greedy[:2]:  # who leaves does not let the next one in while the thread still works
                task.cancel()
            async with asyncio.timeout(10):
                assert await disk.in_turn("patient", work, "patient") == "patient"
            assert running.count("greedy") == 1
        finally:
            stop.set()
        await asyncio.gather(*greedy, return_exceptions=True)
        assert running.count("greedy") == len(greedy) - 1

    asyncio.run(ask())


def test_many_things_end_in_time(monkeypatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("files.batch.monotonic", lambda: clock[0])

    def act(parts: tuple[bytes, ...]) -> tuple[bytes, ...]:
        clock[0] += batch.SECONDS_MAX / 2
        return parts

    done = batch.each([(b"a",), (b"b",), (b"c",), (b"d",)], act)
    assert done.done == ((b"a",), (b"b",))
    assert [one.parts for one in done.failed] == [(b"c",), (b"d",)]
    assert "too long" in done.failed[0].sentence
