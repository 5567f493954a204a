"""Consoles count in their owner's budget, and wait for a short machine as every program does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import people
from sandbox.faults import MachineShort, OverBudget, SessionGone
from sandbox.limits import MIB
from sandbox.standing import STUDENT
from tests.sandbox.console import SETTINGS, Console
from tests.sandbox.jail import LONG, Jail

LARGE = "x = bytearray(80 << 20)\nprint('up', flush=True)\ninput()"


async def test_no_console_where_its_owners_memory_is_used_up(start: Callable[..., Jail]) -> None:
    jail = start(**SETTINGS)
    poor = {jail.owner: replace(STUDENT, memory_bytes=100 * MIB)}
    await people.standings_told(jail.installation.socket, poor)
    console, another = Console(jail), Console(jail)
    await console.open(LARGE, limits=LONG)
    page = await console.attach()
    await page.until_output(b"up\r\n")
    with pytest.raises(OverBudget, match="of 100 MB of memory; end one of them"):
        await another.open(limits=LONG)
    with pytest.raises(SessionGone):
        await another.info()
    used = (await people.usage(jail.installation.socket)).people[jail.owner]
    assert (used.runs, used.memory_bytes > 80 * MIB) == (1, True)
    page.close()
    await console.end()
    await another.open(limits=LONG)
    await another.end()


async def test_no_console_where_the_machine_is_short(start: Callable[..., Jail]) -> None:
    jail = start(**SETTINGS, memory_reserve_bytes=1 << 50)
    console = Console(jail)
    with pytest.raises(MachineShort, match="Try again in 5 seconds"):
        await console.open(limits=LONG)
    with pytest.raises(SessionGone):
        await console.info()
