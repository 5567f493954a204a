"""Says whether the pages that came back are as a test expects. Pure; what is on them was read in a jail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exercises import texts
from exercises.exercise import Comparison, Element, Request, Response, Step
from exercises.judging import Verdict, failed, last_line, passed
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
        why = f" It ended with an error: {last_line(page.errors)}" if page.exit_status and page.errors else ""
        sentence = f"The status was {page.status}, and {response.status} was expected.{why or lost(page)}"
        return failed(sentence, given, str(response.status), page.errors if page.exit_status else page.body)
    for name, value in response.headers:
        actual = page.header(name)
        if actual is None:
            return failed(f"There is no header {name}.{lost(page)}", given, f"{name}: {value}", shown_headers(page))
        if not is_same_header(value, actual):
            return failed(
                f"The header {name} is another one.{lost(page)}", given, f"{name}: {value}", f"{name}: {actual}"
            )
    for name, wanted in response.cookies:
        if name not in page.cookies:
            return failed(f"It sets no cookie {name}.{lost(page)}", given, name, shown_headers(page))
        if wanted is not None and page.cookies[name] != wanted:
            sentence = f"The cookie {name} has another value."
            return failed(sentence, given, f"{name}={wanted}", f"{name}={page.cookies[name]}")
    return None


def lost(page: Page) -> str:
    """A guess at why a page has no headers that it prints."""
    if not page.has_lost_headers:
        return ""
    block = page.body.replace("\r\n", "\n").partition("\n\n")[0]
    if not all(FIELD.match(line) for line in block.split("\n")):
        return " Is the empty line after the headers missing?"
    return " What it prints first is no header."


def is_same_header(expected: str, actual: str) -> bool:
    """Parameters, as of a Content-Type, count only where they are expected."""
    whole, start = (part.strip().casefold() for part in (actual, actual.partition(";")[0]))
    return expected.casefold() in (whole, start)


def judge_body(number: int, step: Step, page: Page, facts: Facts, how: Comparison) -> Verdict | None:
    """What is on the page; None where it is well. `facts` were read from HTML; {} where it is none."""
    given, response = given_in(number, step.request), step.response
    if response.body is not None and not texts.is_same_text(response.body, page.body, how):
        return failed("The page is another one.", given, response.body, page.body, differs=True)
    seen = facts["text"] if facts else [" ".join(page.body.split())]
    for text in response.texts:
        if not any(holds(one, text, how) for one in seen):
            return failed(f"The text {text!r} is not on the page.", given, text, page.body)
    for text in response.absent_texts:
        if any(holds(one, text, how) for one in seen):
            return failed(f"The text {text!r} is on the page.", given, "", page.body)
    for element in response.elements:
        if not facts:
            kind = page.header("content-type")
            return failed(f"It is no HTML: its Content-Type is {kind}.{lost(page)}", given, element.selector, page.body)
        if sentence := missing(element, facts["found"].get(element.selector), how):
            return failed(sentence, given, shown(element), page.body)
    return None


def holds(page: str, text: str, how: Comparison) -> bool:
    wanted = " ".join(text.split())
    return wanted.casefold() in page.casefold() if how.ignores_case else wanted in page


def missing(element: Element, found: Any, how: Comparison) -> str:
    """What is wrong with an element, or ""."""
    if found is None:
        return f"This test's selector {element.selector!r} cannot be read."
    count = found["count"]
    if element.count is not None:
        if count == element.count:
            return ""
        wanted = f"not {element.count}" if element.count else "and there must be none"
        return f"There are {count} elements {element.selector!r}, {wanted}."
    if not count:
        return f"There is no element {element.selector!r}."
    if element.text is not None and not any(is_text(element.text, one, how) for pair in found["texts"] for one in pair):
        others = ", ".join(repr(pair[0][:80]) for pair in found["texts"][:3])
        return f"No element {element.selector!r} has the text {element.text!r}; there is {others}."
    return ""


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
