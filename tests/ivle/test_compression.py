"""Which answers go packed, to whom, and to whom not: whoever can make others ask must not learn from lengths."""

from __future__ import annotations

import gzip
import json

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from ivle.compression import Compression

LONG = json.dumps({"words": ["something"] * 500})


def answered(response, **request: str):
    asked = RequestFactory().get("/", headers={"accept-encoding": "gzip, br"} | request.pop("headers", {}), **request)
    return Compression(lambda _request: response)(asked)


def is_packed(response) -> bool:
    return response.headers.get("Content-Encoding") == "gzip"


def test_json_and_pages_go_packed() -> None:
    for kind in ("application/json", "text/html; charset=utf-8"):
        response = answered(HttpResponse(LONG, content_type=kind))
        assert is_packed(response)
        assert response.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(response.content).decode() == LONG
        assert len(response.content) < len(LONG) / 4


def test_not_to_whoever_does_not_take_it() -> None:
    response = answered(HttpResponse(LONG, content_type="application/json"), headers={"accept-encoding": "br"})
    assert not is_packed(response)
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("fields", "packed"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"authorization": "Bearer x"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),  # students' pages, where their host is below the site's
        ({}, False),
    ],
)
def test_with_tls_only_for_what_the_site_itself_asks(fields: dict[str, str], packed: bool) -> None:
    response = HttpResponse(LONG, content_type="text/html")
    asked = RequestFactory().get("/", secure=True, headers={"accept-encoding": "gzip", **fields})
    assert is_packed(Compression(lambda _request: response)(asked)) is packed


def test_the_length_has_a_random_part() -> None:
    lengths = {len(answered(HttpResponse(LONG, content_type="text/html")).content) for _ in range(40)}
    assert len(lengths) > 10


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short", content_type="application/json"),
        HttpResponse(LONG, content_type="application/octet-stream"),
        HttpResponse(LONG, content_type="application/json", headers={"ETag": '"1"'}),  # somebody's file
        HttpResponse(LONG, content_type="application/json", headers={"Content-Encoding": "br"}),
        StreamingHttpResponse([LONG.encode()], content_type="application/json"),
    ],
    ids=["short", "octets", "with a tag", "packed already", "streaming"],
)
def test_the_rest_stays_as_it_is(response) -> None:
    before = response.headers.get("Content-Encoding")
    assert answered(response).headers.get("Content-Encoding") == before


def test_the_site_has_it(db) -> None:
    response = Client(headers={"accept-encoding": "gzip"}).get("/login/")
    assert is_packed(response)
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert b"csrfmiddlewaretoken" in gzip.decompress(response.content)
