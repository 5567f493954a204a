"""Changing one's password."""

from __future__ import annotations

import pytest
from django.test import Client

NEW = "a long and quiet afternoon"


def change(browser: Client, old: str, new: str, again: str | None = None):
    return browser.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again or new})


def test_it_works_and_one_stays_logged_in(client_of, student) -> None:
    browser = client_of(student)
    assert change(browser, "ivle", NEW).url == "/password/changed/"
    assert "Password changed" in browser.get("/password/changed/").content.decode()
    student.refresh_from_db()
    assert student.check_password(NEW)


def test_other_browsers_are_logged_out(client_of, student) -> None:
    here, elsewhere = client_of(student), client_of(student)
    change(here, "ivle", NEW)
    assert elsewhere.get("/password/").status_code == 302
    assert here.get("/password/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("wrong", NEW, None, "Your old password was entered incorrectly"),
        ("ivle", "short", None, "This password is too short"),
        ("ivle", "password123", None, "This password is too common"),
        ("ivle", NEW, "something else", "didn’t match"),
    ],
)
def test_what_is_refused_is_said(client_of, student, old: str, new: str, again: str | None, words: str) -> None:
    response = change(client_of(student), old, new, again)
    assert words in response.content.decode()
    student.refresh_from_db()
    assert student.check_password("ivle")


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    assert client.get("/password/").url == "/login/?next=/password/"
