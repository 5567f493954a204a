"""What is shown about a run that is over: the report, the page of a failure, of an empty answer. For program.py."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_from_bytes, urlencode

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.slips import write_slip
from cgirunner import notice
from cgirunner.ending import Result, Trouble, trouble_of
from cgirunner.errors import pieces
from cgirunner.headers import Decision, Rule
from cgirunner.request import REPORT, Request
from cgirunner.response import Head
from cgirunner.visit import Visit
from cgirunner.words import how_it_ended, why_shown_so
from files.paths import as_text, shown

CONSOLE_RUN: Final = "/console/run"
SHOWN_CHARACTERS: Final = 256 * 1024
RULES: Final = {
    Rule.TEXT: gettext_lazy("1, plain text"),
    Rule.BLANK_LINE: gettext_lazy("2, plain text after a blank line"),
    Rule.HEADERS: gettext_lazy("3, headers with a Content-Type"),
    Rule.HEADERS_OF_TEXT: gettext_lazy("4, headers without a Content-Type"),
}


@dataclass(frozen=True)
class Told:
    """All that is known about a run that is over, before anything of it has been sent."""

    request: Request
    visit: Visit
    result: Result
    decision: Decision | None = None
    head: Head = field(default_factory=Head)
    output: bytes = b""  # header block included

    @property
    def trouble(self) -> Trouble | None:
        return trouble_of(self.result)

    @property
    def body(self) -> bytes:
        return self.output[self.decision.body_start :] if self.decision else self.output


async def report_page(told: Told) -> tuple[Head, bytes]:
    """Always 200: it is a report of the run, not the program's answer."""
    shown = text(told.output)
    context = {
        **about(told),
        **notice.bar(told.request, told.visit.viewer),
        "facts": facts(told),
        "why": why_shown_so(told.decision) if told.decision and told.output else "",
        "headers": headers(told.head) if told.decision and told.output else (),
        "dropped": ", ".join(dict.fromkeys(told.head.dropped)),
        "output": shown[:SHOWN_CHARACTERS],
        "output_cut": len(shown) > SHOWN_CHARACTERS,
        "page_url": address(told.request, b"") if told.visit.by_owner else "",
    }
    return await notice.render(told.request, 200, "cgirunner/report.html", context, public=False)


async def failure_page(told: Told) -> tuple[Head, bytes]:
    """The page in place of an answer. Visitors get one sentence, the owner what the program said."""
    trouble = told.trouble
    status = trouble.status if trouble else 500
    context = {**about(told), **notice.bar(told.request, told.visit.viewer)}
    if told.visit.sees_reports:
        context["output"] = text(told.output)[:SHOWN_CHARACTERS]
    else:
        context = {"sentence": context["sentence"], "program": context["program"]}
    page_head, body = await notice.render(
        told.request, status, "cgirunner/failed.html", context, public=not told.visit.sees_reports
    )
    if trouble and trouble.retry_after_seconds:
        page_head.headers.append((b"Retry-After", b"%d" % trouble.retry_after_seconds))
    if trouble and trouble.asks_again and told.request.method == "GET":
        page_head.headers.append((b"Refresh", b"%d" % trouble.retry_after_seconds))
    return page_head, body


async def empty_page(told: Told) -> tuple[Head, bytes]:
    context = {**about(told), **notice.bar(told.request, told.visit.viewer)}
    return await notice.render(told.request, 200, "cgirunner/empty.html", context, public=False)


def console_url(request: Request, visit: Visit) -> str:
    """Where the person whose program this is may run it in a console; "" for everybody else."""
    return f"{request.origin}{CONSOLE_RUN}?{urlencode({'file': as_text(visit.found.parts)})}" if visit.person else ""


def console_form(told: Told) -> dict[str, str]:
    """What a button *Run in a console* sends, of a program that was not meant as a web page, as far as can be seen."""
    is_page = told.decision is not None and told.decision.rule in (Rule.HEADERS, Rule.HEADERS_OF_TEXT)
    if told.visit.person is None or (is_page and not told.result.asked_for_input):
        return {}
    file = as_text(told.visit.found.parts)
    return {"action": CONSOLE_RUN, "file": file, "slip": write_slip(told.visit.person, f"run {file}")}


def about(told: Told) -> dict[str, Any]:
    result, trouble = told.result, told.trouble
    sentence = trouble.sentence if trouble else ""
    if result.outcome:
        sentence = how_it_ended(result.outcome, result.limits)
    return {
        "program": os.fsdecode(told.visit.found.parts[-1]).encode("utf-8", "replace").decode(),
        "way": way(told.visit),
        "edit_url": f"/edit/{as_text(told.visit.found.parts)}" if told.visit.person else "",
        "sentence": sentence,
        "exit_status": result.outcome.exit_status if result.outcome else None,
        "for_owner": trouble.for_owner if trouble else "",
        "errors": text(result.errors),
        "pieces": pieces(text(result.errors), told.visit.address.owner, by_owner=told.visit.by_owner),
        "report_url": address(told.request, REPORT),
        "asked_for_input": result.asked_for_input,
        "console": console_form(told),
    }


def way(visit: Visit) -> list[tuple[str, str]]:
    """Names and addresses of the folders that the program is in, the owner's files first."""
    owner = visit.address.owner
    is_own = visit.person is not None
    query = "" if is_own else f"?{urlencode({'owner': owner})}"
    steps = [(_("Files") if is_own else _("Files of %(owner)s") % {"owner": owner}, f"/files/{query}")]
    for count, name in enumerate(visit.found.parts[:-1], 1):
        steps.append((shown(name), f"/files/{as_text(visit.found.parts[:count])}/{query}"))
    return steps


def facts(told: Told) -> list[tuple[str, str]]:
    rows = []
    if told.decision and told.output:
        rows.append((_("Header rule"), str(RULES[told.decision.rule])))
        rows.append((_("Status"), str(told.head.status)))
        rows.append((_("Output"), filesizeformat(len(told.body))))
    if outcome := told.result.outcome:
        limits = told.result.limits
        if outcome.exit_status:
            rows.append((_("Exit status"), str(outcome.exit_status)))
        used = {"used": f"{outcome.cpu_seconds:.3f}", "limit": f"{limits.cpu_seconds:g}"}
        rows.append((_("CPU"), _("%(used)s of %(limit)s s") % used))
        rows.append((_("Time"), _("%(seconds)s s") % {"seconds": f"{outcome.wall_seconds:.3f}"}))
        if outcome.memory_bytes is not None:
            used = {"used": filesizeformat(outcome.memory_bytes), "limit": filesizeformat(limits.memory_bytes)}
            rows.append((_("Memory"), _("%(used)s of %(limit)s") % used))
    return rows


def headers(head: Head) -> list[tuple[str, str]]:
    pairs = [(b"Content-Type", head.content_type), *head.headers]
    if head.local_redirect:
        pairs.append((b"Location", head.local_redirect))
    return [(text(name), text(value)) for name, value in pairs]


def address(request: Request, extra: bytes) -> str:
    """This page's address with one more item in its query."""
    query = b"&".join(item for item in (request.query, extra) if item)
    return quote_from_bytes(request.raw_path, safe="/%~") + ("?" + query.decode("latin-1") if query else "")


def text(data: bytes) -> str:
    """Readable whatever the bytes are; templates escape it. NUL has no place in HTML."""
    return data.decode("utf-8", "replace").replace("\0", "\ufffd")
