"""The application that the web server runs: which request goes to which room."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ivle.settings")
django_application = get_asgi_application()

from cgirunner.asgi import pages, serve  # noqa: E402  (its models exist only after the line above)
from console.routing import sockets  # noqa: E402
from editor import routing as editor_routing  # noqa: E402
from ivle.http_router import HttpRouter, SocketRouter  # noqa: E402
from ivle.proxies import BehindProxies  # noqa: E402

application = BehindProxies(
    ProtocolTypeRouter(
        {
            "http": HttpRouter(site=django_application, serve=serve, pages=pages),
            "websocket": SocketRouter(URLRouter([*editor_routing.sockets, *sockets])),
        }
    )
)
