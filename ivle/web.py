"""The web server: Daphne with our guards (uploads, sockets), as a process of its own. `python -m ivle.web [--fd N]`.

It prints `ready` on stdout once it takes connections. SIGTERM and SIGINT end it: draining.py says how.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from typing import Any
from weakref import WeakSet

import daphne.server  # first of all that is Twisted's: it chooses the event loop
import twisted.internet.tcp
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ivle.data_folder import refuse_demo
from ivle.draining import Drain
from ivle.http_router import Application
from ivle.socket_guard import GuardedSocketFactory
from ivle.upload_guard import GuardedFactory
from sandbox.descriptors import allow_many_descriptors


class FairPort(twisted.internet.tcp.Port):
    """One connection at a time, so that of a hundred at once each web process gets its part."""

    @property
    def numberAccepts(self) -> int:  # noqa: N802
        return 1

    @numberAccepts.setter
    def numberAccepts(self, wish: int) -> None:  # noqa: N802
        """Twisted's own count goes up to what came last."""


class WebServer(daphne.server.Server):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, signal_handlers=False, **kwargs)
        self.ports: list[Any] = []
        self.channels: WeakSet[Any] = WeakSet()  # HTTP connections
        loop = daphne.server.twisted_loop
        self.drain = Drain(self, loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.drain.begin)

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        scope["ivle.ending"] = self.drain.begun
        if scope["type"] == "websocket":
            scope["extensions"] = {"websocket.http.response": {}}  # socket_guard.py can do it
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """A piece of an answer, and a message that says `ivle.wait`, has been taken by the browser's side when this
        returns, or soon will be."""
        await super().handle_reply(protocol, message)
        if "ivle.wait" in message or (message["type"] == "http.response.body" and message.get("more_body")):
            await protocol.drained()

    def kill_all_applications(self) -> Any:
        """Daphne's own expects an application on every connection; one that is still sending its request has none."""
        applications = [details.get("application_instance") for details in self.connections.values()]
        running = [application for application in applications if application and not application.done()]
        for application in running:
            application.cancel()
        return daphne.server.defer.Deferred.fromFuture(asyncio.gather(*running, return_exceptions=True))


def make_server(application: Application, endpoint: str) -> WebServer:
    daphne.server.HTTPFactory = GuardedFactory  # Daphne offers no other way to choose it
    daphne.server.WebSocketFactory = GuardedSocketFactory
    setattr(twisted.internet.tcp, "Port", FairPort)  # noqa: B010 - mypy takes it for a type
    return WebServer(
        application,
        endpoints=[endpoint],
        ready_callable=lambda: print("ready", flush=True),
        server_name="ivle",
        websocket_timeout=-1,  # a console may stay open for longer than a day
        verbosity=0,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ivle.web", description=__doc__)
    parser.add_argument("--fd", type=int, help="a listening socket that was handed over; default: IVLE_BIND and PORT")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ivle.settings")
    try:
        if not settings.IVLE_DEMO:
            refuse_demo(settings.IVLE_DATA)
    except ImproperlyConfigured as fault:
        print(fault, file=sys.stderr)
        return os.EX_CONFIG
    if arguments.fd is None:
        [endpoint] = build_endpoint_description_strings(host=settings.IVLE_BIND, port=settings.PORT)
    else:
        [endpoint] = build_endpoint_description_strings(file_descriptor=arguments.fd)
    gc.disable()  # what is imported is no garbage; to look for some takes a sixth of the start
    from ivle.asgi import application  # not before the settings are known to be good

    gc.freeze()
    gc.enable()
    allow_many_descriptors()  # or one student's pages would take all of them
    server = make_server(application, endpoint)
    server.run()
    return 0 if server.listening_addresses else 1


if __name__ == "__main__":
    sys.exit(main())
