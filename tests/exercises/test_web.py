"""Tests of web pages: what is sent, what is kept from one step to the next, what is looked at."""

from __future__ import annotations

import textwrap

import pytest

from exercises.exercise import Element, Request, Response, WebTask
from exercises.reading import Faults
from exercises.visits import Browser, Page, read_page
from tests.exercises.conftest import Mark, exercise_of, result_of

TELL = """
    import os, sys
    print("Content-Type: text/plain; charset=utf-8")
    print("X-Method: " + os.environ["REQUEST_METHOD"])
    print()
    for name in ("QUERY_STRING", "PATH_INFO", "SCRIPT_NAME", "CONTENT_TYPE", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE"):
        print(name, os.environ.get(name))
    print(sys.stdin.buffer.read().decode())
"""
PAGE = """
    print('''Content-Type: text/html

    <title>Shop</title><h1>Our <b>Shop</b></h1>
    <style>h1 { color: red }</style>
    <ul class=goods><li>Tea <i>green</i></li><li>Milk</li></ul>
    <a href="/buy?x=1">Buy</a>''')
"""


def web(request: str, response: str, *, before: str = "", settings: str = "") -> str:
    return (
        f"{before}## Test: page\n\n{settings}\n```request\n{textwrap.dedent(request).strip()}\n```\n"
        f"```response\n{textwrap.dedent(response).strip()}\n```\n"
    )


def test_reads_steps() -> None:
    request = "POST /a.py/b?c=d\nAccept-Language: de\nform: name = Ada = you\nfile: photo = pictures/ada.png"
    response = "404\nX-Kind: a; b\ncookie: theme\ncookie: guest = Ada\ntext: Hello\nno text: Bye\nhas: h1\nhas no: .x\n"
    response += "has 3: li\nhas: a[href='=>'] => to us"
    [test] = exercise_of(web(request, response)).tests
    assert isinstance(test.task, WebTask)
    [step] = test.task.steps
    assert step.request == Request(
        "POST",
        "/a.py/b",
        "c=d",
        (("Accept-Language", "de"),),
        (("name", "Ada = you"),),
        (("photo", "pictures/ada.png"),),
    )
    assert step.response == Response(
        404,
        (("X-Kind", "a; b"),),
        (("theme", None), ("guest", "Ada")),
        ("Hello",),
        ("Bye",),
        (Element("h1"), Element(".x", 0), Element("li", 3), Element("a[href='=>']", text="to us")),
    )


FAULTS = {
    "no request": ("## Test: a\n\n```response\n200\n```\n", 3, "comes first"),
    "no response": ("## Test: a\n\n```request\nGET /\n```\n", 3, "no block `response`"),
    "two requests": ("## Test: a\n\n```request\nGET /\n```\n```request\nGET /\n```\n```response\n```\n", 6, "before"),
    "no method": ("## Test: a\n\n```request\nFETCH /\n```\n", 4, "a request is"),
    "a path of its own": ("## Test: a\n\n```request\nGET page.py\n```\n", 4, "a request is"),
    "no status": ("## Test: a\n\n```request\nGET /\n```\n```response\n999\n```\n", 7, "'999' is no status"),
    "nothing known": ("## Test: a\n\n```request\nGET /\n```\n```response\n200\nhas not: p\n```\n", 8, "'has not'"),
    "no selector": ("## Test: a\n\n```request\nGET /\n```\n```response\nhas:\n```\n", 7, "`has: h1`"),
    "form and body": ("## Test: a\n\n```request\nPOST /\nform: a = b\n\nc\n```\n", 4, "never both"),
    "a file above": ("## Test: a\n\n```request\nPOST /\nfile: a = ../b\n```\n", 4, "'../b'"),
    "arguments": ("## Test: a\n- arguments: x\n```request\nGET /\n```\n```response\n```\n", 1, "for programs"),
}


@pytest.mark.parametrize(("text", "line", "reason"), FAULTS.values(), ids=FAULTS)
def test_fault(text: str, line: int, reason: str) -> None:
    before = "# T\n\n## Solution\n\n```\n1\n```\n\n"
    with pytest.raises(Faults) as raised:
        exercise_of(before + text)
    found = [fault for fault in raised.value.faults if reason in fault.reason]
    assert found, raised.value.faults
    assert found[0].line == line + before.count("\n")


async def test_what_a_program_is_told(marked: Mark) -> None:
    request = "POST /main.py/more/of%20it?a=b&c\nAccept-Language: de\nform: name = Ä & Ö\nform: other ="
    text = web(request, "X-Method: POST") + textwrap.dedent("""
        ```body
        QUERY_STRING a=b&c
        PATH_INFO /more/of it
        SCRIPT_NAME /main.py
        CONTENT_TYPE application/x-www-form-urlencoded
        HTTP_COOKIE None
        HTTP_ACCEPT_LANGUAGE de
        name=%C3%84+%26+%C3%96&other=
        ```
    """)
    result = await result_of(marked, text, TELL)
    assert result.passed, result.feedback


async def test_an_upload_comes_as_browsers_send_it(marked: Mark) -> None:
    code = """
        import email, os, sys
        head = f"Content-Type: {os.environ['CONTENT_TYPE']}\\n\\n".encode()
        message = email.message_from_bytes(head + sys.stdin.buffer.read())
        print("Content-Type: text/plain\\n")
        for part in message.get_payload():
            print(part.get_param("name", header="Content-Disposition"), part.get_filename(), part.get_payload())
    """
    request = "POST /\nform: title = Prices\nfile: table = data/prices.csv"
    text = "## Files\n\n```file data/prices.csv\ntea,1\n```\n\n" + web(request, "200")
    text += "\n```body\ntitle None Prices\ntable prices.csv tea,1\n```\n"
    result = await result_of(marked, text, code)
    assert result.passed, result.feedback


@pytest.mark.parametrize(
    "line",
    [
        "has: h1 => Our Shop",
        "has: ul.goods > li:first-child",
        "has 2: li",
        "has no: table",
        "has: li => Tea green",
        "has: a[href='/buy?x=1'] => Buy",
        "text: Our Shop",
        "text: Tea   green",
        "no text: color",
        "Content-Type: text/html",
    ],
)
async def test_what_is_on_a_page(marked: Mark, line: str) -> None:
    result = await result_of(marked, web("GET /", line), PAGE)
    assert result.passed, result.feedback


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("has: h1 => Shop", "No element 'h1' has the text 'Shop'; there is 'Our Shop'."),
        ("has: table", "There is no element 'table'."),
        ("has 3: li", "There are 2 elements 'li', not 3."),
        ("has no: li", "There are 2 elements 'li', and there must be none."),
        ("has: li[", "This test's selector 'li[' cannot be read."),
        ("text: Coffee", "The text 'Coffee' is not on the page."),
        ("no text: Milk", "The text 'Milk' is on the page."),
        ("404", "The status was 200, and 404 was expected."),
        ("X-Powered-By: tea", "There is no header X-Powered-By."),
        ("Content-Type: text/plain", "The header Content-Type is another one."),
        ("cookie: guest", "It sets no cookie guest."),
    ],
)
async def test_says_what_is_not_on_it(marked: Mark, line: str, sentence: str) -> None:
    result = await result_of(marked, web("GET /", line), PAGE)
    assert not result.passed
    assert result.feedback is not None
    assert result.feedback.sentence == sentence
    assert result.feedback.given.startswith("step 1: GET /")


async def test_a_program_that_fails_is_answered_with_500(marked: Mark) -> None:
    result = await result_of(marked, web("GET /", "200"), "1 / 0")
    assert result.feedback is not None
    assert result.feedback.sentence == (
        "The status was 500, and 200 was expected. It ended with an error: ZeroDivisionError: division by zero"
    )
    assert (await marked(web("GET /", "500"), "1 / 0")).passed


async def test_text_is_no_page(marked: Mark) -> None:
    result = await result_of(marked, web("GET /", "has: h1"), "print('<h1>hello</h1>')")
    assert result.feedback is not None
    assert result.feedback.sentence == "It is no HTML: its Content-Type is text/plain; charset=utf-8."
    assert (await marked(web("GET /", "text: <h1>hello"), "print('<h1>hello</h1>')")).passed


async def test_cookies_and_files_stay_for_the_next_step(marked: Mark) -> None:
    code = """
        import os
        count = len(open("visits").read()) if os.path.exists("visits") else 0
        open("visits", "a").write("x")
        cookie = os.environ.get("HTTP_COOKIE", "none")
        print(f"Set-Cookie: seen={count}; Path=/; HttpOnly")
        print("Set-Cookie: once=1; Max-Age=0" if count else "Set-Cookie: once=1")
        print(f"Content-Type: text/plain\\n\\n{cookie}")
    """
    steps = ["none", "seen=0; once=1", "seen=1", "seen=2"]
    text = web("GET /", "200") + "```body\nnone\n```\n"
    for expected in steps[1:]:
        text += f"```request\nGET /\n```\n```response\n```\n```body\n{expected}\n```\n"
    result = await result_of(marked, text, code)
    assert result.passed, result.feedback


async def test_a_page_that_never_ends(marked: Mark) -> None:
    result = await result_of(marked, web("GET /", "200"), "while True: pass")
    assert result.feedback is not None
    assert result.feedback.sentence.startswith("It was stopped after 1 s of computing.")


async def test_a_cookie_may_be_sent(marked: Mark) -> None:
    code = "import os\nprint('Set-Cookie: a=1\\nContent-Type: text/plain\\n')\nprint(os.environ['HTTP_COOKIE'])"
    steps = [("b=many", "b=many"), ("c=3; d", "a=1; c=3; d")]
    text = "## Test: page\n\n"
    for sent, expected in steps:
        text += f"```request\nGET /\nCookie: {sent}\n```\n```response\n```\n```body\n{expected}\n```\n"
    result = await result_of(marked, text, code)
    assert result.passed, result.feedback


LOST = [
    ("Content-Type: text/html\n<h1>x</h1>\n", "Is the empty line after the headers missing?"),
    ("Status: 200 OK\nColour: red\n\nx", "What it prints first is no header."),
]


@pytest.mark.parametrize(("output", "guess"), LOST)
async def test_guesses_why_headers_are_none(marked: Mark, output: str, guess: str) -> None:
    for line in ("Content-Type: text/html", "has: h1", "X-Kind: a", "cookie: a", "404"):
        result = await result_of(marked, web("GET /", line), f"print({output!r})")
        assert result.feedback is not None
        assert result.feedback.sentence.endswith(guess)


async def test_another_program_beside_it(marked: Mark) -> None:
    report = await marked(web("GET /about.py", "text: about"), "", **{"about.py": "print('about')"})
    assert report.passed


def test_redirects_and_statuses_are_the_sites() -> None:
    assert as_page(b"Location: /next\n\n").status == 302
    assert as_page(b"Status: 404 Not Found\nContent-Type: text/html\n\nno").status == 404
    assert as_page(b"hello\n").header("content-type") == "text/plain; charset=utf-8"
    assert as_page(b"Content-Type: text/html\n\nx", exit_status=1).status == 500


def as_page(data: bytes, exit_status: int = 0) -> Page:
    from cgirunner.headers import sniff

    return read_page(sniff(data), data, exit_status, "")


def test_what_no_harness_of_ours_tells_is_no_page() -> None:
    for message in ({}, {"exit": "0", "output": "", "errors": ""}, {"exit": 0, "output": "a", "errors": 3}):
        assert Page.from_message(message) is None
    page = Page.from_message({"exit": 0, "output": "\u20ac", "errors": ""})
    assert page is not None
    assert page.body == "?"


def test_a_browser_keeps_few_cookies() -> None:
    browser = Browser("main.py", {})
    lines = b"".join(b"Set-Cookie: c%d=1\n" % number for number in range(50))
    browser.keep(as_page(lines + b"Content-Type: text/html\n\n"))
    assert len(browser.cookies) == 20
