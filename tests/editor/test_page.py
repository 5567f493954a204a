"""Who gets the editor's page, and for whose files."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/edit/", "/edit/a%20b.py", "/edit/a/b/%FF.py"])
def test_the_page_is_there_for_any_path(client_of, student, path: str) -> None:
    answer = client_of(student).get(path)
    assert answer.status_code == 200
    assert 'owner="student"' in answer.content.decode()
    assert " writable>" in answer.content.decode()


def test_a_login_is_needed(db) -> None:
    answer = Client().get("/edit/a.py")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=/edit/a.py")


def test_a_classmate_finds_nothing(client_of, student, classmate) -> None:
    assert client_of(classmate).get("/edit/a.py", {"owner": "student"}).status_code == 404


def test_an_administrator_reads_and_does_not_write(client_of, student, administrator) -> None:
    answer = client_of(administrator).get("/edit/a.py", {"owner": "student"})
    assert answer.status_code == 200
    assert 'owner="student"' in answer.content.decode()
    assert " writable>" not in answer.content.decode()


def test_it_is_only_read(client_of, student) -> None:
    assert client_of(student).post("/edit/a.py").status_code == 405
