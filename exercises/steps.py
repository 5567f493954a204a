"""Reads the steps of a web page's test: blocks `request` and `response`. Used by testing.py. Each raises ValueError,
with the line in the block and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from exercises.exercise import Element, Request, Response, is_file_name

FIRST = re.compile(r"(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE)\s+(?P<path>/[^\s?#]*)?(?:\?(?P<query>\S*))?")
FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9 -]*?)\s*:\s*(?P<value>.*?)\s*")
PAIR = re.compile(r"(?P<name>[^=]+?)\s*=\s?(?P<value>.*)")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
COUNTED = re.compile(r"has (?P<count>[0-9]{1,5})")
ARROW = " => "
SENDS = "`POST /?page=2`, then lines such as `form: name = Ada`, `file: photo = ada.png`, `Accept-Language: de`"


class Unreadable(ValueError):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def read_request(text: str) -> Request:
    """Raises Unreadable."""
    head, _, body = text.partition("\n\n")
    lines = head.splitlines()
    first = FIRST.fullmatch(lines[0].strip()) if lines else None
    if first is None:
        raise Unreadable(1, f"a request is {SENDS}")
    found: dict[str, list[tuple[str, str]]] = {"form": [], "file": [], "header": []}
    for number, name, value in fields(lines[1:], 2):
        if name in ("form", "file"):
            found[name].append(pair(number, name, value))
        elif HEADER.fullmatch(name):
            found["header"].append((name, value))
        else:
            raise Unreadable(number, f"a request is {SENDS}")
    if body and (found["form"] or found["file"]):
        raise Unreadable(1, "a request has a form or a body, never both")
    for _, name in found["file"]:
        if not is_file_name(name):
            raise Unreadable(1, f"{name!r} is no file beside the program")
    return Request(
        method=first["method"],
        path=first["path"] or "/",
        query=first["query"] or "",
        headers=tuple(found["header"]),
        form=tuple(found["form"]),
        uploads=tuple(found["file"]),
        body=body,
    )


def read_response(text: str) -> Response:
    """Raises Unreadable."""
    lines = text.splitlines()
    found = Response()
    if lines and lines[0].strip().isdigit():
        found = Response(status(1, lines.pop(0).strip()))
        first = 2
    else:
        first = 1
    lists: dict[str, list[Any]] = {name: [] for name in ("headers", "cookies", "texts", "absent_texts", "elements")}
    for number, name, value in fields(lines, first):
        if name == "status":
            found = Response(status(number, value))
        elif name == "text":
            lists["texts"].append(value)
        elif name == "no text":
            lists["absent_texts"].append(value)
        elif name == "cookie":
            lists["cookies"].append(pair(number, name, value) if "=" in value else (value, None))
        elif element := as_element(number, name, value):
            lists["elements"].append(element)
        elif HEADER.fullmatch(name):
            lists["headers"].append((name, value))
        else:
            known = "200, text, no text, has, has no, has 3, cookie, or a header such as Content-Type"
            raise Unreadable(number, f"{name!r} is nothing that a response has; there are: {known}")
    expected: dict[str, Any] = {name: tuple(values) for name, values in lists.items()}
    return replace(found, **expected)


def fields(lines: list[str], first: int) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(lines, first):
        if line.strip():
            found = FIELD.fullmatch(line.strip())
            if found is None:
                raise Unreadable(number, "a name, a colon and what it is: `text: Hello`")
            yield number, found["name"], found["value"]


def pair(number: int, kind: str, text: str) -> tuple[str, str]:
    found = PAIR.fullmatch(text)
    if found is None:
        raise Unreadable(number, f"a name and what it is: `{kind}: name = Ada`")
    return found["name"], found["value"]


def status(number: int, text: str) -> int:
    if not re.fullmatch(r"[2-5][0-9][0-9]", text):
        raise Unreadable(number, f"{text!r} is no status of an answer; such as 200, 302 or 404")
    return int(text)


def as_element(number: int, name: str, value: str) -> Element | None:
    """None for a line of another kind."""
    counted = COUNTED.fullmatch(name)
    if name not in ("has", "has no") and counted is None:
        return None
    selector, arrow, text = value.partition(ARROW)
    if not selector.strip() or (arrow and name != "has"):
        raise Unreadable(number, "`has: h1`, `has: h1 => Welcome`, `has no: .error` or `has 3: ul > li`")
    if name == "has no":
        return Element(selector.strip(), count=0)
    if counted:
        return Element(selector.strip(), count=int(counted["count"]))
    return Element(selector.strip(), text=text.strip() if arrow else None)
