"""What programs display beside their terminal, by the channel of its own."""

from __future__ import annotations

import asyncio
import os

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sandbox import consoles
from sandbox.consoles import SessionGone
from sandbox.display_channel import (
    BURST_BYTES,
    BYTES_PER_SECOND,
    MESSAGE_LEAST_BYTES,
    READ_BYTES,
    TURN_MESSAGES,
    DisplayChannel,
)
from sandbox.displays import KEPT_MAX, KEPT_MAX_BYTES, MESSAGE_MAX_BYTES, Budget, ChannelBroken, DisplayReader, Displays
from sandbox.limits import MIB
from tests.sandbox.console import ECHO, Console, with_consoles
from tests.sandbox.jail import Jail

__all__ = ["with_consoles"]

SHOW = """
import fcntl, os
channel = os.open("/run/display", os.O_WRONLY)
def show(content):
    fcntl.flock(channel, fcntl.LOCK_EX)
    line = b'{"mime": "image/png", "bytes": %d, "title": ""}\\n' % len(content)
    data = (len(line) + len(content)).to_bytes(4, "big") + line + content
    while data:
        data = data[os.write(channel, data):]
    fcntl.flock(channel, fcntl.LOCK_UN)
"""


def message(content: bytes) -> bytes:
    return b'{"mime": "image/png", "bytes": %d, "title": ""}\n' % len(content) + content


async def test_a_picture(jail: Jail) -> None:
    """It reaches whoever watches, whole, and not the scrollback; whoever comes later gets it as well."""
    console = Console(jail)
    picture = bytes(range(256)) * 20_000
    await console.open(f"{SHOW}show(b'small')\ninput('more')\nshow(bytes(range(256)) * 20_000)\n{ECHO}")
    page = await console.attach()
    await page.until(lambda: page.displays)
    await page.until_output(b"more")
    page.type(b"\n")
    await page.until(lambda: len(page.displays) == 2)
    assert [(display.offset, display.data) for display in page.displays] == [
        (0, message(b"small")),
        (1, message(picture)),
    ]
    await page.until_output(b"up\r\n")
    assert bytes(page.output) == b"more\r\nup\r\n"
    late = await console.attach("late")
    await late.until(lambda: len(late.displays) == 2)
    assert late.displays == page.displays
    assert await consoles.read_display(console.socket, console.id, 1) == message(picture)
    with pytest.raises(SessionGone):
        await consoles.read_display(console.socket, console.id, 2)
    await console.end()


async def test_the_last_picture_comes_before_the_end(jail: Jail) -> None:
    console = Console(jail)
    await console.open(f"{SHOW}input()\nshow(b'x' * 50_000)")
    page = await console.attach()
    page.type(b"\n")
    await page.until_ended()
    await page.until(lambda: page.displays)
    assert page.displays[0].data == message(b"x" * 50_000)
    await console.end()


async def test_children_display_too(jail: Jail) -> None:
    """Whatever they write at once stays whole."""
    console = Console(jail)
    code = f"""{SHOW}
for number in range(4):
    if os.fork() == 0:
        channel = os.open("/run/display", os.O_WRONLY)  # a lock of its own
        for _ in range(4):
            show(b"%d" % number * 100_000)
        os._exit(0)
for _ in range(4):
    os.wait()
"""
    await console.open(code)
    page = await console.attach()
    await page.until(lambda: len(page.displays) == 16)
    expected = [message(b"%d" % number * 100_000) for number in range(4) for _ in range(4)]
    assert sorted(display.data for display in page.displays) == sorted(expected)
    await console.end()


@pytest.mark.parametrize("nonsense", ["b'\\xff' * 100", "(9 << 20).to_bytes(4, 'big')"])
async def test_nonsense_in_the_channel(jail: Jail, nonsense: str) -> None:
    """Is told once; the terminal goes on, and whoever writes more is not held up."""
    console = Console(jail)
    await console.open(f"{SHOW}os.write(channel, {nonsense})\nshow(b'x' * 10_000_000)\n{ECHO}")
    page = await console.attach()
    await page.until_output(b"up")
    page.type(b"hello\n")
    await page.until_output(b"got hello")
    assert [event.kind for event in page.events].count("refused") <= 1
    assert page.displays == []
    await console.restart(f"{SHOW}show(b'good')\n{ECHO}")
    await page.until(lambda: page.displays)
    assert page.displays[0].data == message(b"good")
    await console.end()


async def test_a_flood_of_pictures(jail: Jail) -> None:
    """Delays nobody's typing, and no more than the latest are kept."""
    console = Console(jail)
    code = f"""{SHOW}
import threading
def flood():
    for number in range(45):
        show(b"%06d" % number * 100_000)
    print("done", flush=True)
threading.Thread(target=flood).start()
{ECHO}"""
    await console.open(code)
    page, idle = await console.attach(), await console.attach("idle")
    for number in range(20):
        page.type(b"%d\n" % number)
        await page.until_output(b"got %d\r\n" % number)
    await page.until_output(b"done")
    await idle.until(lambda: idle.displays and idle.displays[-1].offset == 44)
    assert all(display.data == message(b"%06d" % display.offset * 100_000) for display in idle.displays)
    late = await console.attach("late")
    await late.until(lambda: late.displays and late.displays[-1].offset == 44)
    assert sum(len(display.data) for display in late.displays) <= KEPT_MAX_BYTES
    await console.end()


# Without a jail


@pytest.mark.parametrize("small", [bytes(4), b"\0\0\0\x02{}"])
async def test_a_flood_of_small_ones_leaves_others_their_turn(small: bytes) -> None:
    """A few at a time, then whatever else there is to do; and the program waits when it has displayed very many."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    heard: list[bytes] = []
    is_over = asyncio.Event()
    most = BURST_BYTES // MESSAGE_LEAST_BYTES + TURN_MESSAGES

    def on_message(message: bytes) -> None:
        heard.append(message)
        if len(heard) == most:
            is_over.set()

    channel = DisplayChannel(ours, on_message, pytest.fail)
    os.write(theirs, small * (READ_BYTES // len(small)))
    channel.on_readable()
    assert len(heard) == TURN_MESSAGES
    await is_over.wait()
    channel.allowance = -1.0 * BYTES_PER_SECOND
    channel.on_readable()
    assert channel.timer is not None
    channel.stop()
    os.close(ours)
    os.close(theirs)


async def test_the_last_ones_are_heard_although_much_was_displayed() -> None:
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    heard: list[bytes] = []
    channel = DisplayChannel(ours, heard.append, pytest.fail)
    channel.allowance = -1.0 * BURST_BYTES
    for number in range(3 * TURN_MESSAGES):
        os.write(theirs, b"\0\0\0\x02%02d" % number)
    channel.on_readable()
    channel.stop()
    channel.read_rest()
    assert heard == [b"%02d" % number for number in range(3 * TURN_MESSAGES)]
    os.close(ours)
    os.close(theirs)


@given(some.lists(some.binary(max_size=2000), max_size=10), some.integers(1, 500))
def test_messages_are_cut_wherever_they_are_torn(messages: list[bytes], piece: int) -> None:
    stream = b"".join(len(one).to_bytes(4, "big") + one for one in messages)
    reader = DisplayReader()
    found = [one for at in range(0, len(stream), piece) for one in reader.feed(stream[at : at + piece])]
    assert found == messages


def test_the_largest_message() -> None:
    reader = DisplayReader()
    assert [len(one) for one in reader.feed(MESSAGE_MAX_BYTES.to_bytes(4, "big") + bytes(MESSAGE_MAX_BYTES))] == [
        MESSAGE_MAX_BYTES
    ]
    with pytest.raises(ChannelBroken):
        list(reader.feed((MESSAGE_MAX_BYTES + 1).to_bytes(4, "big")))


@pytest.mark.parametrize("size", [10, 3 * MIB])
def test_the_latest_are_kept(size: int) -> None:
    displays = Displays(Budget())
    for _ in range(100):
        displays.add(bytes(size))
        assert displays.kept_bytes == sum(map(len, displays.kept.values())) <= KEPT_MAX_BYTES
        assert len(displays.kept) <= KEPT_MAX
        assert list(displays.kept) == list(range(displays.start, displays.end))
    assert displays.end == 100
    assert len(displays.kept) == min(KEPT_MAX, KEPT_MAX_BYTES // size)


@given(some.lists(some.tuples(some.integers(0, 3), some.integers(0, 60)), max_size=60))
def test_all_together_keep_so_much(steps: list[tuple[int, int]]) -> None:
    """Whoever keeps most gives up first, and whoever is gone counts no more."""
    budget = Budget(most_bytes=100)
    holders = [Displays(budget) for _ in range(4)]
    for number, size in steps:
        if size == 60:
            budget.release(holders[number])
            holders[number] = Displays(budget)
        else:
            holders[number].add(bytes(size))
        assert budget.kept_bytes == sum(holder.kept_bytes for holder in holders) <= 100
