"""A program fetches its person's pages with a token."""

from __future__ import annotations

import pytest

from accounts.models import Token
from accounts.tokens import make_token
from tests.cgirunner.conftest import BROWSER, Visitor


@pytest.fixture
def script(supervisor, home) -> Visitor:
    """It has no session."""
    home.write("program.py", "import os; print(sorted(os.environ))")
    return Visitor()


def with_token(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_it_gets_the_page_at_once(script, student) -> None:
    reply = script.ask("/serve/student/program.py", headers=with_token(make_token(student, "script")))
    assert reply.status == 200
    assert "REQUEST_METHOD" in reply.text


def test_even_if_it_says_it_is_a_browser(script, student) -> None:
    headers = {**BROWSER, **with_token(make_token(student, "script"))}
    assert script.ask("/serve/student/program.py", headers=headers).status == 200


def test_it_may_post(script, student) -> None:
    headers = {"origin": "https://elsewhere.example", **with_token(make_token(student, "script"))}
    assert script.ask("/serve/student/program.py", method="POST", body=b"x", headers=headers).status == 200


def test_the_program_does_not_see_the_token(script, student) -> None:
    reply = script.ask("/serve/student/program.py", headers=with_token(make_token(student, "script")))
    assert "AUTHORIZATION" not in reply.text


def test_anothers_token_opens_nothing(script, classmate) -> None:
    reply = script.ask("/serve/student/program.py", headers=with_token(make_token(classmate, "script")))
    assert reply.status == 404


def test_a_revoked_one_is_refused_at_once(script, student) -> None:
    headers = with_token(make_token(student, "script"))
    assert script.ask("/serve/student/program.py", headers=headers).status == 200
    Token.objects.get().delete()
    reply = script.ask("/serve/student/program.py", headers=headers)
    assert (reply.status, reply["WWW-Authenticate"]) == (401, "Bearer")


def test_a_wrong_one_is_not_saved_by_a_session(owner, home) -> None:
    home.write("program.py", "print(1)")
    assert owner.ask("/serve/student/program.py", headers=with_token("ivle_nonsense")).status == 401


def test_a_session_still_needs_none(owner, home) -> None:
    home.write("program.py", "print(1)")
    assert owner.ask("/serve/student/program.py").status == 200
