"""Which lines of a traceback lead into the editor."""

from __future__ import annotations

import pytest

from cgirunner.errors import pieces

TRACEBACK = """Traceback (most recent call last):
  File "/home/student/a/b c.py", line 12, in <module>
    json.loads("{")
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    <b>
"""


def test_a_line_of_ones_own_leads_to_the_editor() -> None:
    found = pieces(TRACEBACK, "student")
    assert "".join(text for text, _ in found) == TRACEBACK
    assert [(text, address) for text, address in found if address] == [
        ('File "/home/student/a/b c.py", line 12', "/edit/a/b%20c.py#L12")
    ]


def test_a_name_that_is_not_text() -> None:
    [_, (_, address), _] = pieces(r'File "/home/student/a/\udcff\udc80.py", line 1', "student")
    assert address == "/edit/a/%FF%80.py#L1"


@pytest.mark.parametrize(
    "line",
    [
        'File "/home/classmate/a.py", line 1',
        'File "/home/student/../classmate/a.py", line 1',
        'File "/home/student/\N{REPLACEMENT CHARACTER}.py", line 1',
        'File "a.py", line 1',
        "",
    ],
)
def test_no_other_does(line: str) -> None:
    assert pieces(line, "student") == [(line, "")]


def test_no_address_leads_off_the_site() -> None:
    [_, (_, address), _] = pieces(
        'File "/home/student//evil.example/"onclick=x.py", line 1'.replace('"on', "on"), "student"
    )
    assert address.startswith("/edit/evil.example/")
