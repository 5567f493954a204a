"""Between a client and a site: lets everything through until it is told to cut a connection off in the middle."""

from __future__ import annotations

import contextlib
import socket
import threading


class Relay:
    """`down_bytes`, `up_bytes`: after so many to the client, or from it, a WebSocket is cut off, the next one after the
    next number, and from the beginning again. A frame that is larger than all of them would never get through.
    `cuts` counts. While it `refuses`, nothing gets through at all."""

    def __init__(self, site_port: int) -> None:
        self.site_port = site_port
        self.down_bytes: tuple[int, ...] = ()
        self.up_bytes: tuple[int, ...] = ()
        self.sockets = 0
        self.cuts = 0
        self.refuses = False
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.threads: list[threading.Thread] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.start(self.accept)

    def start(self, what, *arguments) -> None:
        thread = threading.Thread(target=what, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                if self.refuses:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.site_port))
                pair = client, server
                self.pairs.append(pair)
                first = client.recv(65536)
                server.sendall(first)
                is_socket = b"/socket?" in first
                self.start(self.carry, client, server, pair, self.budget(self.up_bytes) if is_socket else None)
                self.start(self.carry, server, client, pair, self.budget(self.down_bytes) if is_socket else None)
                self.sockets += is_socket

    def budget(self, numbers: tuple[int, ...]) -> int | None:
        return numbers[self.sockets % len(numbers)] if numbers else None

    def carry(self, source, target, pair, budget: int | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096 if budget is None else min(4096, budget)):
                target.sendall(data)
                if budget is not None:
                    budget -= len(data)
                    if not budget:
                        self.cuts += 1
                        break
        self.cut(pair)

    def cut(self, pair) -> None:
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut_all(self) -> None:
        for pair in self.pairs:
            self.cut(pair)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.cut_all()
        for thread in self.threads:
            thread.join(10)
        self.listening.close()
        for pair in self.pairs:
            for end in pair:
                end.close()
