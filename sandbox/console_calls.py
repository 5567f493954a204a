"""What callers may ask of consoles: each question's form is checked here and answered. Called by caller.py."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.environments import is_environment_name
from sandbox.faults import SandboxBusy, SandboxRefused, SessionGone
from sandbox.job import is_owner_name, job_id
from sandbox.limits import KIB, Limits
from sandbox.outcome import Ended
from sandbox.session import Session
from sandbox.session_info import Size, is_session_id, is_shown_name
from sandbox.sessions import RETRY_SECONDS, Sessions, Start
from sandbox.watcher import Watcher

ABOUT_MAX_BYTES = 2 * KIB
LIST_MAX_BYTES = 64 * KIB  # after which the caller has to ask for the rest
ANNOUNCED_MAX_SECONDS = 24 * 3600
WATCHERS_MAX = 64  # of one session

Message = dict[str, Any]
Descriptors = list[int]  # with a question, and with an answer; taken out by whoever closes them
Call = Callable[[Sessions, Message, Descriptors], Awaitable[Message]]


async def on_open(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    session_id, about = message["id"], message["about"]
    want(is_session_id(session_id), "a console's id is 1 to 64 letters, digits, - and _")
    want(isinstance(about, dict) and len(json.dumps(about)) <= ABOUT_MAX_BYTES, "about is an object of at most 2 KiB")
    size = Size.from_message(message["size"])
    return described(await sessions.open(session_id, read_start(message, descriptors), size, about))


async def on_restart(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    session = sessions.get(message["id"])
    await sessions.restart(session, read_start(message, descriptors))
    return described(session)


async def on_get(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    return described(sessions.get(message["id"]))


async def on_end(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    await sessions.end(sessions.get(message["id"]))
    return {"kind": "done"}


async def on_stop_program(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    """The program alone: the console stays, and says why. Nothing where none runs."""
    session = sessions.get(message["id"])
    want(message["why"] in (Ended.DISK, Ended.KILLED), "a program is stopped for its disk, or killed")
    session.stop(Ended(message["why"]))
    return {"kind": "done"}


async def on_list(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    """`after` is the number of the last one the caller knows, and in the answer where to go on, if anywhere."""
    owner, after = message["owner"], message["after"]
    want(owner is None or isinstance(owner, str), "a list is of one owner, or of all")
    want(type(after) is int, "a list goes on after a number")
    found: list[Message] = []
    size = 0
    for session in sessions.by_id.values():
        if session.number > after and owner in (None, session.owner):
            if size > LIST_MAX_BYTES:
                return {"kind": "list", "sessions": found, "after": after}
            found.append(session.info().as_message())
            size += len(json.dumps(found[-1]))
            after = session.number
    return {"kind": "list", "sessions": found, "after": None}


async def on_display(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    """In memory of the answer's own: it may be larger than a packet."""
    kept = sessions.get(message["id"]).displays.kept.get(message["number"])
    if kept is None:
        raise SessionGone("this is no longer kept")
    memory = os.memfd_create("display", os.MFD_CLOEXEC)
    descriptors.append(memory)
    os.write(memory, kept)
    os.lseek(memory, 0, os.SEEK_SET)
    return {"kind": "display"}


async def on_announce_end(sessions: Sessions, message: Message, descriptors: Descriptors) -> Message:
    seconds = message["seconds"]
    want(type(seconds) in (int, float) and 0 <= seconds <= ANNOUNCED_MAX_SECONDS, "an end is announced in seconds")
    return {"kind": "announced", "consoles": sessions.announce_end(seconds)}


CALLS: dict[str, Call] = {
    "announce_end": on_announce_end,
    "open": on_open,
    "restart": on_restart,
    "get": on_get,
    "end": on_end,
    "stop_program": on_stop_program,
    "list": on_list,
    "display": on_display,
}


def attach(sessions: Sessions, message: Message, hand_over: Callable[[], socket.socket]) -> None:
    """Make a watcher of the connection, which `hand_over` gives. Raises SandboxError before it is taken."""
    session = sessions.get(message["id"])
    client, name, offset = message["client"], message["name"], message["offset"]
    want(is_session_id(client), "a client is 1 to 64 letters, digits, - and _")
    want(is_shown_name(name), "a watcher's name is 1 to 64 characters")
    want(isinstance(message["drives"], bool), "a watcher drives or does not")
    scrollback = session.scrollback
    if offset is None:
        offset = scrollback.start
    want(type(offset) is int and 0 <= offset <= scrollback.end, f"there is output up to {scrollback.end} only")
    if len(session.watchers) >= WATCHERS_MAX and client not in session.watchers:
        raise SandboxBusy(f"{WATCHERS_MAX} watch this console already, which is the most it may be.", RETRY_SECONDS)
    watcher = Watcher(hand_over(), session, client, name, offset)
    session.attach(watcher, drives=message["drives"])
    sessions.on_attached(watcher)


def read_start(message: Message, descriptors: Descriptors) -> Start:
    """Takes the payload out of the descriptors."""
    owner, runtime, environment = message["owner"], message["runtime"], message["environment"]
    want(is_owner_name(owner) and isinstance(runtime, str), "a job needs an owner and a runtime")
    want(is_environment_name(environment), "an environment is a name of a-z, 0-9, - and _")
    want(len(descriptors) == 1, "a console needs one descriptor, its payload")
    has_home = message.get("home") is not False
    limits = Limits.from_message(message["limits"])
    return Start(owner, limits, environment, runtime, descriptors.pop(), has_home, job_id(message))


def want(condition: bool, sentence: str) -> None:
    if not condition:
        raise SandboxRefused(sentence)


def described(session: Session) -> Message:
    return {"kind": "session", "session": session.info().as_message()}
