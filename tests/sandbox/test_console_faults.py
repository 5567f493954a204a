"""Consoles when something of ours dies, and what is left of them in time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from sandbox import consoles
from sandbox.consoles import SessionGone
from sandbox.faults import SandboxError, SandboxRefused
from sandbox.outcome import Ended
from sandbox.sessions import ENDED_MAX_OF_OWNER
from tests.sandbox.console import ECHO, SETTINGS, Console, with_consoles
from tests.sandbox.installation import Installation, Kind, descendants, is_alive
from tests.sandbox.jail import Jail, Loop, until

__all__ = ["with_consoles"]


BARE = Kind("consoles in a bare Python", steps_down=True, settings=SETTINGS)  # root has it run the system's own


@pytest.fixture
def alone(start: Callable[..., Jail]) -> Jail:
    """On a supervisor of the test's own."""
    return start(**SETTINGS)


async def test_the_supervisor_is_killed(alone: Jail) -> None:
    """Whoever watches is told, and nothing of the console is left."""
    console = Console(alone)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up")
    everything = descendants(alone.installation.process.pid)
    alone.installation.process.kill()
    alone.installation.process.wait()
    with pytest.raises(SessionGone):
        await page.until_event("never")
    until(lambda: not [pid for pid in everything if is_alive(pid)], "all dead")
    page.attachment.type(page.typed, b"anybody?\n")  # is not an error of its own
    page.attachment.ack(1)
    page.close()
    page.attachment.type(page.typed, b"anybody?\n")
    with pytest.raises(SandboxError, match="does not answer"):
        await console.info()


async def test_the_supervisor_is_ended(alone: Jail) -> None:
    console = Console(alone)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up")
    everything = descendants(alone.installation.process.pid)
    alone.installation.process.terminate()
    with pytest.raises(SessionGone):
        await page.until_event("never")
    alone.installation.process.wait(30)
    until(lambda: not [pid for pid in everything if is_alive(pid)], "all dead")
    assert "supervisor.py" not in alone.installation.log.read_text()


async def test_the_zygote_is_killed(alone: Jail) -> None:
    """Its consoles end, with the fault told; they stay readable and can be started again."""
    console = Console(alone)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up\r\n")
    pid = alone.installation.status()["zygote_pid"]
    os.kill(pid, signal.SIGKILL)
    content = await page.until_event("ended")
    assert content["outcome"]["ended"] == Ended.KILLED
    assert "fault of the server" in content["fault"]
    info = await console.info()
    assert info.fault == content["fault"]
    until(lambda: alone.installation.status()["zygote_pid"] not in (None, pid), "a new zygote")
    assert (await console.restart()).fault is None
    page.type(b"hello\n")
    await page.until_output(b"got hello")
    page.close()


async def test_the_zygotes_die_apart(alone: Jail) -> None:
    """The end of that for IPython ends no plain console."""
    console = Console(alone)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up\r\n")
    pid = until(lambda: alone.installation.status()["consoles"]["ipython"]["zygote_pid"], "a zygote for IPython")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_alive(pid), "dead")
    page.type(b"hello\n")
    await page.until_output(b"got hello")
    until(lambda: alone.installation.status()["consoles"]["ipython"]["spares"] == 2, "a new one")
    page.close()


@pytest.mark.skips_in_ci("the Python of a machine may have IPython")
async def test_without_ipython(installations: Callable[[Kind], Installation], loop: Loop) -> None:
    """Where the students' Python has none, whoever wants it is told so, and no zygote waits for nothing."""
    jail = Jail(loop, installations(BARE))
    if "ipython" in jail.installation.status()["consoles"]:
        pytest.skip("this machine's own Python has IPython")
    with pytest.raises(SandboxRefused, match="IPython is not installed"):
        await Console(jail).open(runtime="ipython")


async def test_the_web_process_goes_away(jail: Jail) -> None:
    """In the middle of opening one: it is there for whoever asks next."""
    console = Console(jail)
    job = console.job(ECHO)
    opening = consoles.open_session(console.socket, console.id, job, consoles.Size(24, 80), {})
    opening.send(None)  # it has asked
    opening.close()
    page = None
    while page is None:
        try:
            page = await console.attach()
        except SessionGone:
            continue
    await page.until_output(b"up")
    await console.end()


async def test_only_so_many_that_have_ended_are_kept(jail: Jail) -> None:
    """The oldest are forgotten first."""
    ended = [Console(jail) for _ in range(ENDED_MAX_OF_OWNER + 2)]
    for console in ended:
        await console.open("print('short')")
        while (await console.info()).outcome is None:
            pass
    for console in ended[:2]:
        with pytest.raises(SessionGone):
            await console.info()
    for console in ended[2:]:
        assert (await console.info()).end_offset == len("short\r\n")
        await console.end()


async def test_they_are_listed(jail: Jail) -> None:
    """All of them however long the list, or one person's; each with who watches it."""
    other = jail.beside()
    mine = [Console(jail) for _ in range(12)]
    theirs = [Console(other) for _ in range(12)]
    for console in (*mine, *theirs):
        await consoles.open_session(
            console.socket, console.id, console.job(ECHO), consoles.Size(24, 80), {"title": "x" * 2000}
        )
        for number in range(10):
            await console.attach(f"{number}" * 64, drives=False)
    listed = await consoles.list_sessions(jail.installation.socket)
    assert [info.id for info in listed if info.owner in (jail.owner, other.owner)] == [
        console.id for console in (*mine, *theirs)
    ]
    listed = await consoles.list_sessions(jail.installation.socket, other.owner)
    assert [info.id for info in listed] == [console.id for console in theirs]
    assert {info.about["title"] for info in listed} == {"x" * 2000}
    assert await consoles.list_sessions(jail.installation.socket, "nobody-at-all") == []
    for console in (*mine, *theirs):
        await console.end()
