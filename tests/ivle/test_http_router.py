"""Which room a request goes to. Above all: what comes for the pages host never reaches Django."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivle.http_router import HttpRouter, Room, bare_host, choose_room

SITE_HOSTS = ["ivle.example.edu"]
PAGES = "pages.example.net"


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("ivle.example.edu", "/", Room.SITE),
        ("ivle.example.edu", "/login/", Room.SITE),
        ("ivle.example.edu", "/serve/student/hello.py", Room.SERVE),
        ("ivle.example.edu:8000", "/serve/student/hello.py", Room.SERVE),
        ("IVLE.Example.EDU.", "/serve/student/hello.py", Room.SERVE),
        ("ivle.example.edu", "/static/site.css", Room.STATIC),
        ("pages.example.net", "/static/site.css", Room.PAGES),
        ("rebound.example.org", "/static/site.css", Room.SITE),
        ("ivle.example.edu", "/serve", Room.SITE),
        ("ivle.example.edu", "/served/", Room.SITE),
        ("ivle.example.edu", "/~student/", Room.SITE),
        ("pages.example.net", "/~student/", Room.PAGES),
        ("pages.example.net", "/login/", Room.PAGES),
        ("pages.example.net", "/serve/student/hello.py", Room.PAGES),
        ("Pages.Example.Net.:443", "/login/", Room.PAGES),
        ("student.pages.example.net", "/admin/", Room.PAGES),
        ("notpages.example.net", "/serve/student/hello.py", Room.SITE),
        ("rebound.example.org", "/serve/student/hello.py", Room.SITE),  # and Django answers 400
    ],
)
def test_room(host: str, path: str, expected: Room) -> None:
    assert choose_room([host], path, PAGES, SITE_HOSTS) is expected


def test_with_one_host_the_pages_are_below_the_tilde() -> None:
    assert choose_room(SITE_HOSTS, "/~student/", "", SITE_HOSTS) is Room.PAGES
    assert choose_room(SITE_HOSTS, "/serve/student/", "", SITE_HOSTS) is Room.SERVE
    assert choose_room(["rebound.example.org"], "/~student/", "", SITE_HOSTS) is Room.SITE


@pytest.mark.parametrize("hosts", [[], ["ivle.example.edu", "ivle.example.edu"], ["ivle.example.edu", "other"]])
def test_without_exactly_one_host_no_program_runs(hosts: list[str]) -> None:
    assert choose_room(hosts, "/serve/student/hello.py", PAGES, SITE_HOSTS) is Room.SITE


def test_a_second_host_header_does_not_lead_around_the_pages() -> None:
    assert choose_room(["ivle.example.edu", PAGES], "/login/", PAGES, SITE_HOSTS) is Room.PAGES


@given(
    prefix=st.sampled_from(["", "student.", "a.b."]), port=st.sampled_from(["", ":", ":80", ":8000"]), path=st.text()
)
def test_the_pages_host_never_reaches_django(prefix: str, port: str, path: str) -> None:
    assert choose_room([f"{prefix}{PAGES}{port}"], path, PAGES, [*SITE_HOSTS, "*"]) is Room.PAGES


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("localhost:8000", "localhost"),
        ("[::1]:8000", "[::1]"),
        ("[::1]", "[::1]"),
        ("::1", "::1"),
        (" Example.ORG.:80 ", "example.org"),
        ("example.org:http", "example.org:http"),
        ("", ""),
    ],
)
def test_bare_host(header: str, host: str) -> None:
    assert bare_host(header) == host


async def test_the_router_calls_the_room(settings) -> None:
    settings.IVLE_PAGES_HOST, settings.ALLOWED_HOSTS = PAGES, SITE_HOSTS
    called = []

    def room(name: str):
        async def application(scope, receive, send) -> None:
            called.append(name)

        return application

    router = HttpRouter(site=room("site"), serve=room("serve"), pages=room("pages"), static=room("static"))
    for host, path in ((SITE_HOSTS[0], "/"), (SITE_HOSTS[0], "/serve/x/y"), (PAGES, "/"), (SITE_HOSTS[0], "/static/x")):
        await router({"type": "http", "path": path, "headers": [(b"host", host.encode())]}, None, None)
    assert called == ["site", "serve", "pages", "static"]
