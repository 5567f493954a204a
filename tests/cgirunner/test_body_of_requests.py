"""A request's method and body on their way to a program's standard input."""

from __future__ import annotations

import pytest

ECHO = "import os, sys; print(os.environ['REQUEST_METHOD'], sys.stdin.buffer.read())"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_body_is_on_standard_input(run, method) -> None:
    assert run(ECHO, method=method, body=[b"a=", b"1\0\xff"]).text == f"{method} {b'a=1' + bytes([0, 255])!r}\n"


def test_get_has_an_empty_standard_input(run) -> None:
    assert run(ECHO, body=b"ignored").text == "GET b''\n"


def test_head_runs_the_program_and_drops_the_body(run, supervisor) -> None:
    reply = run(ECHO, method="HEAD")
    assert (reply.status, reply.body, reply.whole, reply["Content-Length"]) == (200, b"", True, "9")
    assert supervisor.environ["REQUEST_METHOD"] == "HEAD"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "get", "BREW"])
def test_unknown_methods(run, supervisor, method) -> None:
    reply = run(ECHO, method=method)
    assert (reply.status, reply["Allow"]) == (405, "GET, HEAD, POST, PUT, PATCH, DELETE")
    assert not supervisor.jobs


def test_a_body_that_is_announced_too_large(run, supervisor, settings) -> None:
    settings.IVLE_UPLOAD_MAX_BYTES = 1024 * 1024
    reply = run(ECHO, method="POST", headers={"content-length": str(2 * 1024 * 1024 + 1)}, body=b"x")
    assert (reply.status, "at most 1 MB" in reply.text) == (413, True)
    assert not supervisor.jobs


def test_a_body_that_becomes_too_large(run, supervisor, settings) -> None:
    settings.IVLE_UPLOAD_MAX_BYTES = 4096
    assert run(ECHO, method="POST", body=[b"x" * 500_000] * 3).status == 413
    assert not supervisor.jobs


def test_a_body_that_never_ends_runs_nothing(run, supervisor) -> None:
    assert run(ECHO, method="POST", body=b"half", leaves=True).status == 0
    assert not supervisor.jobs


def test_an_upload_of_the_largest_size(run, settings) -> None:
    piece = b"0123456789abcdef" * 4096
    pieces = [piece] * (settings.IVLE_UPLOAD_MAX_BYTES // len(piece))
    source = "import sys; data = sys.stdin.buffer.read(); print(len(data), data[-4:])"
    assert run(source, method="POST", body=pieces).text == "33554432 b'cdef'\n"


def test_a_program_cannot_write_to_its_standard_input(run) -> None:
    source = """
import os
for way in (lambda: os.write(0, b"x"), lambda: os.truncate(0, 1 << 40),
            lambda: os.write(os.open("/proc/self/fd/0", os.O_WRONLY), b"x")):
    try:
        way()
    except OSError as error:
        print(error.strerror)
"""
    assert run(source, method="POST", body=b"abc").text == "Operation not permitted\n" * 3


def test_standard_input_can_be_read_again(run) -> None:
    source = "print(open('/dev/stdin').read(), open('/dev/stdin').read())"
    assert run(source, method="POST", body=b"abc").text == "abc abc\n"
