"""What systemd agrees with a service about: a socket that it listens at for us, and that we are ready. For `up`."""

from __future__ import annotations

import os
import socket
from typing import Final

FIRST_HANDED_OVER: Final = 3  # sd_listen_fds(3)


def handed_over() -> socket.socket | None:
    """The socket of the unit's .socket, if it has one. Whoever we start does not hear of it."""
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or count != "1":
        return None
    listener = socket.socket(fileno=FIRST_HANDED_OVER)
    listener.set_inheritable(False)
    return listener


def tell(state: str) -> None:
    """Such as `READY=1` or `STOPPING=1`: sd_notify(3). Nothing where nobody wants to know."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.connect(address)
        door.send(state.encode())
