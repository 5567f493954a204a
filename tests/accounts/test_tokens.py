"""Tokens: made once, shown once, revoked, known again."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.credentials import Credential, by_session, by_token, people_now
from accounts.models import Token
from accounts.tokens import bearer, find_token, make_token


def shown(page: str) -> list[str]:
    return re.findall(r"ivle_[A-Za-z0-9_-]{43}", page)


def test_the_page_shows_a_new_one_once(client_of, student) -> None:
    browser = client_of(student)
    response = browser.post("/tokens/", {"name": "laptop"})
    [text] = shown(response.content.decode())
    assert find_token(text).person == student
    assert "no-store" in response["Cache-Control"]
    again = browser.get("/tokens/").content.decode()
    assert "laptop" in again
    assert not shown(again)


def test_the_database_does_not_hold_it(student) -> None:
    text = make_token(student, "laptop")
    [row] = Token.objects.values()
    assert text not in str(row)
    assert text.removeprefix("ivle_") not in str(row)


def test_one_is_revoked(client_of, student) -> None:
    browser = client_of(student)
    text = make_token(student, "laptop")
    assert browser.post(f"/tokens/{student.tokens.get().pk}/revoke").url == "/tokens/"
    assert find_token(text) is None


def test_nobody_revokes_another_persons(client_of, student, classmate) -> None:
    text = make_token(student, "laptop")
    assert client_of(classmate).post(f"/tokens/{student.tokens.get().pk}/revoke").status_code == 404
    assert find_token(text) is not None


def test_revoking_wants_a_post(client_of, student) -> None:
    make_token(student, "laptop")
    assert client_of(student).get(f"/tokens/{student.tokens.get().pk}/revoke").status_code == 405


def test_others_tokens_are_not_on_the_page(client_of, student, classmate) -> None:
    make_token(student, "secret plan")
    assert "secret plan" not in client_of(classmate).get("/tokens/").content.decode()


def test_nobody_has_more_than_so_many(client_of, student, monkeypatch) -> None:
    monkeypatch.setattr("accounts.tokens.TOKENS_MAX", 1)
    browser = client_of(student)
    browser.post("/tokens/", {"name": "one"})
    assert "Revoke one" in browser.post("/tokens/", {"name": "two"}).content.decode()
    assert student.tokens.count() == 1


def test_a_stranger_is_asked_to_log_in(client: Client, db) -> None:
    assert client.get("/tokens/").url == "/login/?next=/tokens/"


def test_its_use_is_noted_once_a_minute(student, django_assert_num_queries) -> None:
    text = make_token(student, "laptop")
    assert Token.objects.get().last_used is None
    find_token(text)
    first = Token.objects.get().last_used
    assert first is not None
    with django_assert_num_queries(1):
        find_token(text)
    Token.objects.update(last_used=timezone.now() - timedelta(minutes=2))
    find_token(text)
    assert Token.objects.get().last_used >= first


def test_an_inactive_persons_is_worth_nothing(student) -> None:
    text = make_token(student, "laptop")
    student.is_active = False
    student.save()
    assert find_token(text) is None


@pytest.mark.parametrize("text", ["", "ivle_", "x" * 48, "ivle_" + "é" * 43, "ivle_" + "A" * 43])
def test_nonsense_is_nobodys(db, text: str) -> None:
    assert find_token(text) is None


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("", None), ("token abc", None)],
)
def test_the_header(header: str, token: str | None) -> None:
    assert bearer(header) == token


def test_the_command_prints_one(student) -> None:
    out = StringIO()
    call_command("token", "student", stdout=out)
    assert find_token(out.getvalue().strip()).person == student


def test_the_command_names_who_is_not_there(db) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("token", "nobody")


def test_the_administration_revokes_and_makes_none(client_of, administrator, student) -> None:
    make_token(student, "laptop")
    browser = client_of(administrator)
    assert "laptop" in browser.get("/admin/accounts/token/").content.decode()
    assert browser.get("/admin/accounts/token/add/").status_code == 403


class TestWhatStillHolds:
    def test_a_session_until_it_is_ended(self, client_of, student) -> None:
        browser = client_of(student)
        credential = by_session(browser.session.session_key)
        assert people_now([credential]) == {credential: student}
        browser.post("/logout/")
        assert people_now([credential]) == {}

    def test_a_session_until_the_password_changes(self, client_of, student) -> None:
        credential = by_session(client_of(student).session.session_key)
        student.set_password("another one")
        student.save()
        assert people_now([credential]) == {}

    def test_a_session_until_its_date(self, client_of, student) -> None:
        browser = client_of(student)
        credential = by_session(browser.session.session_key)
        session = browser.session
        session.set_expiry(-1)
        session.save()
        assert people_now([credential]) == {}

    def test_a_token_until_it_is_revoked(self, student) -> None:
        credential = by_token(make_token(student, "laptop"))
        assert people_now([credential]) == {credential: student}
        Token.objects.all().delete()
        assert people_now([credential]) == {}

    def test_nothing_of_somebody_inactive(self, student) -> None:
        credential = by_token(make_token(student, "laptop"))
        student.is_active = False
        student.save()
        assert people_now([credential]) == {}

    def test_many_take_three_questions(self, student, django_assert_num_queries) -> None:
        credentials = [Credential(student, token_pk=number) for number in range(500)]
        with django_assert_num_queries(3):
            people_now(credentials)


def test_the_shape_fits_what_is_made(student) -> None:
    assert tokens.SHAPE.fullmatch(make_token(student, "x"))
