"""What callers and pages may send to the supervisor about consoles: anything at all, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox import packets, wire
from sandbox.consoles import SessionGone
from sandbox.faults import SandboxBusy, SandboxRefused
from sandbox.limits import CONSOLE
from tests.sandbox.console import ECHO, SETTINGS, Console, with_consoles
from tests.sandbox.jail import Jail, until

ALL_SPARES = SETTINGS["console_spares"]

__all__ = ["with_consoles"]


def connect(jail: Jail) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(30)
    connection.connect(str(jail.installation.socket))
    return connection


def ask(jail: Jail, message: dict[str, Any], descriptors: int = 0) -> dict[str, Any]:
    with connect(jail) as connection, Path("/dev/null").open("rb") as nothing:
        wire.send(connection, message, [nothing.fileno()] * descriptors)
        answer = connection.recv(1 << 18)
        assert connection.recv(1) == b""  # and nothing is left open there
    return wire.parse(answer)


def open_message(jail: Jail, **others: Any) -> dict[str, Any]:
    return {
        "kind": "open",
        "id": "one",
        "owner": jail.owner,
        "runtime": "python",
        "environment": "standard",
        "limits": CONSOLE.as_message(),
        "size": {"rows": 24, "columns": 80},
        "about": {},
        **others,
    }


def count_descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def opened(pid: int, path: str) -> list[Path]:
    return [held for held in Path(f"/proc/{pid}/fd").iterdir() if held.is_symlink() and str(held.readlink()) == path]


def descriptors_at_rest(jail: Jail) -> int:
    """Of the supervisor, once it has no session and its spares are parked."""
    pid = jail.installation.process.pid
    counts: list[int] = []
    seen: list[object] = []

    def is_at_rest() -> bool:
        status = jail.installation.status()
        counts.append(count_descriptors(pid))
        spares = {kind: state["spares"] for kind, state in status["consoles"].items()}
        seen[:] = status["sessions"], spares, counts[-5:]
        return not status["sessions"] and set(spares.values()) == {ALL_SPARES} and counts[-5:] == counts[-1:] * 5

    try:
        until(is_at_rest, "at rest")
    except AssertionError as fault:
        raise AssertionError(f"{fault}: sessions, spares and descriptors are {seen}") from None
    return counts[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 65},
        {"id": "../x"},
        {"id": ["one"]},
        {"id": "ünicode"},
        {"owner": "nobody-here"},
        {"owner": "../etc"},
        {"owner": None},
        {"runtime": None},
        {"runtime": "python/../x"},
        {"environment": None},
        {"environment": "../x"},
        {"environment": "none-of-that-name"},
        {"limits": None},
        {"limits": {**CONSOLE.as_message(), "cpu_seconds": float("inf")}},
        {"size": None},
        {"size": {}},
        {"size": {"rows": 0, "columns": 80}},
        {"size": {"rows": 501, "columns": 80}},
        {"size": {"rows": 24.0, "columns": 80}},
        {"size": {"rows": True, "columns": 80}},
        {"size": {"rows": "24", "columns": 80}},
        {"about": None},
        {"about": []},
        {"about": {"title": "x" * 2050}},
    ],
    ids=str,
)
def test_a_wrong_console(jail: Jail, wrong: dict[str, Any]) -> None:
    before = jail.installation.status()["sessions"]
    answer = ask(jail, open_message(jail, **wrong), 1)
    assert answer["kind"] == "refused"
    assert answer["text"]
    assert jail.installation.status()["sessions"] == before


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_wrong_number_of_descriptors(jail: Jail, count: int) -> None:
    assert ask(jail, open_message(jail), count)["kind"] == "refused"


@pytest.mark.parametrize("question", ["open", "restart", "get", "end", "list", "display", "attach"])
@pytest.mark.parametrize("content", [{}, {"id": None}, {"id": {}}, {"id": "x", "owner": 5, "after": ""}], ids=str)
def test_a_question_without_sense(jail: Jail, question: str, content: dict[str, Any]) -> None:
    assert ask(jail, {"kind": question, **content}, 1)["kind"] in ("refused", "gone")


def test_a_payload_that_is_none(jail: Jail) -> None:
    """The supervisor does not read it; its program cannot begin, and says so by its end."""
    assert ask(jail, open_message(jail), 1)["kind"] == "session"
    until(lambda: ask(jail, {"kind": "get", "id": "one"})["session"]["outcome"], "over")
    assert ask(jail, {"kind": "end", "id": "one"})["kind"] == "done"


def test_two_questions_on_one_connection(jail: Jail) -> None:
    """Whoever does that has broken the protocol."""
    with connect(jail) as connection:
        wire.send(connection, open_message(jail), [connection.fileno()])
        with contextlib.suppress(BrokenPipeError):  # it was quick
            wire.send(connection, {"kind": "list", "owner": None, "after": -1})
        with contextlib.suppress(ConnectionResetError):  # closed with the second still unread
            answer = connection.recv(1 << 18)
            assert not answer or wire.parse(answer)["kind"] in ("session", "refused")
            assert not answer or connection.recv(1) == b""
    ask(jail, {"kind": "end", "id": "one"})


PACKETS = [
    b"{",
    b"{}",
    b'{"kind":5}',
    b'{"kind":null}',
    b'{"kind":"nothing"}',
    b'{"kind":"__class__"}',
    b'{"kind":["ack"]}',
    b'{"kind":"ack"}',
    b'{"kind":"ack","offset":"1"}',
    b'{"kind":"ack","offset":true}',
    b'{"kind":"ack","offset":1e9}',
    b'{"kind":"ack","offset":1000000000}',
    b'{"kind":"size"}',
    b'{"kind":"size","rows":0,"columns":1}',
    b'{"kind":"size","rows":501,"columns":1}',
    b'{"kind":"size","rows":"1","columns":1}',
    b'{"kind":"size","rows":null,"columns":[]}',
    b'{"a":' + b"[" * 60_000,
    b"[]",
    b"x",
    b"i",
    b"i" + b"\0" * 7,
    b"i" + b"\0" * 8,
    packets.pack(b"o", 0, b"hello"),
    packets.pack(b"d", 0, b"hello"),
    packets.pack(b"\xff", 0, b"hello"),
    packets.pack(b"i", 0, b"x" * (packets.INPUT_MAX_BYTES + 1)),
    b"i" * 150_000,
    b"{" + b" " * 150_000,
    b'{"kind":"release"}' + b" " * 150_000,
]


@pytest.mark.parametrize("packet", PACKETS, ids=lambda packet: f"{packet[:30]!r} {len(packet)}")
async def test_a_wrong_packet(jail: Jail, packet: bytes) -> None:
    """Its sender is told and let go; the session and who else watches it are as they were."""
    console = Console(jail)
    await console.open()
    other, page = await console.attach("other"), await console.attach("page", drives=False)
    page.attachment._connection.send(packet)
    with pytest.raises(SandboxRefused, match="talked to"):
        await page.until_event("never")
    other.type(b"hello\n")
    await other.until_output(b"got hello")
    assert [watcher.client for watcher in (await console.info()).watchers] == ["other"]
    await console.end()
    page.close()
    other.close()


async def test_an_ack_beyond_what_was_sent(jail: Jail) -> None:
    console = Console(jail)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up\r\n")
    page.attachment.ack(page.end + 1)
    with pytest.raises(SandboxRefused, match="never sent"):
        await page.until_event("never")
    await console.end()
    page.close()


async def test_offsets_beyond_all_numbers(jail: Jail) -> None:
    """The largest that fits is a gap as any other."""
    console = Console(jail)
    await console.open()
    page = await console.attach()
    page.attachment.type(2**64 - 1, b"x")
    assert "goes on" in (await page.until_event("refused"))["text"]
    await console.end()
    page.close()


async def test_descriptors_sent_along(jail: Jail) -> None:
    """None stays."""
    console = Console(jail)
    await console.open()
    page = await console.attach()
    await page.until_output(b"up")
    pid = jail.installation.process.pid
    nothing = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(20):
        socket.send_fds(page.attachment._connection, [packets.pack(b"i", page.typed, b"x")], [nothing] * 8)
        page.typed += 1
    os.close(nothing)
    await page.until(lambda: page.attachment.typed == page.typed)
    assert not opened(pid, "/dev/zero")
    await console.end()
    page.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": ""},
        {"client": "x" * 65},
        {"client": "a b"},
        {"client": None},
        {"name": ""},
        {"name": "x" * 65},
        {"name": "a\x1b[2J"},
        {"name": None},
        {"drives": 1},
        {"drives": None},
        {"offset": "0"},
        {"offset": -1},
        {"offset": 1.0},
    ],
    ids=str,
)
async def test_a_wrong_attachment(jail: Jail, wrong: dict[str, Any]) -> None:
    console = Console(jail)
    await console.open()
    message = {"kind": "attach", "id": console.id, "client": "page", "name": "somebody", "offset": None, "drives": True}
    assert ask(jail, {**message, **wrong}, 1)["kind"] == "refused"
    assert (await console.info()).watchers == ()
    await console.end()


async def test_pages_that_come_and_go(jail: Jail) -> None:
    """At every moment; nothing is left of them, nor of their consoles."""
    for number in range(3):
        console = Console(jail, f"warm-{number}")
        await console.open()
        await console.end()
    before = descriptors_at_rest(jail)
    for number in range(30):
        console = Console(jail, f"short-{number}")
        await console.open(ECHO if number % 2 else "print('short')")
        for client in range(5):
            page = await console.attach(f"page-{client % 3}")
            if client % 2:
                await page.take()
            page.close()
        await console.end()
    assert descriptors_at_rest(jail) <= before + 8
    with pytest.raises(SessionGone):
        await console.info()


async def test_memory_is_bounded_whatever_watchers_do(jail: Jail) -> None:
    """Floods watched by pages that neither read nor confirm."""
    pid = jail.installation.process.pid
    flood = "import sys\nfor _ in range(30_000): sys.stdout.write('0123456789' * 100 + '\\n')"
    sessions = [Console(jail) for _ in range(4)]
    pages = []
    for console in sessions:
        await console.open(flood)
        pages += [await console.attach(f"idle-{number}", drives=False) for number in range(20)]
    before = memory_bytes(pid)
    for console in sessions:
        watching = await console.attach("watching", drives=False)
        if (await console.info()).outcome is None:
            await watching.until_ended()
        watching.close()
    assert memory_bytes(pid) - before < 16_000_000
    for console in sessions:
        await console.end()
    for page in pages:
        page.close()


def memory_bytes(pid: int) -> int:
    """Of its own, not shared with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))


async def test_too_many_of_one_person_and_in_all(start: Callable[..., Jail]) -> None:
    """Whoever has reached a maximum is told; there is room again when one has ended, though it stays readable."""
    jail = start(**SETTINGS | {"console_spares": 0, "most_sessions": 3, "most_sessions_of_owner": 2})
    mine = [Console(jail) for _ in range(3)]
    await mine[0].open()
    await mine[1].open("input('up')")
    with pytest.raises(SandboxBusy, match="2 consoles open") as busy:
        await mine[2].open()
    assert busy.value.retry_after_seconds > 0
    other = Console(jail.beside())
    await other.open()
    third = Console(jail.beside("third"))
    with pytest.raises(SandboxBusy, match="3 consoles are open"):
        await third.open()
    page = await mine[1].attach()
    page.type(b"\n")
    await page.until_ended()
    assert (await mine[1].info()).outcome is not None
    await third.open()
    with pytest.raises(SandboxBusy):
        await mine[1].restart()
    assert (await mine[1].info()).outcome is not None
    await third.end()
    await mine[1].restart()
    page.close()
    assert jail.installation.status()["sessions"] == 3


def test_a_supervisor_without_consoles(start: Callable[..., Jail]) -> None:
    jail = start(spares=0)
    answer = ask(jail, open_message(jail), 1)
    assert (answer["kind"], answer["text"]) == ("refused", "there are no consoles here")
    assert json.loads(json.dumps(jail.installation.status()))["consoles"]["python"]["spares"] == 0
