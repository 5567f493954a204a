"""Refusals are pages of ivle, in words."""

from __future__ import annotations

import errno

import pytest
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client


def test_404(db, client: Client) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_another_host_is_refused(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400


def test_a_form_without_its_token_is_refused_in_words(db) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "student", "password": "ivle"})
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()


def test_a_student_s_page_cannot_post_to_the_site(student) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/login/")
    form = {"username": "student", "password": "ivle", "csrfmiddlewaretoken": browser.cookies["ivle-csrf"].value}
    refused = browser.post("/login/", form, headers={"origin": "http://pages.localhost:8000"})
    assert refused.status_code == 403
    assert browser.post("/login/", form, headers={"origin": "http://localhost:8000"}).status_code == 302


@pytest.mark.parametrize("template", ["400.html", "403.html", "404.html", "403_csrf.html", "500.html", "503.html"])
def test_they_stand_without_a_request(template: str) -> None:
    text = render_to_string(template)
    assert "<h1>" in text
    assert "went wrong" not in text


def test_500_is_a_page_of_ivle(db, client: Client, monkeypatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("ivle.home.render", lambda *_: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "ivle made a mistake" in response.content.decode()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (OperationalError("database is locked"), "The database does not answer at the moment."),
        (OperationalError("database or disk is full"), "The disk of the server is full"),
        (OSError(errno.EMFILE, "Too many open files"), "Very many people are here at the moment."),
    ],
)
def test_what_the_machine_is_short_of_is_said(db, client: Client, student, monkeypatch, fault, sentence) -> None:
    """On pages and in the API; it is no mistake of ivle's, and worth another try."""

    def fail(*_arguments: object, **_settings: object) -> None:
        raise fault

    client.raise_request_exception = False
    monkeypatch.setattr("ivle.home.render", fail)
    page = client.get("/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert sentence in page.content.decode()
    client.force_login(student)
    monkeypatch.setattr("files.api.own_visit", fail, raising=False)
    monkeypatch.setattr("files.api.visit", fail)
    answer = client.get("/api/files/list?path=")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json()["detail"].startswith(sentence)
