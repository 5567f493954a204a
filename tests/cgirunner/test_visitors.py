"""Visitors have half of the turns of whose pages they look at; the rest is the owner's own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgirunner import program, visitors
from cgirunner.refusal import Refusal
from cgirunner.visitors import Line, Turn


async def test_half_at_once_and_some_wait(settings) -> None:
    settings.IVLE_RUNS_AT_ONCE_PER_OWNER, settings.IVLE_RUNS_WAITING_PER_OWNER = 4, 1
    has_come = asyncio.Event()

    async def come() -> None:
        async with Turn("student"):
            has_come.set()

    async with Turn("student"):
        async with Turn("student"):
            third = asyncio.ensure_future(come())
            await asyncio.sleep(0)
            assert not has_come.is_set()
            with pytest.raises(Refusal) as refusal:
                await come()
            assert (refusal.value.status, dict(refusal.value.headers)) == (503, {b"Retry-After": b"5"})
            async with Turn("classmate"):
                pass
        async with asyncio.timeout(10):
            await third
    assert has_come.is_set()
    assert not visitors._lines


async def test_who_leaves_the_line_is_forgotten(settings) -> None:
    settings.IVLE_RUNS_AT_ONCE_PER_OWNER = 2
    async with Turn("student"):
        second = asyncio.ensure_future(Turn("student").__aenter__())
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait({second})
        assert visitors._lines["student"].people == 1
    assert not visitors._lines


async def test_it_ends_with_the_program_however_slowly_its_visitor_reads(settings) -> None:
    settings.IVLE_RUNS_AT_ONCE_PER_OWNER = 2
    async with Turn("student") as first:
        first.leave()
        async with asyncio.timeout(10), Turn("student"):
            first.leave()
            assert visitors._lines["student"].people == 1
    assert not visitors._lines


async def test_each_web_process_has_its_part(settings) -> None:
    settings.IVLE_RUNS_AT_ONCE_PER_OWNER, settings.IVLE_RUNS_WAITING_PER_OWNER = 16, 0
    settings.IVLE_WEB_PROCESSES = 8
    async with Turn("student"):
        with pytest.raises(Refusal):
            await Turn("student").__aenter__()


@pytest.mark.usefixtures("patient")
def test_nobody_waits_for_an_answer_that_is_read_slowly(anybody, home, supervisor, monkeypatch) -> None:
    home.write("program.py", "print('x')")
    home.publish()
    held: list[int] = []
    answer_whole = program.answer_whole

    async def slowly(*what: Any) -> None:
        await asyncio.sleep(0)
        held.append(len(visitors._lines))
        await answer_whole(*what)

    monkeypatch.setattr(program, "answer_whole", slowly)
    assert anybody.ask("/~student/program.py").text == "x\n"
    assert held == [0]


def test_a_crowd_does_not_keep_the_owner_from_their_own(owner, anybody, home, supervisor, monkeypatch) -> None:
    home.write("program.py", "print('x')")
    home.publish()
    assert anybody.ask("/~student/program.py").text == "x\n"
    monkeypatch.setitem(visitors._lines, "student", Line(asyncio.Semaphore(0), people=1000))
    refused = anybody.ask("/~student/program.py")
    assert (refused.status, refused["Retry-After"]) == (503, "5")
    assert "Many people look at this owner" in refused.text
    assert owner.ask("/serve/student/program.py").text == "x\n"
