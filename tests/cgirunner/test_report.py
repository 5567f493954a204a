"""The run report: for the owner, complete, and nothing in it is markup."""

from __future__ import annotations

import pytest
from django.conf import settings as site
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from accounts.slips import holds
from accounts.tokens import make_token
from cgirunner.headers import Decision, Rule
from cgirunner.words import REASONS, why_shown_so
from tests.cgirunner.conftest import Visitor


def test_everything_is_in_it(run) -> None:
    reply = run(
        "import sys; print('Content-Type: text/html\\nX-Mood: fine\\n\\n<b>out'); print('<i>err', file=sys.stderr)",
        "?report",
    )
    assert (reply.status, reply["Content-Type"]) == (200, "text/html; charset=utf-8")
    for piece in (
        "The program ran to its end.",
        "&lt;i&gt;err",
        "&lt;b&gt;out",
        "0.012 of 1 s",
        "9.5\xa0MB of 256.0\xa0MB",
    ):
        assert piece in reply.text
    for piece in ("3, headers with a Content-Type", "passes as it is", "x-mood", "text/html"):
        assert piece in reply.text
    assert "<b>" not in reply.text
    assert "<i>" not in reply.text


def test_a_traceback_is_in_it(run) -> None:
    reply = run("1 / 0", "?report")
    assert (reply.status, "ZeroDivisionError: division by zero" in reply.text) == (200, True)


def test_it_runs_no_script_and_is_framed_by_nobody_else(run) -> None:
    policy = run("print('x')", "?report")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self' 'sha256-")
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy


def test_it_follows_no_redirect(run, supervisor) -> None:
    reply = run("print('Location: /serve/student/program.py\\n')", "?report")
    assert (reply.status, len(supervisor.jobs)) == (200, 1)
    assert "/serve/student/program.py" in reply.text


def test_it_tells_of_our_own_failures(run, supervisor) -> None:
    supervisor.answer = {"kind": "unavailable", "text": "no user namespaces"}
    reply = run("print('x')", "?report")
    assert "no user namespaces" in reply.text


def test_long_output_is_shown_in_part(run) -> None:
    reply = run("print('x' * 1_000_000)", "?report")
    assert "Only the beginning is shown here." in reply.text
    assert len(reply.body) < 300_000


def test_the_failure_page_leads_to_it(run) -> None:
    assert 'href="/serve/student/program.py?a=1&amp;report"' in run("1 / 0", "?a=1").text


@pytest.mark.parametrize("why", REASONS)
def test_every_reason_is_a_sentence(why) -> None:
    sentence = why_shown_so(Decision(Rule.TEXT, why, "Foo", 3))
    assert sentence.endswith(".")
    assert "%(" not in sentence


ASKS = "name = input('Your name? ')"


@pytest.mark.parametrize("source", ["print('Hello')", "print()", "1 / 0", ASKS, ""])
def test_what_is_no_web_page_can_be_run_in_a_console(run, student, source) -> None:
    page = run(source, "?report").text
    slip = page.partition('name="slip" value="')[2].partition('"')[0]
    assert holds(slip, student, "run program.py")
    assert 'name="file" value="program.py"' in page
    assert '<form method="post" action="/console/run"' in page
    assert ("asks for input" in page) == (source == ASKS)


def test_a_web_page_cannot_be_meant(run) -> None:
    assert "/console/run" not in run("print('Content-Type: text/html\\n\\n<p>')", "?report").text


@pytest.mark.parametrize("source", ["", "import sys; sys.exit('no')"])
def test_the_pages_in_place_of_an_answer_offer_it_too(run, source) -> None:
    assert 'action="/console/run"' in run(source).text


def test_below_a_text_stands_the_address(run) -> None:
    address = "http://localhost:8000/console/run?file=program.py"
    assert run(ASKS).text.endswith(f"A console can: {address}\n")
    assert address not in run("print('x'); 1 / 0").text


def test_a_script_with_a_token_is_offered_nothing(home, supervisor, student) -> None:
    home.write("program.py", ASKS)
    headers = {"authorization": f"Bearer {make_token(student, 'script')}"}
    for query in ("", "?report"):
        assert "/console/run" not in Visitor().ask(f"/serve/student/program.py{query}", headers=headers).text


def test_visitors_are_offered_nothing(anybody, home) -> None:
    home.write("program.py", ASKS)
    home.write("empty.py", "")
    home.publish()
    for path in ("program.py", "program.py?report", "empty.py"):
        assert "/console/run" not in anybody.ask(f"/~student/{path}").text


def test_the_bar_is_that_of_every_page(run, owner, home, student) -> None:
    owner.cookies[site.CSRF_COOKIE_NAME] = "a" * 32
    page = run("1 / 0", "?report").text
    assert "<summary>Sam Student</summary>" in page
    assert 'href="/files/"' in page
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    posted = HttpRequest()
    posted.method = "POST"
    posted.COOKIES = owner.cookies
    posted.META["HTTP_X_CSRFTOKEN"] = token
    middleware = CsrfViewMiddleware(lambda _: HttpResponse())
    middleware.process_request(posted)
    assert middleware.process_view(posted, lambda _: None, (), {}) is None, "one can log out there"


def test_in_a_frame_the_bar_is_that_of_the_page_around_it(run) -> None:
    page = run("1 / 0", "?report", headers={"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"}).text
    assert "ZeroDivisionError" in page
    assert '<header class="bar">' not in page


def test_the_way_to_it_leads_back(owner, home) -> None:
    home.write("lab 1/it's.py", "1 / 0")
    page = owner.ask("/serve/student/lab%201/it's.py?report").text
    assert (
        '<a href="/files/">Files</a> <a href="/files/lab%201/">lab 1</a> <span aria-current="page">it&#x27;s.py</span>'
        in page
    )


def test_the_number_of_an_error_is_for_those_who_look(run) -> None:
    page = run("1 / 0", "?report").text
    assert "<h1>The program stopped because of an error.</h1>" in page
    assert "<dt>Exit status</dt><dd>1</dd>" in page
    assert "Exit status" not in run("print()", "?report").text


def test_from_a_failure_to_the_text(run) -> None:
    link = '<a class="button" href="/edit/program.py"'
    assert link in run("1 / 0").text
    assert link in run("1 / 0", "?report").text
    framed = {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"}
    assert link not in run("1 / 0", headers=framed).text, "there it is the editor that shows the page"
