"""Every kind of console in a real jail: its prompt comes, it completes, what it shows arrives, its history stays."""

from __future__ import annotations

import dataclasses

import pytest

from sandbox import consoles
from sandbox.job import Job
from tests.sandbox.console import QUICK, SIZE, Console, Page, with_consoles
from tests.sandbox.jail import Jail

PLOT = b"import matplotlib.pyplot as plt; plt.plot([1, 3, 2]); plt.show()"
ROOMY = dataclasses.replace(QUICK, cpu_seconds=30.0)

__all__ = ["with_consoles"]


async def begin(jail: Jail, entry: str, *argv: str, ready: bytes) -> tuple[Console, Page]:
    console = Console(jail)
    runtime = "ipython" if entry == "ipython" else "python"
    job = Job(jail.owner, argv, jail.home_inside, ROOMY, entry=entry, runtime=runtime)
    await consoles.open_session(console.socket, console.id, job, SIZE, {})
    page = await console.attach()
    await page.until_output(ready)
    return console, page


async def displayed(page: Page) -> bytes:
    await page.until(lambda: page.displays)
    return page.displays[0].data


@pytest.mark.parametrize(("entry", "ready"), [("repl", b">>> "), ("ipython", b"In ")])
async def test_a_prompt(jail: Jail, entry: str, ready: bytes) -> None:
    console, page = await begin(jail, entry, ready=ready)
    page.type(b"pri\t" if entry == "repl" else b"print(")
    page.type(b"'al' + 'ive')\r")
    await page.until_output(b"alive\r\n")
    page.type(PLOT + b"\r")
    assert b"\x89PNG" in await displayed(page)
    assert b"\x1b[6n" not in page.output
    await console.end()
    assert any((jail.home / ".ivle").iterdir())


async def test_a_line_that_is_being_typed_follows_the_size(jail: Jail) -> None:
    console, page = await begin(jail, "repl", ready=b">>> ")
    page.type(b"'a long line'")
    await page.until_output(b"line'")
    sent = len(page.output)
    page.attachment.resize(consoles.Size(SIZE.rows, 8))
    await page.until(lambda: b">>> " in page.output[sent:])
    page.type(b"\x03")
    await console.end()


async def test_a_shell_and_a_program_of_it(jail: Jail) -> None:
    jail.write("plot.py", PLOT.decode())
    console, page = await begin(jail, "bash", ready=b"$ ")
    page.type(b"python3 plot.py; echo do''ne\r")
    await page.until_output(b"done\r\n")
    assert b"\x89PNG" in await displayed(page)
    await console.end()


async def test_a_program_then_the_prompt(jail: Jail) -> None:
    jail.write("program.py", "x = 5\nprint('hello')\n")
    console, page = await begin(jail, "repl", "-i", f"{jail.home_inside}/program.py", ready=b">>> ")
    assert b"\x1b[?8702h\x1b[?8701hhello\r\n\x1b[?8701l" in page.output
    page.type(b"x + 1000\r")
    await page.until_output(b"1005\r\n")
    await console.end()
