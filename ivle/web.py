"""The web server: Daphne with our guards (uploads, sockets), as a process of its own. `python -m ivle.web [--fd N]`.

It prints `ready` on stdout once it takes connections. SIGTERM and SIGINT end it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from typing import Any

import daphne.server  # first of all that is Twisted's: it chooses the event loop
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ivle.data_folder import refuse_demo
from ivle.http_router import Application
from ivle.socket_guard import GuardedSocketFactory
from ivle.upload_guard import GuardedFactory
from sandbox.descriptors import allow_many_descriptors

access_log = logging.getLogger("ivle.access")


class WebServer(daphne.server.Server):  # type: ignore[misc]
    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
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


def log_access(protocol: str, action: str, details: dict[str, Any]) -> None:
    if protocol == "http" and action == "complete":
        access_log.info(
            "%(client)s %(method)s %(path)s %(status)s %(size)s bytes %(time_taken).3f s",
            details,
        )


def make_server(application: Application, endpoint: str) -> WebServer:
    daphne.server.HTTPFactory = GuardedFactory  # Daphne offers no other way to choose it
    daphne.server.WebSocketFactory = GuardedSocketFactory
    return WebServer(
        application,
        endpoints=[endpoint],
        action_logger=log_access if access_log.isEnabledFor(logging.INFO) else None,
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
    from ivle.asgi import application  # not before the settings are known to be good

    allow_many_descriptors()  # or one student's pages would take all of them
    server = make_server(application, endpoint)
    server.run()
    return 0 if server.listening_addresses else 1


if __name__ == "__main__":
    sys.exit(main())
