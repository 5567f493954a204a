"""Guessing passwords gets slow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client
from django.utils import timezone


def guess(client: Client, username: str = "student", password: str = "wrong", address: str = "203.0.113.9"):
    return client.post("/login/", {"username": username, "password": password}, REMOTE_ADDR=address)


def pass_time(minutes: int) -> None:
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=minutes))


@pytest.fixture
def locked(client: Client, student) -> Client:
    for _ in range(settings.IVLE_LOGIN_ATTEMPTS):
        response = guess(client)
    assert response.status_code == 429
    return client


def test_the_last_guess_but_one_may_still_be_right(client: Client, student) -> None:
    for _ in range(settings.IVLE_LOGIN_ATTEMPTS - 1):
        assert guess(client).status_code == 200
    assert guess(client, password="ivle").status_code == 302


def test_then_even_the_right_password_waits(locked: Client) -> None:
    response = guess(locked, password="ivle")
    assert response.status_code == 429
    assert "_auth_user_id" not in locked.session


def test_the_page_says_until_when(locked: Client) -> None:
    response = guess(locked)
    text = " ".join(response.content.decode().split())
    minutes = settings.IVLE_LOGIN_LOCKOUT_MINUTES
    assert f"It opens again in {minutes} minutes" in text
    assert 60 * (minutes - 1) < int(response.headers["Retry-After"]) <= 60 * minutes


def test_guesses_while_it_is_closed_do_not_prolong_it(locked: Client) -> None:
    pass_time(settings.IVLE_LOGIN_LOCKOUT_MINUTES - 2)
    guess(locked)
    assert int(guess(locked).headers["Retry-After"]) <= 120


def test_it_opens_again(locked: Client) -> None:
    pass_time(settings.IVLE_LOGIN_LOCKOUT_MINUTES + 1)
    assert guess(locked, password="ivle").status_code == 302


def test_others_and_other_places_are_not_closed(locked: Client, classmate) -> None:
    assert guess(Client(), "classmate", "ivle").status_code == 302
    assert guess(Client(), "student", "ivle", address="198.51.100.1").status_code == 302


def test_another_browser_at_the_same_place_is_closed(locked: Client) -> None:
    other = Client(headers={"user-agent": "another"})
    assert guess(other, password="ivle").status_code == 429


def test_it_does_not_tell_whether_somebody_exists(client: Client, db) -> None:
    for _ in range(settings.IVLE_LOGIN_ATTEMPTS):
        response = guess(client, "nobody")
    assert response.status_code == 429


def test_what_was_typed_is_text_on_the_page(client: Client, db) -> None:
    for _ in range(settings.IVLE_LOGIN_ATTEMPTS):
        response = guess(client, "<b>x</b>")
    assert b"<b>x</b>" not in response.content


def test_no_password_is_kept(locked: Client) -> None:
    guess(locked, password="my own secret")
    stored = str(list(AccessAttempt.objects.values()))
    assert "my own secret" not in stored
    assert "wrong" not in stored


def test_a_header_does_not_change_whose_guess_it_is(client: Client, student) -> None:
    for number in range(settings.IVLE_LOGIN_ATTEMPTS):
        client.post(
            "/login/",
            {"username": "student", "password": "wrong"},
            REMOTE_ADDR="203.0.113.9",
            headers={"x-forwarded-for": f"192.0.2.{number}"},
        )
    assert guess(client, password="ivle").status_code == 429
