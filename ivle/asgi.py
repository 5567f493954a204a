"""The application that the web server runs: which request goes to which room."""

from __future__ import annotations

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ivle.settings")
django.setup(set_prefix=False)

from cgirunner.asgi import pages, serve  # noqa: E402  (its models exist only after the line above)
from console.routing import sockets  # noqa: E402
from editor import routing as editor_routing  # noqa: E402
from ivle.http_router import HttpRouter, SocketRouter  # noqa: E402
from ivle.proxies import BehindProxies  # noqa: E402
from ivle.site_handler import SiteHandler  # noqa: E402
from ivle.static_files import static_files  # noqa: E402
from operations.requests import Watched  # noqa: E402
from shells.routing import sockets as guests_sockets  # noqa: E402

application = BehindProxies(
    Watched(
        ProtocolTypeRouter(
            {
                "http": HttpRouter(site=SiteHandler(), serve=serve, pages=pages, static=static_files),
                "websocket": SocketRouter(URLRouter([*editor_routing.sockets, *guests_sockets, *sockets])),
            }
        )
    )
)
