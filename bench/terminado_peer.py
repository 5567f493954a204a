"""terminado, as its documentation starts it: a Tornado server with one page for python3 and one for IPython.

console.py calls `serving`; run as a program, this is the server. Closing a page's socket ends its program. Its sockets
send at once (TCP_NODELAY), which terminado alone does not ask for: the peer at its best.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.load import LOOPBACK
from bench.server import START_MAX_SECONDS, NotStarted, free_port, running, said
from bench.terminal import TerminadoTerminal
from bench.websocket import WebSocket

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {"python": (), "ipython": ("-m", "IPython")}  # after the interpreter


class Terminado:
    name = "terminado"

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    def open(self, kind: str) -> TerminadoTerminal:
        return TerminadoTerminal(WebSocket(self.port, f"/{kind}", {}))


@contextlib.contextmanager
def serving(folder: Path, python: str) -> Iterator[Terminado]:
    """Raises NotStarted."""
    if importlib.util.find_spec("terminado") is None:
        raise NotStarted("terminado is not installed: nothing stands beside ours; `make bench` installs it")
    folder.mkdir(mode=0o755)
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
    environ |= {"HOME": str(folder), "PYTHONPATH": str(ROOT)}
    with running([sys.executable, "-m", "bench.terminado_peer", str(port), python], folder, environ) as process:
        await_listening(port, process, folder)
        yield Terminado(port, process.pid)


def await_listening(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_MAX_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port)):
            return
        time.sleep(0.05)
    raise NotStarted(f"terminado did not start; it said: {said(folder)}")


async def serve(port: int, python: str) -> None:
    from terminado.management import UniqueTermManager
    from terminado.websocket import TermSocket
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application

    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    handlers = [
        (f"/{kind}", TermSocket, {"term_manager": UniqueTermManager(shell_command=[python, *arguments])})
        for kind, arguments in COMMANDS.items()
    ]
    os.environ.clear()
    os.environ.update(environ)  # what its programs get
    listeners = bind_sockets(port, LOOPBACK)
    for listener in listeners:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
    HTTPServer(Application(handlers)).add_sockets(listeners)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
