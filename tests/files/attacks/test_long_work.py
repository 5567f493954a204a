"""Whoever asks for long work on the disk again and again keeps nobody else's waiting."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from files import batch, diffing, disk, previews


def test_one_person_has_one_thread() -> None:
    stop, begun = threading.Event(), threading.Event()
    running: list[str] = []

    def work(person: str) -> str:
        running.append(person)
        begun.set()
        if person == "greedy":
            stop.wait(20)
        return person

    async def ask() -> None:
        greedy = [asyncio.create_task(disk.in_turn("greedy", work, "greedy")) for _ in range(4 * disk.LONG_AT_ONCE)]
        try:
            assert await asyncio.to_thread(begun.wait, 10)
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


@pytest.mark.parametrize(("module", "work"), [(previews, "preview"), (diffing, "compare")])
def test_hostile_texts_keep_nobody_from_saving(script, home, monkeypatch, module, work) -> None:
    """Either may take a second, and a hundred of them are asked for in another."""
    threads = []
    do = getattr(module, work)

    def note(*arguments: Any) -> Any:
        threads.append(threading.current_thread().name)
        return do(*arguments)

    monkeypatch.setattr(module, work, note)
    version = script.put("a.md", b"# a").json()["version"]
    if module is previews:
        assert script.get("/preview", path="a.md").status_code == 200
    else:
        assert script.client.get(f"/api/files/versions/diff?path=a.md&from={version}").status_code == 200
    assert [name.partition("_")[0] for name in threads] == ["files"]
