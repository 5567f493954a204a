"""Says in words that too many are here, where this process has hardly a descriptor left. For upload_guard.py.

Twisted would close the connection without a word once there is none; and what is answered needs some beside its
connection: a run takes about eight.
"""

from __future__ import annotations

import os
import resource
from typing import Any, Final

from twisted.internet.protocol import Protocol

RESERVE_MAX: Final = 256  # descriptors for those who are in already
LINGER_SECONDS: Final = 1.0  # for the browser to see the answer while it is still sending
TEXT: Final = b"Very many people are here at the moment. Wait a moment, then try again.\n"
ANSWER: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 2\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(TEXT), TEXT)
)


class FullHouse(Protocol):
    transport: Any

    def connectionMade(self) -> None:  # noqa: N802
        from twisted.internet import reactor  # not before Daphne has chosen it

        self.transport.write(ANSWER)
        self.transport.loseWriteConnection()
        clock: Any = reactor
        clock.callLater(LINGER_SECONDS, self.transport.abortConnection)


def is_full() -> bool:
    """The next descriptor is the lowest number that is free, so it tells how many there are."""
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        number = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True
    os.close(number)
    return number >= most - min(RESERVE_MAX, most // 4)
