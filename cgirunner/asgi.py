"""The two ways in: `serve` for /serve/<owner>/<path>, `pages` for what is published. ivle/asgi.py sends requests here.

Plain ASGI, without Django's middleware: every layer of it costs a change of threads, and a program is done in less.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from channels.db import database_sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError
from django.utils.translation import gettext as _

from cgirunner import notice
from cgirunner.body import Gone
from cgirunner.program import answer_program
from cgirunner.refusal import Elsewhere, Refusal
from cgirunner.request import METHODS, Address, Receive, Request, Scope, Send
from cgirunner.response import Head
from cgirunner.sending import Answer
from cgirunner.static import answer_static
from cgirunner.visit import Visit, pages_visit, public_address, serve_visit
from files.lookup import NotThere
from files.paths import BadPath
from files.shortage import sentence_of

LOCAL_REDIRECTS_MAX: Final = 8
RETRY: Final = ((b"Retry-After", b"10"),)
Visiting = Callable[[Request, Address, bool], Visit]
Reading = Callable[[bytes], Address]


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    request, wants_report = Request.from_scope(scope).without_report()
    await answer(request, partial(Address.parse, mount=b"/serve/"), serve_visit, wants_report, receive, send)


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request.from_scope(scope)
    await answer(request, partial(public_address, request.host), pages_visit, False, receive, send)


async def answer(
    request: Request, reading: Reading, visiting: Visiting, wants_report: bool, receive: Receive, send: Send
) -> None:
    public = visiting is pages_visit
    try:
        await answer_or_refuse(request, reading, visiting, wants_report, receive, send)
    except (NotThere, BadPath):
        sentence = _("There is nothing here. Is the address spelt right?")
        await refuse(request, Refusal(404, sentence), public, send)
    except Refusal as refusal:
        await refuse(request, refusal, public, send)
    except Elsewhere as elsewhere:
        headers = [(b"Location", elsewhere.location), (b"Cache-Control", b"no-store"), (b"Content-Length", b"0")]
        await send({"type": "http.response.start", "status": elsewhere.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
    except Gone:
        return
    except (DatabaseError, OSError) as fault:
        sentence = sentence_of(fault)
        if not sentence:
            raise
        try:
            await refuse(request, Refusal(503, sentence, RETRY), public, send)
        except OSError:  # not even its style sheet can be opened
            await Answer(request, send).whole(Head(503, headers=[*RETRY]), sentence.encode() + b"\n")


async def answer_or_refuse(
    request: Request, reading: Reading, visiting: Visiting, wants_report: bool, receive: Receive, send: Send
) -> None:
    if request.method not in METHODS:
        raise Refusal(405, _("Programs here know no such request."), ((b"Allow", ", ".join(METHODS).encode("ascii")),))
    if any(byte <= 0x20 or byte >= 0x7F for byte in request.target):
        raise Refusal(400, _("This address has a character that no address may have."))
    for _redirect in range(LOCAL_REDIRECTS_MAX + 1):
        address = reading(request.raw_path)
        try:
            visit = visiting(request, address, wants_report)
        except SynchronousOnlyOperation:  # something has to be asked of the database, off the event loop
            visit = await visit_off_loop(visiting, request, address, wants_report)
        with visit.found:
            if not visit.found.is_program:
                await answer_static(request, visit, send)
                return
            target = await answer_program(request, visit, receive, send)
        if not target:
            return
        request = request.redirected(target)
    raise Refusal(500, _("This program sends the browser in a circle: its Location leads back to itself."))


async def visit_off_loop(visiting: Visiting, request: Request, address: Address, wants_report: bool) -> Visit:
    looking = asyncio.ensure_future(database_sync_to_async(visiting)(request, address, wants_report))
    try:
        return await asyncio.shield(looking)
    except asyncio.CancelledError:
        looking.add_done_callback(close_found)  # a thread goes on to its end, whoever left
        raise


def close_found(looking: asyncio.Future[Visit]) -> None:
    if not looking.cancelled() and looking.exception() is None:
        looking.result().found.close()


async def refuse(request: Request, refusal: Refusal, public: bool, send: Send) -> None:
    context = {"sentence": refusal.sentence}
    head, body = await notice.render(request, refusal.status, "cgirunner/notice.html", context, public=public)
    head.headers += refusal.headers
    await Answer(request, send).whole(head, body)
