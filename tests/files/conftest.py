"""A home with files, and its owner's ways to the API."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Person
from accounts.tokens import make_token
from files.opener import open_home


class Script:
    """A program with a token. Paths and names are given as bytes, and quoted as on the wire."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.client = Client(headers={"authorization": f"Bearer {make_token(person, 'script')}"})

    def get(self, path: str, headers: dict[str, str] | None = None, /, **query: Any):
        return self.client.get(f"/api/files{path}", query, headers=headers)

    def post(self, path: str, /, **content: Any):
        return self.client.post(f"/api/files{path}", json.dumps(content), content_type="application/json")

    def delete(self, path: str):
        return self.client.delete(f"/api/files{path}")

    def put(self, path: str, data: bytes, headers: dict[str, str] | None = None, more: str = ""):
        address = f"/api/files/content?path={quote(path)}{more}"
        return self.client.put(address, data, content_type="application/octet-stream", headers=headers)

    def names(self, path: str = "", /, **query: Any) -> list[str]:
        return [entry["name"] for entry in self.get("/list", path=path, **query).json()["entries"]]


@pytest.fixture
def home(settings, site_settings, student) -> Path:
    """The student's."""
    home = settings.IVLE_HOMES / "student"
    home.mkdir(parents=True)
    return home


@pytest.fixture
def home_fd(home) -> Iterator[int]:
    descriptor = open_home(home.parent, "student")
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def script(student, home) -> Script:
    return Script(student)
