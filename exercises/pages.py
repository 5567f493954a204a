"""Says whether the pages that came back are as a test expects. Pure; what is on them was read in a jail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exercises import texts
from exercises.exercise import Comparison, Element, Request, Response, Step
from exercises.judging import Verdict, failed, last_line, passed
from exercises.sentences import NOTHING, Sentence
from exercises.sentences import sentence as _
from exercises.visits import Page

FIELD = re.compile(r"[\w-]+[ \t]*:")
Facts = Mapping[str, Any]  # as guest/page.py tells them


def selectors_of(response: Response) -> list[str]:
    return [element.selector for element in response.elements]


def wants_facts(step: Step, page: Page) -> bool:
    response = step.response
    return page.is_html and bool(response.texts or response.absent_texts or response.elements)


def judge_head(number: int, step: Step, page: Page) -> Verdict | None:
    """Status, headers and cookies of one step; None where they are well."""
    given, response = given_in(number, step.request), step.response
    if page.status != response.status:
        died = page.exit_status and page.errors
        why = _("It ended with an error: %(error)s", error=last_line(page.errors)) if died else lost(page)
        statuses = {"came": page.status, "wanted": response.status}
        reason = _("The status was %(came)s, and %(wanted)s was expected.", **statuses)
        return failed(reason.then(why), given, str(response.status), page.errors if page.exit_status else page.body)
    for name, value in response.headers:
        actual = page.header(name)
        if actual is None:
            reason = _("There is no header %(name)s.", name=name).then(lost(page))
            return failed(reason, given, f"{name}: {value}", shown_headers(page))
        if not is_same_header(value, actual):
            reason = _("The header %(name)s is another one.", name=name).then(lost(page))
            return failed(reason, given, f"{name}: {value}", f"{name}: {actual}")
    for name, wanted in response.cookies:
        if name not in page.cookies:
            reason = _("It sets no cookie %(name)s.", name=name).then(lost(page))
            return failed(reason, given, name, shown_headers(page))
        if wanted is not None and page.cookies[name] != wanted:
            reason = _("The cookie %(name)s has another value.", name=name)
            return failed(reason, given, f"{name}={wanted}", f"{name}={page.cookies[name]}")
    return None


def lost(page: Page) -> Sentence:
    """A guess at why a page has no headers that it prints."""
    if not page.has_lost_headers:
        return NOTHING
    block = page.body.replace("\r\n", "\n").partition("\n\n")[0]
    if not all(FIELD.match(line) for line in block.split("\n")):
        return _("Is the empty line after the headers missing?")
    return _("What it prints first is no header.")


def is_same_header(expected: str, actual: str) -> bool:
    """Parameters, as of a Content-Type, count only where they are expected."""
    whole, start = (part.strip().casefold() for part in (actual, actual.partition(";")[0]))
    return expected.casefold() in (whole, start)


def judge_body(number: int, step: Step, page: Page, facts: Facts, how: Comparison) -> Verdict | None:
    """What is on the page; None where it is well. `facts` were read from HTML; {} where it is none."""
    given, response = given_in(number, step.request), step.response
    if response.body is not None and not texts.is_same_text(response.body, page.body, how):
        return failed(_("The page is another one."), given, response.body, page.body, differs=True)
    seen = facts["text"] if facts else [" ".join(page.body.split())]
    for text in response.texts:
        if not any(holds(one, text, how) for one in seen):
            return failed(_("The text %(text)s is not on the page.", text=repr(text)), given, text, page.body)
    for text in response.absent_texts:
        if any(holds(one, text, how) for one in seen):
            return failed(_("The text %(text)s is on the page.", text=repr(text)), given, "", page.body)
    for element in response.elements:
        if not facts:
            kind = page.header("content-type")
            reason = _("It is no HTML: its Content-Type is %(kind)s.", kind=kind).then(lost(page))
            return failed(reason, given, element.selector, page.body)
        if reason := missing(element, facts["found"].get(element.selector), how):
            return failed(reason, given, shown(element), page.body)
    return None


def holds(page: str, text: str, how: Comparison) -> bool:
    wanted = " ".join(text.split())
    return wanted.casefold() in page.casefold() if how.ignores_case else wanted in page


def missing(element: Element, found: Any, how: Comparison) -> Sentence:
    """What is wrong with an element, or nothing."""
    selector = repr(element.selector)
    if found is None:
        return _("This test's selector %(selector)s cannot be read.", selector=selector)
    count = found["count"]
    if element.count is not None:
        if count == element.count:
            return NOTHING
        about = {"count": count, "selector": selector, "wanted": element.count}
        if not element.count:
            return _("There are %(count)s elements %(selector)s, and there must be none.", **about)
        return _("There are %(count)s elements %(selector)s, not %(wanted)s.", **about)
    if not count:
        return _("There is no element %(selector)s.", selector=selector)
    if element.text is not None and not any(is_text(element.text, one, how) for pair in found["texts"] for one in pair):
        others = ", ".join(repr(pair[0][:80]) for pair in found["texts"][:3])
        about = {"selector": selector, "text": repr(element.text), "others": others}
        return _("No element %(selector)s has the text %(text)s; there is %(others)s.", **about)
    return NOTHING


def is_text(expected: str, actual: str, how: Comparison) -> bool:
    return texts.is_same_text(" ".join(expected.split()), actual, how)


def shown(element: Element) -> str:
    if element.count is not None:
        return f"{element.count} times {element.selector}"
    return element.selector + (f" => {element.text}" if element.text is not None else "")


def shown_headers(page: Page) -> str:
    return "\n".join(f"{name.title()}: {value}" for name, value in page.headers)


def given_in(number: int, request: Request) -> str:
    query = f"?{request.query}" if request.query else ""
    lines = [f"step {number}: {request.method} {request.path}{query}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines += [f"form: {name} = {value}" for name, value in request.form]
    lines += [f"file: {name} = {file}" for name, file in request.uploads]
    return texts.cut("\n".join(lines) + (f"\n\n{request.body}" if request.body else ""))


def all_well(steps: Sequence[Step]) -> Verdict:
    return passed("\n".join(given_in(number, step.request) for number, step in enumerate(steps, 1)))
