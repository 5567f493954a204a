"""Pages and servers that do not keep to the protocol: each is cut off with a reason, and nothing is left of it."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from editor import language, pace
from editor.framing import MESSAGE_MAX_BYTES
from sandbox.limits import LANGUAGE
from tests.console.conftest import logged_in, story
from tests.editor.language_world import Page
from tests.sandbox.jail import until

HELLO = json.dumps({"jsonrpc": "2.0", "method": "hello"})
SILENT = "import sys\nwhile sys.stdin.buffer.read1(): pass"
# Says `say(text)` as a server does, and `raw(bytes)` as none should.
TOOLS = """
import os, sys, time
def raw(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view):]
def say(text):
    raw(b"Content-Length: %d\\r\\n\\r\\n" % len(text.encode()) + text.encode())
"""


@pytest.fixture
def page(world, student) -> Page:
    world.write("student", "a.py")
    return Page.of("a.py", logged_in(student))


def ending_of(page: Page, *frames: str | bytes) -> tuple[str, int]:
    endings = []

    async def telling() -> None:
        await page.enter()
        assert page.is_in
        for frame in frames:
            page.say(frame)
        endings.append(await page.ending())
        await page.task

    story(telling)
    return endings[0]


# Servers


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "ended"),
        ("raise SystemExit(3)", "ended"),
        ("import os; os.kill(os.getpid(), 11)", "ended"),
        ("import os; os.closerange(0, 3); import time; time.sleep(60)", "ended"),
        ("while True: pass", "ended"),
        ("x = bytearray(1 << 30)", "ended"),
    ],
    ids=["ends", "fails", "crashes", "falls silent", "uses the processor", "wants memory"],
)
def test_a_server_that_ends(page, world, settings, monkeypatch, code: str, reason: str) -> None:
    from dataclasses import replace

    monkeypatch.setattr(language, "ENDING_SECONDS", 0.5)
    settings.LANGUAGE_LIMITS = replace(LANGUAGE, cpu_seconds=0.5, memory_bytes=128 * 1024 * 1024)
    world.stand_in(code)
    assert ending_of(page) == (reason, 4410)


@pytest.mark.parametrize(
    "said",
    [
        "raw(b'hello\\n' * 10000)",
        "raw(b'x' * (1 << 20))",
        "raw(b'\\r\\n\\r\\n')",
        "raw(b'Content-Length: 99999999999999999999\\r\\n\\r\\n')",
        f"raw(b'Content-Length: {MESSAGE_MAX_BYTES + 1}\\r\\n\\r\\n')",
        "raw(b'Content-Length: -1\\r\\n\\r\\n')",
        "raw(b'Content-Length: 2_0\\r\\n\\r\\n' + b'x' * 20)",
        "raw(b'Content-Length: 2\\r\\nContent-Length: 3\\r\\n\\r\\nabc')",
        "raw(b'Content-Length: 2\\r\\n\\r\\n\\xff\\xfe')",
        "raw(('Content-Length: \\u0662\\r\\n\\r\\nab').encode())",
        "raw(b'Transfer-Encoding: chunked\\r\\n\\r\\n2')",
    ],
)
def test_a_server_that_says_nonsense(page, world, said: str) -> None:
    world.stand_in(f"{TOOLS}\n{said}\ntime.sleep(60)")
    assert ending_of(page) == ("ended", 4410)


def test_a_server_that_floods(page, world) -> None:
    world.stand_in(f"{TOOLS}\nwhile True: say('x' * 100_000)")
    started = time.monotonic()
    assert ending_of(page) == ("ended", 4410)
    assert time.monotonic() - started < 60


def test_a_server_that_floods_with_nothing(page, world) -> None:
    world.stand_in(f"{TOOLS}\nwhile True: raw(b'Content-Length: 0\\r\\n\\r\\n' * 1000)")
    assert ending_of(page) == ("ended", 4410)


def test_a_page_that_does_not_read_stops_the_server(page, world) -> None:
    """What the web server has not got rid of is not asked for."""
    world.stand_in(f"{TOOLS}\nwhile True: say('x' * 10_000)")
    sent = []

    async def telling() -> None:
        begun, reading = asyncio.Event(), asyncio.Event()

        async def send(message) -> None:
            if message["type"] == "websocket.send" and "ivle" not in message["text"]:
                assert message["ivle.wait"]
                sent.append(message)
                begun.set()
                await reading.wait()
            page.outgoing.put_nowait(message)

        page.outgoing = asyncio.Queue()
        scope = page_scope(page)
        incoming: asyncio.Queue = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})
        task = asyncio.ensure_future(language.language_socket(scope, incoming.get, send))
        await begun.wait()
        await asyncio.sleep(0.2)
        assert len(sent) == 1
        incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await task

    story(telling)


def page_scope(page: Page) -> dict:
    path, _, query = page.path.partition("?")
    return {
        "type": "websocket",
        "path": path,
        "query_string": query.encode(),
        "scheme": "ws",
        "headers": [(name.encode(), value.encode()) for name, value in page.headers.items()],
        "subprotocols": [],
        "extensions": {},
    }


def test_a_server_that_does_not_listen(page, world, monkeypatch) -> None:
    monkeypatch.setattr(language, "HEARING_SECONDS", 0.3)
    world.stand_in("import time; time.sleep(60)")
    assert ending_of(page, *["x" * 100_000] * 3) == ("ended", 4410)


def test_a_server_that_leaves_others_behind(page, world) -> None:
    """All of them go with the page."""
    world.stand_in(
        f"{TOOLS}\nfor _ in range(20):\n    if not os.fork(): os.setsid(); time.sleep(60)\nsay('up')\ntime.sleep(60)"
    )

    async def telling() -> None:
        await page.enter()
        assert (await page.event())["text"] == "up"
        assert len(world.processes()) > 20
        await page.leave()

    story(telling)
    until(lambda: not world.processes(), "all dead")


def test_a_server_that_is_not_there(page, settings) -> None:
    settings.IVLE_LANGUAGE_SERVER = ("/opt/runtime/bin/none",)
    assert ending_of(page) == ("ended", 4410)


# Pages


def test_nonsense_ends_the_server_or_is_passed_over(page, world) -> None:
    """The real one. Whatever it makes of it, the page hears of it and nothing hangs."""
    nonsense = [
        "hello",
        "[]",
        "{}",
        "null",
        '"',
        "[" * 100_000,
        "\0",
        '{"jsonrpc": "2.0", "id": 1}',
        "Content-Length: 5",
    ]

    async def telling() -> None:
        await page.enter()
        for text in nonsense:
            page.say(text)
        async with asyncio.timeout(10):
            await page.ending()

    story(telling)


def test_a_message_that_would_be_two(page, world) -> None:
    """No message can end itself early: the length is ours."""
    world.stand_in(f"{TOOLS}\nsay(repr(sys.stdin.buffer.read1(1000)))\ntime.sleep(60)")
    heard = []

    async def telling() -> None:
        await page.enter()
        page.say("{}\r\n\r\nContent-Length: 2\r\n\r\n{}")
        heard.append((await page.event())["text"])
        await page.leave()

    story(telling)
    assert heard == [repr(b"Content-Length: 29\r\n\r\n{}\r\n\r\nContent-Length: 2\r\n\r\n{}")]


def test_a_huge_message(page, world) -> None:
    world.stand_in(SILENT)
    assert ending_of(page, "x" * (MESSAGE_MAX_BYTES + 1)) == ("too_large", 4413)


@pytest.mark.parametrize("frame", [b"binary", b"", ""], ids=["binary", "empty binary", "empty"])
def test_a_frame_that_is_no_text(page, world, frame: str | bytes) -> None:
    world.stand_in(SILENT)
    assert ending_of(page, frame) == ("protocol", 4400)


def test_a_flood(page, world, monkeypatch) -> None:
    monkeypatch.setattr(pace, "BURST_BYTES", 100 * 1024.0)
    world.stand_in(SILENT)
    assert ending_of(page, *["x"] * 1000) == ("too_fast", 4429)


def test_a_server_that_nobody_speaks_to(page, world, monkeypatch) -> None:
    """It is ended, however much it says itself."""
    monkeypatch.setattr(language, "IDLE_SECONDS", 0.5)
    world.stand_in(f"{TOOLS}\nwhile True: say('still here'); time.sleep(0.05)")
    assert ending_of(page) == ("idle", 4408)


def test_typing_keeps_it(page, world, monkeypatch) -> None:
    monkeypatch.setattr(language, "IDLE_SECONDS", 3.0)
    world.stand_in(SILENT)

    async def telling() -> None:
        await page.enter()
        for _ in range(5):
            page.say(HELLO)
            await asyncio.sleep(0.8)
        assert page.outgoing.empty()
        assert await page.ending() == ("idle", 4408)

    story(telling)


def test_many_pages_of_one_person(world, student, classmate) -> None:
    """Two have a server, the others are told; nobody else is in their way, and one that leaves makes room."""
    world.stand_in(f"{TOOLS}\nsay('up')\ntime.sleep(60)")
    for owner in ("student", "classmate"):
        world.write(owner, "a.py")

    async def telling() -> None:
        pages = [Page.of("a.py", logged_in_student) for _ in range(2)]
        for page in pages:
            await page.enter()
            assert (await page.event())["text"] == "up"
        for late in [Page.of("a.py", logged_in_student) for _ in range(30)]:
            await late.enter()
            assert await late.ending() == ("busy", 4409)
        other = await Page.of("a.py", logged_in_classmate).enter()
        assert (await other.event())["text"] == "up"
        await pages.pop().leave()
        until(lambda: world.installation.status()["services"] == 2, "room")
        again = await Page.of("a.py", logged_in_student).enter()
        assert (await again.event())["text"] == "up"
        for page in (*pages, other, again):
            await page.leave()

    logged_in_student, logged_in_classmate = logged_in(student), logged_in(classmate)
    story(telling)


def test_pages_that_come_and_go(world, student) -> None:
    """At every moment of a start; the fixture sees to it that nothing is left."""
    world.stand_in(SILENT)
    world.write("student", "a.py")
    headers = logged_in(student)

    async def come_and_go(number: int) -> None:
        page = await Page.of("a.py", headers).enter()
        await asyncio.sleep(number % 10 / 200)
        await page.leave()

    async def telling() -> None:
        await asyncio.gather(*(come_and_go(number) for number in range(40)))

    story(telling)


def test_the_web_server_ends(page, world) -> None:
    world.stand_in(SILENT)

    async def telling() -> None:
        await page.enter()
        await asyncio.sleep(0.1)
        page.task.cancel()
        assert await page.ending() == ("going_away", 4001)
        await asyncio.wait({page.task})
        assert page.task.cancelled()

    story(telling)


def test_no_sandbox(page, world, settings, tmp_path) -> None:
    settings.IVLE_SANDBOX_SOCKET = tmp_path / "none.sock"
    assert ending_of(page) == ("away", 4409)
