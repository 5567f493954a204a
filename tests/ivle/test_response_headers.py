"""The headers of the site's own pages, and that no page needs more than they allow."""

from __future__ import annotations

import re

import pytest
from django.test import Client

PAGES = ["/", "/login/", "/no-such-page"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_closed_in(db, client: Client, path: str) -> None:
    response = client.get(path)
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/", "/login/", "/no-such-page", "/password/"])
def test_no_page_has_inline_script_or_style(client_of, student, path: str) -> None:
    for browser in (Client(), client_of(student)):
        text = browser.get(path, follow=True).content.decode()
        assert not re.search(r"<style|<script(?![^>]* src=)| style=| on[a-z]+=|javascript:", text)


def test_https_is_remembered_by_browsers(db, client: Client, settings) -> None:
    assert "Strict-Transport-Security" not in client.get("/", secure=True).headers
    settings.SECURE_HSTS_SECONDS = 3600
    assert "max-age=3600" in Client().get("/", secure=True).headers["Strict-Transport-Security"]
