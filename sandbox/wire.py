"""Messages on SOCK_SEQPACKET, descriptors beside them: one JSON object a packet between client, supervisor and zygote,
a word and a text where a zygote or a jail takes part.
"""

from __future__ import annotations

import _socket
import contextlib
import json
import os
from _socket import MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_NOSIGNAL, MSG_TRUNC, SCM_RIGHTS, SOL_SOCKET
from array import array
from collections.abc import Sequence
from typing import Any

from sandbox.faults import SandboxError

MESSAGE_MAX_BYTES = 16 * 1024
DESCRIPTORS_MAX = 8
ANCILLARY_MAX_BYTES = _socket.CMSG_LEN(DESCRIPTORS_MAX * array("i").itemsize)

Connection = _socket.socket  # which socket.socket is a kind of


class WireError(SandboxError):
    """The peer sent something that is not a message."""


def send(connection: Connection, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Raises OSError when the peer is gone."""
    packet = json.dumps(message, separators=(",", ":")).encode("ascii")
    post(connection, packet, descriptors)


def receive(connection: Connection) -> tuple[dict[str, Any] | None, list[int]]:
    """One message and its descriptors (the caller's to close); (None, []) when the peer is gone.

    Raises WireError for anything that is not one whole JSON object with a `kind`; descriptors are closed then.
    """
    packet, descriptors, flags = take(connection)
    if not packet and not descriptors:
        return None, []
    try:
        if flags & (MSG_TRUNC | MSG_CTRUNC):
            raise WireError("message too large")
        return parse(packet), descriptors
    except WireError:
        close_all(descriptors)
        raise


def parse(packet: bytes) -> dict[str, Any]:
    """Raises WireError for anything that is not one whole JSON object with a `kind`."""
    try:
        message = json.loads(packet)
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON: {error}") from error
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise WireError("not a message with a kind")
    return message


def say(connection: Connection, kind: str, text: str = "", descriptors: Sequence[int] = ()) -> None:
    """A message so plain that a forked jail touches little memory for it. Raises OSError when the peer is gone."""
    packet = f"{kind} {text}".encode()
    post(connection, packet, descriptors)


def hear(connection: Connection) -> tuple[str, str, list[int]]:
    """The kind, text and descriptors of what `say` sent; the kind is "" when the peer is gone."""
    packet, descriptors, _ = take(connection)
    kind, _, text = packet.decode().partition(" ")
    return kind, text, descriptors


def bare(descriptor: int) -> Connection:
    """For a zygote or a jail: a socket object of Python's own costs it dozens of pages of its memory."""
    return _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, descriptor)


def post(connection: Connection, packet: bytes, descriptors: Sequence[int]) -> None:
    if descriptors:
        rights = [(SOL_SOCKET, SCM_RIGHTS, array("i", descriptors))]
        connection.sendmsg([packet], rights, MSG_NOSIGNAL)
    else:
        connection.send(packet, MSG_NOSIGNAL)


def hear_into(connection: Connection, memory: bytearray) -> tuple[int, list[int]]:
    """How many bytes of `memory` a packet has filled, 0 when the peer is gone; and its descriptors."""
    count, ancillary, _, _ = connection.recvmsg_into([memory], ANCILLARY_MAX_BYTES, MSG_CMSG_CLOEXEC)
    return count, descriptors_of(ancillary)


def take(connection: Connection) -> tuple[bytes, list[int], int]:
    """A packet, its descriptors, and the flags of recvmsg(2). socket.recv_fds would drop the flag we ask for."""
    packet, ancillary, flags, _ = connection.recvmsg(MESSAGE_MAX_BYTES, ANCILLARY_MAX_BYTES, MSG_CMSG_CLOEXEC)
    return packet, descriptors_of(ancillary), flags


def descriptors_of(ancillary: Sequence[tuple[int, int, bytes]]) -> list[int]:
    received = array("i")
    for level, kind, data in ancillary:
        if level == SOL_SOCKET and kind == SCM_RIGHTS:
            received.frombytes(data[: len(data) - len(data) % received.itemsize])
    return list(received)


def close_all(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
