"""A console without a home: an empty one of its own, gone with the program; its owner need not exist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox import consoles
from sandbox.faults import SandboxRefused
from sandbox.job import Job
from sandbox.limits import GUEST
from tests.sandbox.console import SETTINGS, SIZE, Console, Page, with_consoles
from tests.sandbox.jail import Jail, until

__all__ = ["with_consoles"]
FREE = "guest.0123456789abcdef0123456789abcdef"
QUICK = replace(GUEST, cpu_seconds=10.0)


class Shell(Console):
    """Somebody's who has no home."""

    async def open_at_prompt(self, *, has_home: bool = False) -> Page:
        job = Job(
            FREE,
            (),
            "/home/student",
            QUICK,
            {"TERM": "xterm-256color"},
            entry="repl",
            has_home=has_home,
            notice="Hello, guest\n",
        )
        await consoles.open_session(self.socket, self.id, job, SIZE, {"a": 1})
        page = await self.attach()
        await page.until_output(b">>> ")
        return page


@pytest.fixture
def shell(jail: Jail) -> Shell:
    return Shell(jail)


async def test_it_has_an_empty_home_of_its_own(shell: Shell) -> None:
    for _ in range(2):
        page = await shell.open_at_prompt()
        page.type(b"import os; open('left', 'w').close(); sorted(os.listdir()), os.listdir('/home'), os.getcwd()\r")
        await page.until_output(b"(['.ivle', 'left'], ['student'], '/home/student')")
        page.close()
        await shell.end()


async def test_nothing_of_it_is_left_among_the_homes(jail: Jail, shell: Shell) -> None:
    before = sorted(path.name for path in jail.installation.homes.iterdir())
    page = await shell.open_at_prompt()
    page.type(b"open('/home/student/left', 'w').write('x')\r")
    await page.until_output(b"1\r\n")
    await shell.end()
    assert sorted(path.name for path in jail.installation.homes.iterdir()) == before


async def test_its_owner_is_not_seen(shell: Shell) -> None:
    page = await shell.open_at_prompt()
    page.type(b"import os; print(dict(os.environ), open('/etc/passwd').read(), 'all'.upper())\r")
    await page.until_output(b"ALL\r\n")
    assert b"guest." not in page.output
    await shell.end()


async def test_what_it_is_told_comes_first(shell: Shell) -> None:
    page = await shell.open_at_prompt()
    assert page.output.startswith(b"Hello, guest\r\n")
    await shell.end()


async def test_the_same_owner_with_a_home_is_refused(shell: Shell) -> None:
    with pytest.raises(SandboxRefused, match="has no home"):
        await shell.open_at_prompt(has_home=True)


async def test_jails_kept_ready_stay_as_people_need_them(jail: Jail, shell: Shell) -> None:
    """A guest has other limits: would the spares follow them, every guest would cost the next person's start."""
    console = Console(jail)
    await console.open()
    forks = full(jail)
    await shell.open_at_prompt()
    assert full(jail) == forks + 1
    await console.end()
    await shell.end()


def full(jail: Jail) -> int:
    """How many jails the zygote has made, once as many are ready as there shall be."""
    seen: dict[str, Any] = {}

    def is_full() -> bool:
        seen.update(jail.installation.status())
        return bool(seen["consoles"]["python"]["spares"] == SETTINGS["console_spares"])

    until(is_full, "the spares are there")
    return int(seen["forks"])
