"""Opens, lists, ends and watches consoles, which live in the supervisor. Every caller outside this package comes here.

Nothing depends on the caller: whoever goes away leaves the console as it is.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

from sandbox import wire
from sandbox.attachment import Attachment, Display, Event, Output
from sandbox.client import SocketPath, connect, raise_fault, sealed
from sandbox.faults import SandboxError, SessionGone
from sandbox.job import Job
from sandbox.outcome import Ended
from sandbox.session_info import SessionInfo, Size, WatcherInfo

__all__ = [
    "Attachment",
    "Display",
    "Event",
    "Output",
    "SessionGone",
    "SessionInfo",
    "Size",
    "WatcherInfo",
    "announce_end",
    "attach",
    "end_session",
    "get_session",
    "list_sessions",
    "open_session",
    "read_display",
    "restart_session",
    "stop_session",
]

ANSWER_MAX_BYTES = 192 * 1024


async def open_session(
    socket_path: SocketPath, session_id: str, job: Job, size: Size, about: dict[str, Any]
) -> SessionInfo:
    """Start a program on a terminal of its own. `about` is at most 2 KiB of JSON. Raises SandboxBusy with its sentence
    where a maximum is reached, SandboxRefused for what is malformed or already there."""
    message = {"kind": "open", "id": session_id, "size": vars(size), "about": about, **job.header()}
    return session_in(await ask(socket_path, message, job))


async def list_sessions(socket_path: SocketPath, owner: str | None = None) -> list[SessionInfo]:
    """Those of one owner, or all, oldest first."""
    sessions: list[SessionInfo] = []
    after = -1
    while True:
        answer = await ask(socket_path, {"kind": "list", "owner": owner, "after": after})
        sessions += map(SessionInfo.from_message, answer["sessions"])
        after = answer["after"]
        if after is None:
            return sessions


async def get_session(socket_path: SocketPath, session_id: str) -> SessionInfo:
    """Raises SessionGone."""
    return session_in(await ask(socket_path, {"kind": "get", "id": session_id}))


async def end_session(socket_path: SocketPath, session_id: str) -> None:
    """Everything in it is dead and its place is free. Raises SessionGone."""
    await ask(socket_path, {"kind": "end", "id": session_id})


async def stop_session(socket_path: SocketPath, session_id: str, why: Ended) -> None:
    """Its program alone: the session stays, and its outcome says why. Raises SessionGone."""
    await ask(socket_path, {"kind": "stop_program", "id": session_id, "why": why})


async def restart_session(socket_path: SocketPath, session_id: str, job: Job) -> SessionInfo:
    """Another program in the same session; one that still runs is ended before. Raises SessionGone."""
    return session_in(await ask(socket_path, {"kind": "restart", "id": session_id, **job.header()}, job))


async def announce_end(socket_path: SocketPath, seconds: float) -> int:
    """That the supervisor will end: everybody who watches is told. How many consoles have a program that runs?"""
    answer = await ask(socket_path, {"kind": "announce_end", "seconds": seconds})
    count: int = answer["consoles"]
    return count


async def attach(
    socket_path: SocketPath, session_id: str, client: str, name: str, offset: int | None, *, drives: bool
) -> Attachment:
    """Watch a session, from this offset of its output on; None: from the start of what is kept. With `drives` it takes
    the keyboard if nobody has it, or this client had. A client is attached once: an earlier attachment is closed.

    Raises SessionGone, SandboxBusy where too many watch, SandboxRefused for what is malformed.
    """
    message = {
        "kind": "attach",
        "id": session_id,
        "client": client,
        "name": name,
        "offset": offset,
        "drives": drives,
    }
    connection = connect(socket_path)
    try:
        answer = await asked(connection, message)
        return Attachment(connection, session_in(answer), answer["typed"], answer["received"])
    except BaseException:
        connection.close()
        raise


async def read_display(socket_path: SocketPath, session_id: str, number: int) -> bytes:
    """One display message that the session still keeps. Raises SessionGone where it does not."""
    return await read_memory(socket_path, {"kind": "display", "id": session_id, "number": number})


async def read_memory(socket_path: SocketPath, message: dict[str, Any]) -> bytes:
    """The answer to a question whose answer comes in memory of its own, as it may be larger than a packet."""
    with connect(socket_path) as connection:
        try:
            wire.send(connection, message)
            await readable(connection)
            answer, descriptors = wire.receive(connection)
        except (OSError, wire.WireError) as error:
            raise SandboxError(f"the connection to the sandbox broke: {error}") from error
    if not descriptors:
        raise_fault(answer or {"kind": ""})
        raise SandboxError("the sandbox gave no answer")
    with open(descriptors[0], "rb") as file:
        return file.read()


def settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, settle, arrived)
    try:
        await arrived
    finally:
        loop.remove_reader(connection)


def session_in(answer: dict[str, Any]) -> SessionInfo:
    return SessionInfo.from_message(answer["session"])


async def ask(socket_path: SocketPath, message: dict[str, Any], job: Job | None = None) -> dict[str, Any]:
    """One question, one answer, on a connection of its own."""
    payload = [] if job is None else [sealed(job)]
    try:
        with connect(socket_path) as connection:
            return await asked(connection, message, payload)
    finally:
        wire.close_all(payload)


async def asked(connection: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
    """The answer, or the fault it tells of, raised."""
    try:
        wire.send(connection, message, descriptors)
        await readable(connection)
        packet = receive(connection)
    except OSError as error:
        raise SandboxError(f"the connection to the sandbox broke: {error}") from error
    if not packet:
        raise SandboxError("the sandbox stopped before it answered")
    answer = wire.parse(packet)
    raise_fault(answer)
    return answer


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(ANSWER_MAX_BYTES)
    except ConnectionResetError:  # closed there before all of ours was read: told once, and the answer is still here
        return connection.recv(ANSWER_MAX_BYTES)
