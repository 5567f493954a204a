"""Who watches a console: what each is sent, who drives, and that nobody slows anybody."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import consoles
from sandbox.console_calls import WATCHERS_MAX
from sandbox.consoles import SessionGone
from sandbox.faults import SandboxBusy, SandboxRefused
from sandbox.limits import KIB
from sandbox.session import CREDIT_BYTES
from tests.sandbox.console import QUIET, Console, Page, with_consoles
from tests.sandbox.jail import Jail

COUNTER = f"""
{QUIET}
import sys
print("up", flush=True)
while True:
    count = int(input())
    for number in range(count):
        sys.stdout.write(f"{{number:06}}\\n")
    print("end", flush=True)
"""
LINE_BYTES = 8  # six digits, and a line end as a terminal has it
FLOOD = "import sys\nprint('up')\nwhile True: sys.stdout.write('0123456789' * 100 + '\\n')"

__all__ = ["with_consoles"]


def lines(count: int) -> bytes:
    return b"".join(b"%06d\r\n" % number for number in range(count))


async def test_who_comes_later_sees_it_all(jail: Jail) -> None:
    """And is told where the past ends."""
    console = Console(jail)
    await console.open(COUNTER)
    first = await console.attach("first")
    assert (await first.until_event("replayed"))["offset"] == first.end or first.end is None
    first.type(b"100\n")
    await first.until_output(b"end\r\n")
    second = await console.attach("second")
    replayed = await second.until_event("replayed")
    assert second.output == first.output
    assert replayed["offset"] == second.end == first.end
    await console.end()
    first.close()
    second.close()


async def test_who_comes_again_gets_the_rest(jail: Jail) -> None:
    """From any byte on."""
    console = Console(jail)
    await console.open(COUNTER)
    page = await console.attach()
    page.type(b"20\n")
    await page.until_output(b"end\r\n")
    page.close()
    for offset in range(0, len(page.output) + 1, 7):
        again = await console.attach(offset=offset)
        await again.until_event("replayed")
        assert again.output == page.output[offset:]
        again.close()
    await console.end()


async def test_reconnecting_under_output_loses_no_byte(jail: Jail) -> None:
    """Nor gets one twice. Each portion is less than what is kept, however long nobody is there."""
    console = Console(jail)
    count = 20_000
    await console.open(COUNTER)
    page = await console.attach()
    await page.until_output(b"up\r\n")
    whole, reconnects = bytearray(), 0
    for portion in range(1, 7):
        page.output = bytearray()
        page.type(b"%d\n" % count)
        await page.until(lambda page=page: page.output)  # what a page typed just before may have to be typed again
        whole += page.output
        while whole.count(b"end\r\n") < portion:
            end = page.end
            page.close()
            page = await console.attach(offset=end)
            page.end = end
            reconnects += 1
            await page.until(lambda page=page: page.output)
            whole += page.output
    page.close()
    assert bytes(whole) == (lines(count) + b"end\r\n") * 6
    assert reconnects > 5
    await console.end()


async def test_what_is_forgotten_is_marked(jail: Jail) -> None:
    console = Console(jail)
    count = 150_000
    await console.open(COUNTER)
    page = await console.attach()
    page.type(b"%d\n" % count)
    await page.until_output(b"end\r\n")
    page.close()
    again = await console.attach(offset=2)
    await again.until_event("replayed")
    assert len(again.gaps) == 1
    (begin, end) = again.gaps[0]
    assert begin == 2
    assert again.end == page.end
    assert again.output == page.output[end:]
    assert len(again.output) == 256 * KIB
    again.close()
    whole = await console.attach()
    await whole.until_event("replayed")
    assert whole.gaps == []
    assert whole.attachment.info.start_offset == end
    assert whole.output == again.output
    whole.close()
    await console.end()


@pytest.mark.parametrize("offset", [10**6, -1, "1", 1.5, True])
async def test_an_offset_that_cannot_be(jail: Jail, offset: int) -> None:
    console = Console(jail)
    await console.open()
    with pytest.raises(SandboxRefused):
        await console.attach(offset=offset)
    await console.end()


async def test_a_driver_that_shows_nothing_stops_the_program(jail: Jail) -> None:
    """At its credit; it goes on when the driver does."""
    console = Console(jail)
    await console.open(FLOOD)
    page = await console.attach(acks=False)
    await page.until(lambda: page.end == CREDIT_BYTES)
    with pytest.raises(asyncio.TimeoutError):
        await more_output(page)
    assert (await console.info()).end_offset == CREDIT_BYTES
    page.attachment.ack(CREDIT_BYTES // 2)
    await page.until(lambda: page.end == CREDIT_BYTES + CREDIT_BYTES // 2)
    page.close()
    other = await console.attach("other", drives=False, acks=False)
    await other.until(lambda: (other.end or 0) > 4 * CREDIT_BYTES)  # nobody drives: it runs free
    other.close()
    await console.end()


async def more_output(page: Page) -> None:
    """Raises TimeoutError when none came for a while; usage is told all the time."""
    async with asyncio.timeout(0.3):
        end = page.end
        while page.end == end:
            await page.take()


async def test_a_watcher_that_does_not_read_slows_nobody(jail: Jail) -> None:
    """It is skipped, and goes on from what is kept."""
    console = Console(jail)
    await console.open(FLOOD)
    driver = await console.attach("driver")
    idle = [await console.attach(f"idle-{number}", drives=False) for number in range(5)]
    await driver.until(lambda: len(driver.output) > 8_000_000)
    assert driver.gaps == []
    slow = idle[0]
    await slow.until(lambda: slow.gaps)
    await slow.until(lambda: slow.end > slow.gaps[0][1] + 1000)
    begin = slow.gaps[0][1]
    kept = slow.output[slow.gaps[0][0] - slow.start :]
    expected = driver.output[begin : begin + len(kept)]
    assert kept[: len(expected)] == expected
    await console.end()
    for page in (driver, *idle):
        page.close()


async def test_one_drives_at_a_time(jail: Jail) -> None:
    """Whoever came first, until it leaves, gives the keyboard away, or another takes it; everybody is told."""
    console = Console(jail)
    await console.open()
    first, second = await console.attach("first"), await console.attach("second")
    assert [watcher.drives for watcher in second.attachment.info.watchers] == [True, False]
    second.type(b"hello\n")
    assert "keyboard" in (await second.until_event("refused"))["text"]
    second.attachment.drive()
    assert await drives(first, "second")
    first.type(b"hello\n")
    assert "somebody else" in (await first.until_event("refused"))["text"]
    second.type(b"mine\n")
    await first.until_output(b"got mine")
    second.attachment.release()
    assert await drives(first, None)
    second.type(b"hello\n")
    assert "take the keyboard" in (await second.until_event("refused"))["text"]
    first.attachment.drive()
    assert await drives(second, "first")
    first.close()
    assert await drives(second, None)
    third = await console.attach("third")
    assert await drives(second, "third")
    assert b"hello" not in second.output
    await console.end()
    second.close()
    third.close()


async def drives(page: Page, client: str | None) -> bool:
    """Waits until this page is told that this client drives."""
    while True:
        watchers = (await page.until_event("watchers"))["watchers"]
        if [watcher["client"] for watcher in watchers if watcher["drives"]] == ([client] if client else []):
            return True


async def test_the_same_page_comes_again(jail: Jail) -> None:
    """Before its end was noticed: the earlier connection is closed, and it keeps the keyboard."""
    console = Console(jail)
    await console.open()
    page = await console.attach("page")
    other = await console.attach("other")
    again = await console.attach("page")
    with pytest.raises(SandboxRefused, match="anew"):
        await page.until_event("never")
    assert [(watcher.client, watcher.drives) for watcher in (await console.info()).watchers] == [
        ("other", False),
        ("page", True),
    ]
    again.type(b"hello\n")
    await other.until_output(b"got hello")
    await console.end()
    for one in (page, other, again):
        one.close()


async def test_many_attach(jail: Jail) -> None:
    """So many may watch; one more is told so, and there is room again when one leaves."""
    console = Console(jail)
    await console.open()
    pages = [await console.attach(f"page-{number}", drives=False) for number in range(WATCHERS_MAX)]
    with pytest.raises(SandboxBusy, match="watch this console"):
        await console.attach("one-more")
    again = await console.attach("page-0")
    assert len((await console.info()).watchers) == WATCHERS_MAX
    pages.pop().close()
    while len((await console.info()).watchers) == WATCHERS_MAX:
        await again.take()
    one_more = await console.attach("one-more")
    await one_more.until_output(b"up")
    await console.end()
    for page in (*pages, again, one_more):
        page.close()


async def test_a_read_that_is_given_up_loses_nothing(jail: Jail) -> None:
    console = Console(jail)
    await console.open(COUNTER)
    page = await console.attach()
    await page.until_output(b"up\r\n")
    page.type(b"50000\n")
    given_up = 0
    while not page.output.endswith(b"end\r\n"):
        task = asyncio.create_task(page.attachment.read())
        await asyncio.sleep(0)
        if not task.done():
            task.cancel()
            given_up += 1
            with pytest.raises(asyncio.CancelledError):
                await task
            await page.take()
        else:
            arrival = task.result()
            if isinstance(arrival, consoles.Output):
                assert arrival.offset == page.end
                page.output += arrival.data
                page.end += len(arrival.data)
                page.attachment.ack(page.end)
    assert page.output.endswith(lines(50_000) + b"end\r\n")
    assert given_up
    await console.end()
    page.close()


async def test_attached_to_one_that_has_ended(jail: Jail) -> None:
    """It stays, readable; what is typed goes nowhere, and is counted."""
    console = Console(jail)
    await console.open("print('short')")
    page = await console.attach()
    if page.attachment.info.outcome is None:
        await page.until_ended()
    page.close()
    late = await console.attach("late")
    await late.until_event("replayed")
    assert late.output == b"short\r\n"
    assert late.attachment.info.outcome is not None
    late.type(b"anybody?\n")
    assert (await late.until_event("typed"))["offset"] == 9
    late.attachment.interrupt()
    late.attachment.resize(consoles.Size(10, 10))
    await late.until_event("size")
    await console.end()
    with pytest.raises(SessionGone):
        await late.until_event("never")
    late.close()
