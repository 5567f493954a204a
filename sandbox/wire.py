"""Messages on SOCK_SEQPACKET, descriptors beside them: one JSON object a packet between client, supervisor and zygote,
a word and a text between supervisor and init.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from array import array
from collections.abc import Sequence
from typing import Any

from sandbox.faults import SandboxError

MESSAGE_MAX_BYTES = 16 * 1024
DESCRIPTORS_MAX = 8
ANCILLARY_MAX_BYTES = socket.CMSG_LEN(DESCRIPTORS_MAX * array("i").itemsize)


class WireError(SandboxError):
    """The peer sent something that is not a message."""


def send(connection: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Raises OSError when the peer is gone."""
    packet = json.dumps(message, separators=(",", ":")).encode("ascii")
    if descriptors:
        socket.send_fds(connection, [packet], list(descriptors), socket.MSG_NOSIGNAL)
    else:
        connection.send(packet, socket.MSG_NOSIGNAL)


def receive(connection: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """One message and its descriptors (the caller's to close); (None, []) when the peer is gone.

    Raises WireError for anything that is not one whole JSON object with a `kind`; descriptors are closed then.
    """
    packet, descriptors, flags = take(connection)
    if not packet and not descriptors:
        return None, []
    try:
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
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


def say(connection: socket.socket, kind: str, text: str = "", descriptors: Sequence[int] = ()) -> None:
    """A message so plain that a forked jail touches little memory for it. Raises OSError when the peer is gone."""
    packet = f"{kind} {text}".encode()
    if descriptors:
        socket.send_fds(connection, [packet], descriptors, socket.MSG_NOSIGNAL)
    else:
        connection.send(packet, socket.MSG_NOSIGNAL)


def hear(connection: socket.socket) -> tuple[str, str, list[int]]:
    """The kind, text and descriptors of what `say` sent; the kind is "" when the peer is gone."""
    packet, descriptors, _ = take(connection)
    kind, _, text = packet.decode().partition(" ")
    return kind, text, descriptors


def take(connection: socket.socket) -> tuple[bytes, list[int], int]:
    """A packet, its descriptors, and the flags of recvmsg(2). socket.recv_fds would drop the flag we ask for."""
    packet, ancillary, flags, _ = connection.recvmsg(MESSAGE_MAX_BYTES, ANCILLARY_MAX_BYTES, socket.MSG_CMSG_CLOEXEC)
    received = array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            received.frombytes(data[: len(data) - len(data) % received.itemsize])
    return packet, list(received), flags


def close_all(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
