"""The bench knows when an answer is whole, however it comes, and never takes half of one for an answer."""

from __future__ import annotations

import pytest

from bench.response import BadResponse, Response, ResponseReader

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Type: text/plain\r\n\r\nhello\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n2;x=y\r\no\n\r\n0\r\n\r\n"
CLOSING = b"HTTP/1.0 200 Script output follows\r\nServer: x\r\nContent-Type: text/plain\n\nhello\n"


def read_in_steps(data: bytes, size: int) -> Response:
    """What a browser would have after the server closed, the bytes having come `size` at a time."""
    reader = ResponseReader()
    for start in range(0, len(data), size):
        response = reader.feed(data[start : start + size])
        if response is not None:
            assert start + size >= len(data), "whole before its end"
            return response
    return reader.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("data", [LENGTH, CHUNKED, CLOSING], ids=["length", "chunked", "closing"])
def test_the_body_is_the_same_however_it_is_framed_and_cut(data: bytes, size: int) -> None:
    response = read_in_steps(data, size)
    assert (response.status, response.body) == (200, b"hello\n")


def test_header_names_do_not_depend_on_case() -> None:
    assert read_in_steps(LENGTH, 1000).headers == {"content-length": "6", "content-type": "text/plain"}


def test_only_a_framed_answer_of_a_willing_server_leaves_the_connection_open() -> None:
    assert read_in_steps(LENGTH, 1000).reusable
    assert read_in_steps(CHUNKED, 1000).reusable
    assert not read_in_steps(CLOSING, 1000).reusable
    assert not read_in_steps(LENGTH.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"), 1000).reusable
    assert not read_in_steps(LENGTH.replace(b"HTTP/1.1", b"HTTP/1.0"), 1000).reusable


@pytest.mark.parametrize("data", [b"", LENGTH[:20], LENGTH[:-1], CHUNKED[:-2], CHUNKED[:-9]])
def test_an_answer_cut_short_is_no_answer(data: bytes) -> None:
    with pytest.raises(BadResponse, match="closed"):
        read_in_steps(data, 1000)


@pytest.mark.parametrize(
    "data",
    [
        b"hello\n\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000,
    ],
)
def test_what_is_not_http_is_refused(data: bytes) -> None:
    with pytest.raises(BadResponse):
        read_in_steps(data, len(data))
