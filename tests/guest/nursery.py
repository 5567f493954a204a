"""Forks guests as the zygote does, but outside of any jail. Run by the students' Python: nursery.py ENTRY SOCKET.

One request is a JSON line {"terminal", "argv", "directory", "environ", "parks"}; the answers are {"pid"} and, when the
guest has ended, {"pid", "status"}. A guest that parks rehearses, says {"parked"} and waits for a byte on its terminal.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import sys
import termios
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PRELOADED = """
    collections.abc contextlib copy dataclasses datetime enum functools html itertools json linecache math operator
    os.path pathlib random re string struct textwrap threading time traceback types typing urllib.parse warnings
"""


def main() -> None:
    entry, channel = sys.argv[1], socket.socket(fileno=int(sys.argv[2]))
    sys.path.insert(0, str(CHECKOUT))
    guest = importlib.import_module(f"guest.{entry}")
    for name in PRELOADED.split():
        importlib.import_module(name)
    if hasattr(guest, "prepare"):
        guest.prepare()
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(CHECKOUT), str(Path(__file__).parent))]
    for name in list(sys.modules):
        if name == "guest" or name.startswith("guest."):
            del sys.modules[name]
    gc.collect()
    gc.freeze()
    gc.disable()
    tell(channel, tasks=count("/proc/self/task"), descriptors=count("/proc/self/fd") - 1)
    for line in channel.makefile():
        request = json.loads(line)
        first = os.fork()
        if first == 0:
            reap(channel, guest, request)
        os.waitpid(first, 0)


def count(folder: str) -> int:
    return len(list(Path(folder).iterdir()))


def reap(channel: socket.socket, guest: Any, request: dict[str, Any]) -> None:
    """A process between, as init is: two forks, and its own wait."""
    if os.fork():
        os._exit(0)
    pid = os.fork()
    if pid == 0:
        channel.detach()
        live(guest, request)
    tell(channel, pid=pid)
    _, status = os.waitpid(pid, 0)
    tell(channel, pid=pid, status=os.waitstatus_to_exitcode(status))
    os._exit(0)


def live(guest: Any, request: dict[str, Any]) -> None:
    os.setsid()
    terminal = os.open(request["terminal"], os.O_RDWR)
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(terminal, number)
    os.closerange(3, 64)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if request["parks"]:
        guest.rehearse()
        os.write(1, b"PARKED")
        os.read(0, 1)
    for name, value in request["environ"].items():
        os.environ[name] = value
    os.chdir(request["directory"])
    gc.enable()
    status = guest.run(request["argv"])
    os._exit(status)


def tell(channel: socket.socket, **answer: int) -> None:
    channel.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
