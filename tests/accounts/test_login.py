"""Logging in."""

from __future__ import annotations

import pytest
from django.test import Client


def log_in(client: Client, username: str, password: str, **more: str):
    return client.post("/login/", {"username": username, "password": password, **more})


def test_it_works(client: Client, student) -> None:
    response = log_in(client, "student", "ivle")
    assert (response.status_code, response.url) == (302, "/")
    assert "Hello, Sam Student" in client.get("/").content.decode()


def test_it_goes_on_to_where_one_was_going(client: Client, student) -> None:
    assert log_in(client, "student", "ivle", next="/password/").url == "/password/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_goes_nowhere_else(client: Client, student, target: str) -> None:
    assert log_in(client, "student", "ivle", next=target).url == "/"


@pytest.mark.parametrize(("username", "password"), [("student", "wrong"), ("nobody", "ivle"), ("Student", "ivle")])
def test_a_wrong_guess_says_the_same_whoever_it_was(client: Client, student, username: str, password: str) -> None:
    response = log_in(client, username, password)
    assert response.status_code == 200
    assert "do not belong together" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_somebody_inactive_cannot(client: Client, student) -> None:
    student.is_active = False
    student.save()
    assert log_in(client, "student", "ivle").status_code == 200


def test_a_session_gets_a_new_key(client: Client, student) -> None:
    client.get("/login/")
    before = client.cookies.get("ivle-session")
    log_in(client, "student", "ivle")
    assert before is None or client.cookies["ivle-session"].value != before.value


def test_the_session_cookie_stays_on_the_site_and_out_of_scripts(client: Client, student) -> None:
    cookie = log_in(client, "student", "ivle").cookies["ivle-session"]
    assert (cookie["domain"], cookie["httponly"], cookie["samesite"], cookie["path"]) == ("", True, "Lax", "/")


def test_who_is_logged_in_needs_no_login_page(client_of, student) -> None:
    assert client_of(student).get("/login/").url == "/"


def test_the_administration_uses_the_same_login(client: Client, lecturer) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"


def test_logout_wants_a_post(client_of, student) -> None:
    browser = client_of(student)
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").url == "/"
    assert "_auth_user_id" not in browser.session
