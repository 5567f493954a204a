"""What the API takes as JSON, in little time: reading happens on the event loop, where everybody waits for it.

Eight megabytes of empty lists take the interpreter two seconds, the same length as one text six milliseconds. So a body
that is long must be an object of a few texts, and lists of texts, which is all that the API is ever told at length.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # part of the module, in C, not of its types
from typing import Any, Final, cast

from django.http import HttpRequest
from ninja.parser import Parser

SHORT_BYTES: Final = 128 * 1024  # up to here anything, which takes up to 12 ms
VALUES_MAX: Final = 2000  # of a long body
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
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.values = 0

    def read(self) -> dict[str, Any]:
        """Raises ValueError."""
        content = {}
        self.expect("{")
        while True:
            name = self.text_there()
            self.expect(":")
            content[name] = self.list_there() if self.comes("[") else self.value()
            if not self.comes(","):
                break
        self.expect("}")
        if self.place != len(self.text):
            raise ValueError("something follows the object")
        return content

    def list_there(self) -> list[Any]:
        found: list[Any] = []
        if self.comes("]"):
            return found
        while True:
            found.append(self.value())
            if not self.comes(","):
                break
        self.expect("]")
        return found

    def value(self) -> Any:
        if match := WORD.match(self.text, self.place):
            self.count()
            self.place = match.end()
            self.skip()
            return json.loads(match[0])
        return self.text_there()

    def text_there(self) -> str:
        self.count()
        self.expect('"', skips=False)
        found, self.place = scanstring(self.text, self.place, True)
        self.skip()
        return cast(str, found)

    def count(self) -> None:
        self.values += 1
        if self.values > VALUES_MAX:
            raise ValueError(f"a long body may have {VALUES_MAX} values")

    def comes(self, mark: str, *, skips: bool = True) -> bool:
        if not self.text.startswith(mark, self.place):
            return False
        self.place += 1
        if skips:
            self.skip()
        return True

    def expect(self, mark: str, *, skips: bool = True) -> None:
        if self.place == 0:
            self.skip()
        if not self.comes(mark, skips=skips):
            raise ValueError(f"{mark} is wanted at {self.place} of a body that is long")

    def skip(self) -> None:
        if match := WHITE.match(self.text, self.place):
            self.place = match.end()
