"""What PostgreSQL takes otherwise than SQLite. Run by test_on_postgresql.py alone."""

from __future__ import annotations

import json
import secrets

import pytest
from django.test import Client

from accounts.tokens import make_token
from marks.models import Attempt, State
from marks.storable import storable


@pytest.fixture
def script(student) -> Client:
    client = Client(headers={"authorization": f"Bearer {make_token(student, 'script')}"})
    client.raise_request_exception = False
    return client


def test_a_text_with_a_nul_is_refused_in_words(administrator) -> None:
    client = Client(headers={"authorization": f"Bearer {make_token(administrator, 'script')}"})
    client.raise_request_exception = False
    content = {"name": "Spring\0", "starts": "2026-09-01", "ends": "2026-12-31"}
    answer = client.post("/api/courses/terms", json.dumps(content), content_type="application/json")
    assert answer.status_code == 400
    assert "NUL" in answer.json()["detail"]


def test_a_login_with_a_nul_and_a_query_with_one_are_no_mistake_of_ours(db) -> None:
    client = Client()
    client.raise_request_exception = False
    for form in ({"username": "a\0b", "password": "x"}, {"username": "student", "password": "\0"}):
        assert client.post("/login/?next=%00", form).status_code in (200, 400)


@pytest.mark.parametrize("length", [1000, 4000, 20_000])
def test_a_draft_of_a_deep_file_is_kept_or_refused_in_words(script, length: int) -> None:
    parts = [secrets.token_hex(120) for _ in range(length // 240)]
    path = "/".join([*parts, "a.py"])
    answer = script.put(
        f"/api/editor/draft?path={path}", json.dumps({"text": "x", "base_etag": ""}), content_type="application/json"
    )
    assert answer.status_code == (200 if length == 1000 else 400), answer.content
    if length > 1000:
        assert "too long" in answer.json()["detail"]


def test_what_a_program_printed_can_be_kept(student, course, lecturer) -> None:
    from courses import editions

    edition = editions.add(course, {"a.md": b"# A\n"}, lecturer)
    printed = {"actual": "a\0b\ud800c", "diff": [["-", "\0"]], "\0": 1.5, "none": None}
    attempt = Attempt.objects.create(
        course=course, person=student, exercise="hello", number=1, edition=edition, files={}, digest="",
        state=State.MARKED, report=storable(printed), points=1, of_points=1,
    )  # fmt: skip
    attempt.refresh_from_db()
    sign = "\N{REPLACEMENT CHARACTER}"
    assert attempt.report == {"actual": f"a{sign}b{sign}c", "diff": [["-", sign]], sign: 1.5, "none": None}
