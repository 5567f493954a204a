"""Cells of tables that leave the site as CSV, and of those that come in: what a spreadsheet would run is only text.

See docs/decisions/0067-rosters.md. Pure.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Final

STARTS_OF_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
QUOTED: Final = re.compile(r'="([^"]*)"')  # how Excel is kept from eating the zeros of 0042
NUMBER: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def is_formula(text: str) -> bool:
    """Would a spreadsheet compute it?"""
    return text.startswith(STARTS_OF_FORMULAS) and not NUMBER.fullmatch(text)


def meant(text: str) -> str:
    """A cell as it was meant: without blanks around it, and without Excel's quotes."""
    text = text.strip()
    quoted = QUOTED.fullmatch(text)
    return quoted[1].strip() if quoted else text


def safe(value: object) -> str:
    """For a cell that people will open in a spreadsheet: a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if is_formula(text) else text


def table(rows: Iterable[Iterable[object]]) -> bytes:
    """CSV (RFC 4180) in UTF-8, with the mark by which Excel knows that it is."""
    buffer = StringIO(newline="")
    csv.writer(buffer).writerows([safe(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig", "replace")
