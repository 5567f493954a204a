"""What a program prints without headers reaches the browser whole, as text."""

from __future__ import annotations

import pytest


@pytest.mark.usefixtures("patient")
def test_it_shows_what_was_printed(run) -> None:
    reply = run("print('Hello')")
    assert (reply.status, reply.body, reply.whole) == (200, b"Hello\n", True)
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Content-Length"] == "6"


@pytest.mark.parametrize(
    "output",
    [b"no final newline", b"\nfirst line blank\n", b"Name: Alice\nAge: 20\n\nbye", b"\xff\x00\x1b[1m", b"x" * 300_000],
    ids=["no newline", "blank line", "fields", "bytes", "long"],
)
def test_every_byte_arrives(run, output) -> None:
    reply = run(f"import sys; sys.stdout.buffer.write({output!r})")
    assert (reply.status, reply.body) == (200, output)
    assert reply["Content-Type"] == "text/plain; charset=utf-8"


def test_a_traceback_is_text(run) -> None:
    reply = run("raise ValueError('<script>alert(1)</script>')")
    assert reply.status == 500
    assert "ValueError: &lt;script&gt;alert(1)&lt;/script&gt;" in reply.text
    assert "<script>" not in reply.text


def test_a_traceback_after_headers_is_no_markup(run) -> None:
    reply = run("print('Content-Type: text/html\\n\\n<p>one'); raise ValueError('<b>')")
    assert reply.body == b"<p>one\n"


def test_the_owner_sees_below_the_output_why_the_program_failed(run) -> None:
    reply = run("print('one'); 1 / 0")
    assert reply.status == 200
    assert reply.text.startswith("one\n\n\n[ivle] The program stopped because of an error.\n\nTraceback")
    assert "ZeroDivisionError: division by zero\n" in reply.text


def test_nothing_is_put_below_the_output_of_a_program_that_ended_well(run) -> None:
    assert run("import sys; print('one'); print('oops', file=sys.stderr)").body == b"one\n"


def test_the_owner_is_told_that_the_output_is_empty(run) -> None:
    reply = run("")
    assert (reply.status, reply["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "The program printed nothing" in reply.text


def test_a_script_of_the_page_gets_the_empty_output_itself(run) -> None:
    reply = run("", headers={"sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"})
    assert (reply.status, reply.body, reply["Content-Type"]) == (200, b"", "text/plain; charset=utf-8")


def test_a_visitor_gets_the_empty_output_itself(anybody, home) -> None:
    home.write("program.py", "")
    home.publish()
    reply = anybody.ask("/~student/program.py")
    assert (reply.status, reply.body) == (200, b"")
