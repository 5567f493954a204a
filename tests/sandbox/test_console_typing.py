"""What is typed into a console: once, in order, never more than is waited for, and interrupts ahead of it all."""

from __future__ import annotations

import hashlib
import os

import pytest

from sandbox.consoles import Size
from sandbox.keyboard import CLIENTS_MAX, PIECE_BYTES, WAITING_MAX_BYTES, Keyboard
from sandbox.packets import INPUT_MAX_BYTES
from tests.sandbox.console import ECHO, QUIET, Console, with_consoles
from tests.sandbox.jail import Jail

RAW = "import sys, tty\ntty.setraw(0)\n"
DEAF = """
import time
try:
    print("up", flush=True)
    while True: time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
KERNEL_BYTES = 24 * 1024  # more than a terminal takes while its program does not read

__all__ = ["with_consoles"]


@pytest.fixture
def console(jail: Jail) -> Console:
    return Console(jail)


async def test_what_is_sent_twice_is_typed_once(console: Console) -> None:
    """As after a lost connection, when the page cannot know what arrived."""
    await console.open(QUIET + ECHO)
    page = await console.attach()
    await page.until_output(b"up")
    page.attachment.type(0, b"one\n")
    page.attachment.type(0, b"one\n")
    page.attachment.type(2, b"e\ntwo\n")
    await page.until_output(b"got two\r\n")
    page.close()
    again = await console.attach()
    assert again.attachment.typed == 8
    again.attachment.type(0, b"one\ntwo\nthree\n")
    await again.until_output(b"got three\r\n")
    assert bytes(again.output) == b"up\r\ngot one\r\ngot two\r\ngot three\r\n"
    await again.until(lambda: again.attachment.typed == 14)
    await console.end()
    again.close()


async def test_what_is_missing_is_not_guessed(console: Console) -> None:
    await console.open(QUIET + ECHO)
    page = await console.attach()
    await page.until_output(b"up")
    page.attachment.type(5, b"rest\n")
    assert "byte 5" in (await page.until_event("refused"))["text"]
    page.attachment.type(0, b"whole\n")
    await page.until_output(b"got whole\r\n")
    assert bytes(page.output) == b"up\r\ngot whole\r\n"
    await console.end()
    page.close()


async def test_each_client_has_offsets_of_its_own(console: Console) -> None:
    await console.open(QUIET + ECHO)
    watching = await console.attach("watching", drives=False)
    await watching.until_output(b"up")
    for number in range(3):
        page = await console.attach(f"page-{number}")
        page.type(b"from %d\n" % number)
        await watching.until_output(b"got from %d\r\n" % number)
        page.close()
    again = await console.attach("page-0")
    assert again.attachment.typed == len(b"from 0\n")
    await console.end()
    again.close()
    watching.close()


async def test_who_is_here_is_never_forgotten() -> None:
    """However many others type; of those who have left, the latest are remembered."""
    here = {"page"}
    keyboard = Keyboard(lambda client, offset: None, here.__contains__)
    keyboard.type("page", 0, b"before")
    for number in range(CLIENTS_MAX + 1):
        keyboard.type(f"other-{number}", 0, b"x")
    keyboard.type("page", 6, b" and after")
    assert keyboard.typed_by("page") == len(b"before and after")
    assert keyboard.typed_by("other-0") == 0
    assert keyboard.typed_by("other-1") == 1
    assert len(keyboard.typists) == CLIENTS_MAX + 1


async def test_key_after_key_while_nothing_is_read() -> None:
    """Waits in few pieces, and comes out as it went in."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    keyboard = Keyboard(lambda client, offset: None, lambda client: True)
    keyboard.connect(writing)
    typed = b"".join(b"%d " % number for number in range(20_000))[:60_000]
    before = os.write(writing, b"x" * (1 << 20))
    for offset in range(len(typed)):
        keyboard.type("page", offset, typed[offset : offset + 1])
    assert keyboard.waiting_bytes == len(typed)
    assert len(keyboard.waiting) <= len(typed) // PIECE_BYTES + 1
    assert len(os.read(reading, before)) == before
    keyboard.write()
    assert os.read(reading, len(typed)) == typed
    assert keyboard.typed_by("page") == len(typed)
    keyboard.disconnect()
    os.close(reading)
    os.close(writing)


async def test_what_is_typed_without_the_keyboard_counts(console: Console) -> None:
    """Else what the page types later would be out of order, or typed twice once it has been away."""
    await console.open(QUIET + ECHO)
    first, second = await console.attach("first"), await console.attach("second")
    await first.until_output(b"up")
    second.type(b"lost\n")
    assert (await second.until_event("refused"))["read_only"]
    await second.until(lambda: second.attachment.typed == second.typed)
    second.attachment.skip(second.typed, 3)
    second.typed += 3
    second.attachment.drive()
    second.type(b"kept\n")
    await second.until_output(b"got kept\r\n")
    second.close()
    again = await console.attach("second")
    assert again.attachment.typed == again.attachment.received == second.typed
    await again.until_output(b"up\r\ngot kept\r\n")
    await console.end()
    first.close()
    again.close()


async def test_what_is_withdrawn_is_not_typed_later(console: Console) -> None:
    """And how much of it was typed is exact."""
    code = f"""{RAW}
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGWINCH}})
print("up", flush=True)
signal.sigwait({{signal.SIGWINCH}})
count = 0
while os.read(0, 1) != b".":
    count += 1
print("read", count, flush=True)
"""
    await console.open(code)
    page = await console.attach()
    await page.until_output(b"up")
    page.type(b"x" * INPUT_MAX_BYTES)
    page.attachment.withdraw()
    typed = (await page.until_event("withdrawn"))["offset"]
    assert typed < INPUT_MAX_BYTES
    await page.until(lambda: page.attachment.typed == INPUT_MAX_BYTES)
    page.type(b".")
    page.attachment.resize(some_size(1))
    await page.until_output(b"read %d\n" % typed)
    await console.end()
    page.close()


async def test_a_long_paste_arrives_whole(console: Console) -> None:
    """Ten megabytes, no faster than the program reads them, and confirmed as they are taken."""
    size = 10_000_000
    code = f"""
    {RAW.replace(chr(10), chr(10) + "    ")}
    import hashlib, os
    digest, left = hashlib.sha256(), {size}
    os.write(1, b"up")
    while left:
        piece = os.read(0, 65536)
        digest.update(piece)
        left -= len(piece)
    os.write(1, b"sum " + digest.hexdigest().encode() + b".")
    """
    await console.open(code)
    page = await console.attach()
    await page.until_output(b"up")
    block = bytes(range(256)) * 64
    digest = hashlib.sha256()
    confirmed = 0
    while page.typed < size:
        data = block[: size - page.typed]
        digest.update(data)
        page.type(data)
        while page.typed - confirmed > WAITING_MAX_BYTES - len(block):
            confirmed = (await page.until_event("typed"))["offset"]
    await page.until_output(b".")
    assert page.output.endswith(b"sum " + digest.hexdigest().encode() + b".")
    await page.until(lambda: page.attachment.typed == size)
    await console.end()
    page.close()


@pytest.mark.parametrize("line", [b"x" * 99 + b"\n", b"x" * 1023 + b"\n"], ids=["short lines", "long lines"])
@pytest.mark.parametrize("amount", [KERNEL_BYTES, 6_000], ids=["beyond the kernel", "within the kernel"])
async def test_ctrl_c_passes_what_is_stuck(console: Console, line: bytes, amount: int) -> None:
    """A program that does not read is interrupted though its terminal takes no more; what waited counts as typed."""
    await console.open(QUIET + DEAF)
    page = await console.attach()
    await page.until_output(b"up")
    page.type(line * (amount // len(line)))
    page.type(b"\x03")
    await page.until_output(b"interrupted")
    await page.until(lambda: page.attachment.typed == page.typed)
    await console.end()
    page.close()


async def test_the_interrupt_button(console: Console) -> None:
    """The same, whatever the program has made of its terminal."""
    await console.open(RAW + DEAF)
    page = await console.attach()
    await page.until_output(b"up")
    page.type(b"x" * KERNEL_BYTES)
    page.attachment.interrupt()
    await page.until_output(b"interrupted")
    await page.until(lambda: page.attachment.typed == page.typed)
    await console.end()
    page.close()


async def test_ctrl_c_that_a_program_wants_to_read(console: Console) -> None:
    """It has turned interrupts off: it gets the byte, in its place."""
    await console.open(RAW + "import os\nos.write(1, b'up')\nwhile True: os.write(1, os.read(0, 1).hex().encode())")
    page = await console.attach()
    await page.until_output(b"up")
    page.type(b"a\x03")
    page.type(b"\x03")
    page.type(b"b")
    await page.until_output(b"61030362")
    await console.end()
    page.close()


async def test_ctrl_c_behind_a_paste_that_a_program_wants_to_read(console: Console) -> None:
    """Though it is slow to read."""
    code = f"""
    import os, time, tty
    tty.setraw(0)
    os.write(1, b"up")
    time.sleep(0.3)
    left = {KERNEL_BYTES}
    while left:
        left -= len(os.read(0, left))
    os.write(1, os.read(0, 1).hex().encode())
    """
    await console.open(code)
    page = await console.attach()
    await page.until_output(b"up")
    page.type(b"x" * KERNEL_BYTES)
    page.type(b"\x03")
    await page.until_output(b"03")
    await console.end()
    page.close()


async def test_ctrl_c_at_a_prompt_is_shown(console: Console) -> None:
    """Where nothing is stuck the terminal does what it always does."""
    code = """
    try:
        print("up", end="", flush=True)
        open(0).readline()
    except KeyboardInterrupt:
        print("stopped")
    """
    await console.open(code)
    page = await console.attach()
    await page.until_output(b"up")
    page.type(b"\x03")
    await page.until_ended()
    assert page.output.startswith(b"up^C")
    assert b"stopped" in page.output
    await console.end()
    page.close()


async def test_interrupt_under_a_flood(console: Console) -> None:
    code = """
    try:
        while True: print("0123456789" * 7)
    except KeyboardInterrupt:
        print("inter" + "rupted")
    """
    await console.open(code)
    page = await console.attach()
    await page.until(lambda: len(page.output) > 1_000_000)
    page.type(b"\x03")
    await page.until_ended()
    assert b"interrupted" in page.output
    await console.end()
    page.close()


async def test_more_than_may_wait(console: Console) -> None:
    """Is refused and not typed; what was taken stays."""
    await console.open(RAW + DEAF)
    page = await console.attach()
    await page.until_output(b"up")
    sent = 0
    refused = None
    while refused is None:
        page.type(b"x" * INPUT_MAX_BYTES)
        sent += INPUT_MAX_BYTES
        page.attachment.resize(some_size(sent))
        while True:
            arrival = await page.take()
            kind = getattr(arrival, "kind", "")
            if kind == "refused":
                refused = arrival
            if kind == "size":
                break
    assert "wait" in refused.content["text"]
    assert sent <= WAITING_MAX_BYTES + KERNEL_BYTES + INPUT_MAX_BYTES
    page.attachment.interrupt()
    await page.until_output(b"interrupted")
    await page.until(lambda: page.attachment.typed == sent - INPUT_MAX_BYTES)
    await console.end()
    page.close()


async def test_a_keyboard_that_changes_hands_takes_nothing_along(console: Console) -> None:
    """What one has typed and nobody has read is thrown away when another takes over; it counts as typed."""
    await console.open(RAW + DEAF)
    first, second = await console.attach("first"), await console.attach("second")
    await first.until_output(b"up")
    first.type(b"x" * INPUT_MAX_BYTES)
    first.type(b"x" * INPUT_MAX_BYTES)
    await first.until_event("typed")
    assert first.attachment.typed < first.typed
    second.attachment.drive()
    await first.until(lambda: first.attachment.typed == first.typed)
    second.type(b"y" * INPUT_MAX_BYTES)
    second.attachment.resize(some_size(1))
    await second.until_event("size")
    assert "refused" not in [event.kind for event in second.events]
    await console.end()
    first.close()
    second.close()


async def test_input_goes_on_after_a_lost_connection(console: Console) -> None:
    """Whenever that is: the page sends again what was not confirmed, and each byte is typed once."""
    await console.open(QUIET + ECHO)
    everything = b"".join(b"%d\n" % number for number in range(2000))
    watching = await console.attach("watching", drives=False)
    await watching.until_output(b"up")
    connections = 0
    page = await console.attach()
    while page.typed < len(everything):
        page.type(everything[page.typed : page.typed + 500])
        if connections % 3:
            await page.until_event("typed")
        page.close()
        page = await console.attach()
        page.typed = page.attachment.typed
        connections += 1
    page.close()
    await watching.until_output(b"got 1999\r\n")
    assert bytes(watching.output) == b"up\r\n" + b"".join(b"got %d\r\n" % number for number in range(2000))
    assert connections > 5
    await console.end()
    watching.close()


@pytest.mark.parametrize("size", [0, INPUT_MAX_BYTES + 1])
async def test_too_much_at_once(console: Console, size: int) -> None:
    await console.open()
    page = await console.attach()
    with pytest.raises(ValueError, match="at once"):
        page.attachment.type(0, b"x" * size)
    await console.end()
    page.close()


def some_size(number: int) -> Size:
    """Another for each number, to see by its event that what was sent before has been dealt with."""
    return Size(1 + number // 1000 % 400, 1 + number % 400)
