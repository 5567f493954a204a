"""What the API takes as JSON, in little time: reading happens on the event loop, where everybody waits for it.

Eight megabytes of empty lists take the interpreter two seconds, the same length as one text six milliseconds. So a body
that is long may have few values, however long they are: which is all that the API is ever told at length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # part of the module, in C, not of its types
from typing import Any, Final, cast

from django.http import HttpRequest
from ninja.parser import Parser

SHORT_BYTES: Final = 128 * 1024  # up to here anything, which takes up to 12 ms
VALUES_MAX: Final = 4000  # of a long body: 1,000 paths, or the files of an exercise, and some
DEPTH_MAX: Final = 4
WHITE: Final = re.compile(r"[ \t\n\r]*")
WORD: Final = re.compile(r"true|false|null|-?[0-9]{1,15}(?![0-9.eE])")


class BoundedParser(Parser):
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Raises ValueError, which is a 400."""
        body = request.body
        if len(body) <= SHORT_BYTES:
            return cast(dict[str, Any], json.loads(body))
        return LongBody(body.decode()).read()


class LongBody:
    """Whatever it holds is counted before it is made."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.values = 0

    def read(self) -> dict[str, Any]:
        """Raises ValueError."""
        self.skip()
        content = self.value(DEPTH_MAX)
        if self.place != len(self.text):
            raise ValueError("something follows a body that is long")
        if not isinstance(content, dict):
            raise ValueError("a body that is long is an object")
        return content

    def value(self, depth: int) -> Any:
        self.values += 1
        if self.values > VALUES_MAX or depth < 0:
            raise ValueError(f"a long body may have {VALUES_MAX} values, {DEPTH_MAX} deep")
        if self.comes("{"):
            return dict(self.items("}", lambda: self.pair(depth - 1)))
        if self.comes("["):
            return list(self.items("]", lambda: self.value(depth - 1)))
        if match := WORD.match(self.text, self.place):
            self.place = match.end()
            self.skip()
            return json.loads(match[0])
        return self.string()

    def items(self, end: str, item: Callable[[], Any]) -> Iterator[Any]:
        if self.comes(end):
            return
        yield item()
        while self.comes(","):
            yield item()
        self.expect(end)

    def pair(self, depth: int) -> tuple[str, Any]:
        name = self.string()
        self.expect(":")
        return name, self.value(depth)

    def string(self) -> str:
        if not self.text.startswith('"', self.place):
            raise ValueError(f"a value is wanted at {self.place} of a body that is long")
        found, self.place = scanstring(self.text, self.place + 1, True)
        self.skip()
        return cast(str, found)

    def comes(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.place):
            return False
        self.place += 1
        self.skip()
        return True

    def expect(self, mark: str) -> None:
        if not self.comes(mark):
            raise ValueError(f"{mark} is wanted at {self.place} of a body that is long")

    def skip(self) -> None:
        if match := WHITE.match(self.text, self.place):
            self.place = match.end()
