"""What waits for the application of a WebSocket is bounded."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest

from ivle.socket_guard import MESSAGE_BYTES, UNHEARD_MAX_BYTES, GuardedSocket


@pytest.fixture
def guarded() -> GuardedSocket:
    guarded = GuardedSocket()
    guarded.client_addr = None
    guarded.application_queue = asyncio.Queue()
    guarded.transport = Mock()
    return guarded


@pytest.mark.parametrize("payload", [b"x" * 1024 * 1024, b""])
def test_an_application_that_waits_is_not_flooded(guarded: GuardedSocket, payload: bytes) -> None:
    """As a console's is while its program is started anew."""
    most = UNHEARD_MAX_BYTES // (len(payload) + MESSAGE_BYTES)
    for _ in range(most):
        guarded.onMessage(payload, True)
    guarded.transport.abortConnection.assert_not_called()
    guarded.onMessage(payload, True)
    guarded.transport.abortConnection.assert_called_once()
    assert guarded.application_queue.qsize() == most


def test_one_that_keeps_up_hears_it_all(guarded: GuardedSocket) -> None:
    for _ in range(10):
        guarded.onMessage(b"x" * 1024 * 1024, True)
        assert guarded.application_queue.get_nowait()["bytes"]
    guarded.transport.abortConnection.assert_not_called()
