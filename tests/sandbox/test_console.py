"""A console from its opening to its end, in a real jail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import consoles
from sandbox.consoles import SessionGone, Size
from sandbox.faults import SandboxRefused
from sandbox.outcome import Ended
from tests.sandbox.console import ECHO, QUICK, SETTINGS, SIZE, Console, with_consoles
from tests.sandbox.installation import KINDS, Installation, Kind, why_not
from tests.sandbox.jail import Jail, Loop

BUSY = "import time\nprint('up', flush=True)\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\n"

__all__ = ["with_consoles"]


async def test_it_says_what_is_typed(jail: Jail) -> None:
    console = Console(jail)
    info = await console.open()
    assert (info.id, info.owner, info.about, info.size) == (console.id, jail.owner, {"a": 1}, SIZE)
    page = await console.attach()
    await page.until_output(b"up\r\n")
    page.type(b"hello\n")
    await page.until_output(b"got hello\r\n")
    page.type(b"bye\n")
    outcome = await page.until_ended()
    assert (outcome.ended, outcome.exit_status) == (Ended.FINISHED, 0)
    assert (await console.info()).outcome == outcome
    await console.end()
    with pytest.raises(SessionGone):
        await console.info()
    with pytest.raises(SessionGone):
        await page.until_event("never")
    page.close()


@pytest.mark.skips_in_ci("some installations want root, which half of the runs there have not")
@pytest.mark.parametrize("base", KINDS, ids=lambda kind: kind.name)
async def test_on_every_kind_of_installation(
    base: Kind, installations: Callable[[Kind], Installation], loop: Loop
) -> None:
    """It begins, is typed into, displays, is measured and ends."""
    reason = why_not(base)
    if reason:
        pytest.skip(reason)
    kind = replace(base, name=f"{base.name}, with consoles", settings={**base.settings, **SETTINGS})
    console = Console(Jail(loop, installations(kind)))
    display = "import os\nos.write(os.open('/run/display', os.O_WRONLY), b'\\0\\0\\0\\5hello')\n"
    for attempt in range(3):
        await (console.restart if attempt else console.open)(display + BUSY.format(0.2) + "input('there')")
        page = await console.attach()
        await page.until(lambda page=page, many=attempt: len(page.displays) > many)
        await page.until(lambda page=page, many=attempt: page.output.count(b"there") > many)
        assert page.displays[-1].data == b"hello"
        page.attachment.resize(Size(10 + attempt, 10))
        await page.until_event("size")
        page.type(b"\n")
        outcome = await page.until_ended()
        assert outcome.ended is Ended.FINISHED
        assert 0.15 < outcome.cpu_seconds < 1
        page.close()
    await console.end()


async def test_the_last_output_comes_before_the_end(jail: Jail) -> None:
    """Whatever is printed just before the program ends, and by whatever it has left running."""
    console = Console(jail)
    code = """
    import os, sys
    input()
    sys.stdout.write("x" * 100_000 + "last")
    sys.stdout.flush()
    os._exit(3)
    """
    for attempt in range(10):
        await (console.restart if attempt else console.open)(code)
        page = await console.attach()
        page.type(b"go\n")
        outcome = await page.until_ended()
        page.close()
        assert page.output.endswith(b"x" * 100_000 + b"last"), attempt
        assert (outcome.ended, outcome.exit_status) == (Ended.FINISHED, 3)
    await console.end()


async def test_the_last_output_does_not_wait_to_be_shown(jail: Jail) -> None:
    """A page that shows nothing stops the program at its credit; what the kernel holds when it is ended still comes."""
    console = Console(jail)
    await console.open("print('up', flush=True)\nwhile True: print('y' * 70, flush=True)")
    page = await console.attach(acks=False)
    await page.until(lambda: len(page.output) >= 256 * 1024)
    await console.end()
    with pytest.raises(SessionGone):
        await page.until_event("never")
    assert [event.kind for event in page.events].count("ended") == 1
    assert page.end > 256 * 1024
    assert not page.gaps
    page.close()


async def test_nothing_outlives_it(jail: Jail) -> None:
    """Neither a child in a session of its own nor one that ignores every signal it can."""
    console = Console(jail)
    code = """
    import os, signal, time
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        print("child", flush=True)
        while True:
            time.sleep(0.01)
            print("lives", flush=True)
    input()
    """
    await console.open(code)
    page = await console.attach()
    await page.until_output(b"lives")
    page.type(b"\n")
    assert (await page.until_ended()).ended is Ended.FINISHED
    end = page.end
    assert (await console.info()).end_offset == end
    await console.end()
    page.close()


async def test_a_program_ends_with_its_console(jail: Jail) -> None:
    console = Console(jail)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up")
    await console.end()
    assert (await page.until_ended()).ended is Ended.KILLED
    with pytest.raises(SessionGone):
        await page.until_event("never")
    page.close()


async def test_cpu_time_is_used_up(jail: Jail) -> None:
    console = Console(jail)
    await console.open(BUSY.format(100), limits=replace(QUICK, cpu_seconds=0.5))
    page = await console.attach()
    outcome = await page.until_ended()
    assert outcome.ended is Ended.CPU
    assert 0.5 <= outcome.cpu_seconds < 0.7
    info = await console.info()
    assert (info.cpu_limit_seconds, info.outcome) == (0.5, outcome)
    assert info.cpu_seconds == pytest.approx(outcome.cpu_seconds, abs=0.1)
    await console.end()
    page.close()


async def test_usage_is_told_while_somebody_watches(jail: Jail) -> None:
    console = Console(jail)
    await console.open(BUSY.format(8))
    page = await console.attach()
    first = await page.until_event("usage")
    second = await page.until_event("usage")
    assert 0 <= first["cpu_seconds"] < second["cpu_seconds"] <= 10
    assert second["cpu_limit_seconds"] == 10
    await console.end()
    page.close()


async def test_nobody_types_and_nothing_happens(jail: Jail) -> None:
    console = Console(jail)
    await console.open(limits=replace(QUICK, wall_seconds=0.5))
    page = await console.attach()
    assert (await page.until_ended()).ended is Ended.WALL
    await console.end()
    page.close()


async def test_cpu_use_is_life(jail: Jail) -> None:
    """What computes is not idle, though nobody types."""
    console = Console(jail)
    await console.open(BUSY.format(2), limits=replace(QUICK, wall_seconds=1.0))
    page = await console.attach()
    outcome = await page.until_ended()
    assert outcome.ended is Ended.FINISHED
    assert outcome.wall_seconds > 1.5
    await console.end()
    page.close()


async def test_typing_is_life(jail: Jail) -> None:
    console = Console(jail)
    code = f"import time\n{ECHO}    time.sleep(0.5)\n    print('slept')\n"
    await console.open(code, limits=replace(QUICK, wall_seconds=3.0))
    page = await console.attach()
    for number in range(1, 9):
        page.type(b"hello\n")
        await page.until(lambda number=number: page.output.count(b"slept") == number)
    assert (await console.info()).outcome is None
    await console.end()
    page.close()


async def test_it_is_started_again(jail: Jail) -> None:
    """In the same session: offsets go on, the CPU minute is a new one; what still runs is ended before."""
    console = Console(jail)
    await console.open(BUSY.format(0.3) + "input()")
    page = await console.attach()
    await page.until_output(b"up\r\n")
    info = await console.restart(ECHO)
    assert (info.outcome, info.id) == (None, console.id)
    assert info.cpu_seconds < 0.3
    assert (await page.until_ended()).ended is Ended.KILLED
    assert (await page.until_event("restarted"))["offset"] == page.end
    await page.until(lambda: page.output.count(b"up") == 2)
    page.type(b"bye\n")
    assert (await page.until_ended()).ended is Ended.FINISHED
    await console.restart(ECHO)
    await page.until_event("restarted")
    await page.until(lambda: page.output.count(b"up") == 3)
    page.type(b"hello\n")
    await page.until_output(b"got hello")
    await console.end()
    page.close()


async def test_only_its_owner_has_it_started_again(jail: Jail) -> None:
    console = Console(jail)
    await console.open()
    other = Console(jail.beside(), console.id)
    with pytest.raises(SandboxRefused, match="belongs"):
        await other.restart()
    assert (await console.info()).outcome is None
    await console.end()


async def test_its_size(jail: Jail) -> None:
    """Is what the program sees from its beginning, and the driver's to change; everybody is told."""
    console = Console(jail)
    code = """
    import os, signal
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})
    while True:
        print(*os.get_terminal_size(), flush=True)
        signal.sigwait({signal.SIGWINCH})
    """
    await console.open(code, size=Size(30, 100))
    page, other = await console.attach(), await console.attach("other")
    await page.until_output(b"100 30\r\n")
    page.attachment.resize(Size(50, 200))
    await page.until_output(b"200 50\r\n")
    assert await other.until_event("size") == {"rows": 50, "columns": 200}
    assert (await console.info()).size == Size(50, 200)
    other.attachment.resize(Size(1, 1))
    assert "keyboard" in (await other.until_event("refused"))["text"]
    assert (await console.info()).size == Size(50, 200)
    await console.end()
    page.close()
    other.close()


async def test_its_terminal_may_be_let_go_and_opened_again(jail: Jail) -> None:
    """By a program that closes all it has; meanwhile nobody turns in circles."""
    console = Console(jail)
    code = """
    import os, time
    print("up", flush=True)
    for number in (0, 1, 2):
        os.close(number)
    time.sleep(0.5)
    os.open("/dev/tty", os.O_RDWR)
    os.write(0, b"again")
    """
    await console.open(code)
    page = await console.attach()
    await page.until_ended()
    assert bytes(page.output) == b"up\r\nagain"
    await console.end()
    page.close()


async def test_there_is_no_such_console(jail: Jail) -> None:
    console = Console(jail, "never-opened")
    for question in (console.info, console.end, console.attach, console.restart):
        with pytest.raises(SessionGone):
            await question()


async def test_two_of_one_id(jail: Jail) -> None:
    console = Console(jail)
    await console.open()
    with pytest.raises(SandboxRefused, match="already"):
        await console.open()
    await console.end()


async def test_a_runtime_that_is_not_there(jail: Jail) -> None:
    with pytest.raises(SandboxRefused, match="nonsense"):
        await Console(jail).open(runtime="nonsense")


async def test_a_person_without_a_home(jail: Jail) -> None:
    console = Console(jail)
    job = console.job(ECHO)
    jail.home.rename(jail.home.with_name(f"{jail.owner}-moved"))
    with pytest.raises(SandboxRefused, match="home"):
        await consoles.open_session(console.socket, console.id, job, SIZE, {})


async def test_its_program_is_stopped_and_the_console_says_why(jail: Jail) -> None:
    console = Console(jail)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up\r\n")
    await consoles.stop_session(console.socket, console.id, Ended.DISK)
    assert (await page.until_ended()).ended is Ended.DISK
    assert (await console.info()).outcome.ended is Ended.DISK
    await consoles.stop_session(console.socket, console.id, Ended.DISK)  # nothing runs any more
    with pytest.raises(SandboxRefused):
        await consoles.stop_session(console.socket, console.id, Ended.FINISHED)
    with pytest.raises(SessionGone):
        await consoles.stop_session(console.socket, "nobody", Ended.DISK)
    await console.end()
    page.close()
