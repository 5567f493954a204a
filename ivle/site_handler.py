"""Django as an ASGI application whose threads stay. asgi.py puts it up.

Django's own gives each request a thread that ends with it, and with it ends the thread's connection to the database:
opening the file again costs more than all that a request asks it. Here a thread is lent to one request at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler

from ivle.http_router import Receive, Scope, Send

KEPT_MAX: Final = 16  # of those that have nothing to do


class SiteHandler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self.idle: list[ThreadPoolExecutor] = []  # the last that came back goes first: its memory is warm

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        thread = self.idle.pop() if self.idle else ThreadPoolExecutor(1, "site")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            thread.submit(self.take_back, thread)  # once it has done what a request that was left began in it

    def take_back(self, thread: ThreadPoolExecutor) -> None:
        if len(self.idle) < KEPT_MAX:
            self.idle.append(thread)
        else:
            thread.shutdown(wait=False)
