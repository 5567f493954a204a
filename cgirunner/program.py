"""A program's URL: run the file, sniff what it prints, answer. The hot path; called by asgi.py."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from cgirunner import visitors
from cgirunner.body import standard_input
from cgirunner.ending import Result, closing_note
from cgirunner.environment import cgi_environment
from cgirunner.headers import Decision, Sniffer
from cgirunner.refusal import Refusal
from cgirunner.report import Told, console_url, empty_page, failure_page, report_page
from cgirunner.request import Receive, Request, Send
from cgirunner.response import Head, read_head
from cgirunner.run import Run
from cgirunner.sending import Answer
from cgirunner.visit import Visit
from files import quota
from files.asked_environment import asked_environment
from sandbox.environments import STANDARD
from sandbox.faults import SandboxError
from sandbox.job import Job

# A program that ends this soon after its first output is answered in one piece, with its length.
PATIENCE_SECONDS: Final = 0.01
ONE_PIECE_BYTES: Final = 256 * 1024


def job_of(request: Request, visit: Visit, body_bytes: int | None) -> Job:
    """The file runs as its owner, in the owner's jail, whoever looks."""
    found, address, jar = visit.found, visit.address, visit.manner.jar
    home = f"/home/{address.owner}"
    environ = cgi_environment(
        request,
        base=address.base,
        script=found.parts,
        names=visit.names,
        index=found.index,
        rest=found.rest,
        rest_is_folder=address.folder and not found.index,
        home=home,
        body_bytes=body_bytes,
        cookies=jar.for_program(request.headers.get("cookie", "")),
    )
    path = environ["SCRIPT_FILENAME"]
    asked = asked_environment(found.place)
    if asked and not settings.ENVIRONMENTS.has(asked):
        there = ", ".join(settings.ENVIRONMENTS.names())
        sentence = _("This program asks for the environment “%(name)s”, which is not here. There are: %(there)s.")
        raise Refusal(500, sentence % {"name": asked, "there": there})
    bounds = quota.bounds_of_program(address.owner, settings.CGI_LIMITS.file_bytes)
    return Job(
        owner=address.owner,
        argv=(path,),
        directory=path.rpartition("/")[0],
        limits=settings.CGI_LIMITS,
        environ=environ,
        environment=asked or STANDARD,
        file_bytes=bounds.file_bytes,
        notice=bounds.notice,
    )


async def answer_program(request: Request, visit: Visit, receive: Receive, send: Send) -> bytes:
    """Runs the program and sends its answer. Returns where a local redirect leads, or b""."""
    answer = Answer(request, send)
    async with AsyncExitStack() as stack:
        async with standard_input(request, receive) as (stdin, body_bytes):
            job = job_of(request, visit, body_bytes)
            turn = None
            if not visit.is_own:
                turn = await stack.enter_async_context(visitors.Turn(visit.address.owner))
            try:
                run = Run.start(settings.IVLE_SANDBOX_SOCKET, job, stdin, receive)
            except SandboxError as fault:
                await answer_whole(answer, Told(request, visit, Result(job.limits, fault=fault)))
                return b""
        await stack.enter_async_context(run)
        if turn is not None:
            run.when_over(turn.leave)
        decision, beginning = await read_beginning(run)
        head = read_head(decision, visit.manner)
        if visit.wants_report or head.local_redirect or request.method == "HEAD":
            await run.finish()
        if run.gone:
            return b""
        if not run.over:
            await answer_in_pieces(answer, run, head, beginning[decision.body_start :], request, visit)
            return b""
        told = Told(request, visit, run.result(), decision, head, beginning + run.output.take())
        if head.local_redirect and not visit.wants_report and not told.trouble:
            return head.local_redirect
        await answer_whole(answer, told)
        return b""


async def read_beginning(run: Run) -> tuple[Decision, bytes]:
    """The output up to where it is known what it is, and what follows at once: of a quick program, all."""
    sniffer = Sniffer()
    held = bytearray()
    decision = None
    while decision is None:
        over = run.over or run.gone
        data = run.output.take()
        held += data
        decision = sniffer.feed(data) or (sniffer.end() if over else None)
        if decision is None:
            await run.change()
    clock = asyncio.get_running_loop().time
    patience_ends = clock() + PATIENCE_SECONDS
    while not (run.over or run.gone) and len(held) < ONE_PIECE_BYTES and await run.change(patience_ends - clock()):
        held += run.output.take()
    return decision, bytes(held)


async def answer_whole(answer: Answer, told: Told) -> None:
    """The program is over, and nothing has been sent yet."""
    head, result, body, sees_reports = told.head, told.result, told.body, told.visit.sees_reports
    if told.visit.wants_report:
        await answer.whole(*await report_page(told))
    elif told.trouble and not (head.is_plain and body):
        await answer.whole(*await failure_page(told))
    elif not result.wrote_output and sees_reports and told.request.shows_page:
        await answer.whole(*await empty_page(told))
    elif head.is_plain:
        if told.trouble:
            head.status = told.trouble.status
        await answer.whole(head, body + note_of(result, told.request, told.visit))
    elif result.was_cut_short:
        await answer.start(head)
        await answer.piece(body)
        await answer.break_off()
    else:
        await answer.whole(head, body)


async def answer_in_pieces(
    answer: Answer, run: Run, head: Head, beginning: bytes, request: Request, visit: Visit
) -> None:
    """The program still runs: its lines go out as they come."""
    await answer.start(head)
    await answer.piece(beginning)
    while not (run.over or run.gone):
        await run.change()
        await answer.piece(run.output.take())
    if run.gone:
        return
    result = run.result()
    if head.is_plain:
        await answer.end(run.output.take() + note_of(result, request, visit))
    elif result.was_cut_short:
        await answer.piece(run.output.take())
        await answer.break_off()
    else:
        await answer.end(run.output.take())


def note_of(result: Result, request: Request, visit: Visit) -> bytes:
    return closing_note(result, visit.sees_reports, console_url(request, visit) if result.failed else "")
