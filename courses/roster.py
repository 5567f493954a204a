"""Reads a roster: CSV as spreadsheets and student records write it. Pure; importing.py does what it says.

Either it is right in every line, or each wrong line is named, with what is wrong with it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.models import LOGIN_NAME_PATTERN
from courses.cells import is_formula, meant
from courses.faults import BadRoster, LineFault
from courses.models import Role

BYTES_MAX: Final = 1024 * 1024
PEOPLE_MAX: Final = 5000
COLUMNS_MAX: Final = 100
FAULTS_MAX: Final = 100  # that are named
NAME_MAX_CHARACTERS: Final = 150
EMAIL_MAX_CHARACTERS: Final = 254
SHOWN_CHARACTERS: Final = 40
# What columns are called, by what they hold.
HEADINGS: Final = {
    "login": {"login", "login name", "loginname", "username", "user name", "user"},
    "name": {"name", "full name", "fullname"},
    "first": {"first name", "firstname", "given name", "given names", "forename"},
    "last": {"last name", "lastname", "surname", "family name"},
    "email": {"email", "e-mail", "email address", "e-mail address", "mail"},
    "role": {"role"},
}
ORDER: Final = ("login", "name", "email", "role")  # without headings
DELIMITERS: Final = (",", ";", "\t")
SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True)
class Row:
    """One person of a roster. `name` and `email` are empty where it does not say."""

    line: int
    login: str
    name: str
    email: str
    role: Role


@dataclass(frozen=True)
class Roster:
    rows: tuple[Row, ...]
    encoding: str  # as people call it
    unused: tuple[str, ...]  # headings of columns that mean nothing to us


class WrongLine(Exception):
    """Its text says why."""


def read_roster(data: bytes) -> Roster:
    """Raises BadRoster."""
    if len(data) > BYTES_MAX:
        raise BadRoster(_("This file is larger than 1 MB. A roster has a line for each person, and nothing else."), ())
    text, encoding = decoded(data)
    reading = Reading()
    rows = tuple(reading.rows(text))
    if reading.faults:
        raise BadRoster(summary(len(reading.faults)), sorted(reading.faults, key=lambda fault: fault.line)[:FAULTS_MAX])
    if not rows:
        raise BadRoster(_("There is nobody in this roster."), ())
    return Roster(rows, encoding, reading.unused)


def summary(count: int) -> str:
    if count > FAULTS_MAX:
        return _("More than %(most)d lines are wrong, so nobody was added. These are the first.") % {"most": FAULTS_MAX}
    return _("Some lines are wrong, so nobody was added. Mend them, then send the roster again.")


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and what it was written in: Excel has three ways. Raises BadRoster."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        ways: tuple[tuple[str, str], ...] = (("utf-16", "UTF-16"),)
    else:
        ways = (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"))
    for codec, name in ways:
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise BadRoster(_("This file is not a text. Save the table as CSV (UTF-8), then send that."), ())


class Reading:
    """One pass over a roster. `faults` has what is wrong so far."""

    def __init__(self) -> None:
        self.faults: list[LineFault] = []
        self.unused: tuple[str, ...] = ()
        self.lines: dict[str, int] = {}  # of each login name

    def rows(self, text: str) -> Iterator[Row]:
        columns: Sequence[str] | None = None
        for line, cells in self.records(text):
            if columns is None:
                columns = self.columns(cells)
                if columns is None:
                    columns = ORDER
                else:
                    if "login" not in columns:
                        self.wrong(line, _("No column is called login, so nobody can be told from another."))
                        return
                    continue
            try:
                yield self.row(line, columns, cells)
            except WrongLine as fault:
                self.wrong(line, str(fault))
            if len(self.faults) > FAULTS_MAX:
                return
            if len(self.lines) > PEOPLE_MAX:
                self.wrong(line, _("A roster has at most %(most)d people. Send it in parts.") % {"most": PEOPLE_MAX})
                return

    def records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Each line that has anything in it, with the number of the line it begins in."""
        separator = SEPARATOR_LINE.match(text)
        delimiter = separator[1] if separator else delimiter_of(text)
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        begin = 1
        try:
            for cells in reader:
                line, begin = begin, reader.line_num + 1
                if any(cell.strip() for cell in cells) and not (separator and line == 1):
                    yield line, cells
        except csv.Error:
            self.wrong(begin, _("A quotation mark is missing or too many, or a cell is too long."))

    def columns(self, cells: Sequence[str]) -> tuple[str, ...] | None:
        """What each column holds, "" for what we do not need; None where this is no line of headings."""
        found = tuple(meaning_of(cell) for cell in cells[:COLUMNS_MAX])
        if not any(found):
            return None
        self.unused = tuple(
            cell.strip()[:SHOWN_CHARACTERS] for cell, name in zip(cells, found, strict=False) if not name
        )
        for name in set(found) - {""}:
            if found.count(name) > 1:
                self.wrong(1, _("Two columns are called %(name)s.") % {"name": name})
        return found

    def row(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
        """Raises WrongLine."""
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise WrongLine(
                _("This line has %(count)d cells, and there are %(columns)d columns.")
                % {"count": len(cells), "columns": len(columns)}
            )
        found = {name: checked(cell) for name, cell in zip(columns, cells, strict=False) if name}
        name = found.get("name") or f"{found.get('first', '')} {found.get('last', '')}".strip()
        row = Row(line, self.login(line, found.get("login", "")), name, found.get("email", ""), role_named(found))
        if len(name) > NAME_MAX_CHARACTERS:
            raise WrongLine(_("This name is longer than %(most)d characters.") % {"most": NAME_MAX_CHARACTERS})
        if row.email and not is_email(row.email):
            raise WrongLine(_("%(email)s is no email address.") % {"email": shortened(row.email)})
        return row

    def login(self, line: int, text: str) -> str:
        """Raises WrongLine."""
        login = text.lower()
        if not login:
            raise WrongLine(_("There is no login name."))
        if not re.fullmatch(LOGIN_NAME_PATTERN, login):
            raise WrongLine(
                _("%(login)s cannot be a login name. It has at most 32 of a-z, 0-9, _ and -, beginning with a letter.")
                % {"login": shortened(text)}
            )
        if login in self.lines:
            raise WrongLine(_("%(login)s is in line %(line)d already.") % {"login": login, "line": self.lines[login]})
        self.lines[login] = line
        return login

    def wrong(self, line: int, reason: str) -> None:
        self.faults.append(LineFault(line, reason))


def delimiter_of(text: str) -> str:
    """The one that the first line with anything in it has most of, outside of quotation marks."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count)


def meaning_of(heading: str) -> str:
    plain = re.sub(r"[\s_]+", " ", heading).strip().casefold()
    return next((name for name, headings in HEADINGS.items() if plain in headings), "")


def checked(cell: str) -> str:
    """Raises WrongLine for what no name, address or role has in it."""
    text = meant(cell)
    if is_formula(text):
        raise WrongLine(_("%(cell)s looks like a formula. Save the table with its values.") % {"cell": shortened(text)})
    if not text.isprintable():
        raise WrongLine(_("%(cell)s has a character that cannot be printed.") % {"cell": shortened(text)})
    return text


def role_named(found: dict[str, str]) -> Role:
    """Raises WrongLine."""
    text = found.get("role", "").casefold() or Role.STUDENT
    if text not in Role.values:
        raise WrongLine(_("%(role)s is no role. There are student, tutor and lecturer.") % {"role": shortened(text)})
    return Role(text)


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= EMAIL_MAX_CHARACTERS


def shortened(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return plain if len(plain) <= SHOWN_CHARACTERS else f"{plain[:SHOWN_CHARACTERS]}…"
