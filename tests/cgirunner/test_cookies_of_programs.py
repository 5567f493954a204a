"""Cookies: a program gets its own back, never the site's, and the browser keeps none that could harm the site."""

from __future__ import annotations

import pytest

SHOW = "import os; print(os.environ.get('HTTP_COOKIE'))"
HEADERS = "Content-Type: text/plain"


@pytest.fixture
def cookies_on_pages(anybody, home):
    def of(*lines: str) -> list[str]:
        home.write("program.py", f"print({HEADERS!r}); print({chr(10).join(lines)!r}); print()")
        return anybody.ask("/~student/program.py").all("Set-Cookie")

    home.publish()
    return of


def test_several_cookies_on_the_pages_host(cookies_on_pages) -> None:
    kept = cookies_on_pages(
        "Set-Cookie: a=1", "set-cookie: b=2; Max-Age=60; HttpOnly; SameSite=Strict", 'Set-Cookie: c="x y"'
    )
    assert kept == [
        "a=1; Path=/~student/",
        "b=2; Path=/~student/; Max-Age=60; HttpOnly; SameSite=Strict",
        'c="x y"; Path=/~student/',
    ]


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [
        ("a=1; Domain=localhost", "a=1; Path=/~student/"),
        ("a=1; Path=/", "a=1; Path=/~student/"),
        ("a=1; Path=/~classmate/", "a=1; Path=/~student/"),
        ("a=1; Path=/~student/../", "a=1; Path=/~student/"),
        ("a=1; Path=/~student/app/", "a=1; Path=/~student/app/"),
        ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=; Path=/~student/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        ("a=1; SameSite=None", "a=1; Path=/~student/; SameSite=None; Secure"),
    ],
)
def test_attributes(cookies_on_pages, cookie, kept) -> None:
    assert cookies_on_pages(f"Set-Cookie: {cookie}") == [kept]


@pytest.mark.parametrize(
    "cookie", ["ivle-session=x", "ivle-csrf=x", "__Host-a=x", "a", "a b=c", "=x", "a=" + "x" * 5000]
)
def test_cookies_that_are_dropped(cookies_on_pages, cookie) -> None:
    assert cookies_on_pages(f"Set-Cookie: {cookie}") == []


def test_no_more_than_twenty(cookies_on_pages) -> None:
    assert len(cookies_on_pages(*(f"Set-Cookie: a{number}=1" for number in range(100)))) == 20


def test_a_program_on_the_pages_host_gets_its_cookies_back(anybody, home, settings) -> None:
    home.write("program.py", SHOW)
    home.publish()
    anybody.cookies = {"a": "1", settings.SESSION_COOKIE_NAME: "secret", settings.CSRF_COOKIE_NAME: "secret", "b": "2"}
    assert anybody.ask("/~student/program.py").text == "a=1; b=2\n"


def test_on_the_site_s_host_cookies_have_their_owner_s_name(run, owner) -> None:
    reply = run(f"print({HEADERS!r}); print('Set-Cookie: theme=dark; Path=/'); print()")
    assert reply.all("Set-Cookie") == ["cgi~student~theme=dark; Path=/serve/; HttpOnly; SameSite=Lax"]
    owner.cookies |= {"cgi~student~theme": "dark", "cgi~classmate~theme": "light", "theme": "none"}
    assert run(SHOW).text == "theme=dark\n"


def test_on_the_only_host_too(anybody, home, settings) -> None:
    settings.IVLE_PAGES_HOST = ""
    home.write("program.py", "import os; print('Set-Cookie: a=1\\n'); print(os.environ.get('HTTP_COOKIE'))")
    home.publish()
    anybody.cookies = {"cgi~student~a": "1", settings.SESSION_COOKIE_NAME: "secret", "b": "2"}
    reply = anybody.ask("/~student/program.py")
    assert reply.text == "a=1\n"
    assert reply.all("Set-Cookie") == ["cgi~student~a=1; Path=/~student/; HttpOnly; SameSite=Lax"]
