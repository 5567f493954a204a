"""Programs with a token, at the API of courses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Person
from accounts.tokens import make_token


class Script:
    def __init__(self, person: Person) -> None:
        self.client = Client(headers={"authorization": f"Bearer {make_token(person, 'script')}"})

    def ask(self, method: str, path: str, content: Any = None) -> HttpResponse:
        body = "" if content is None else json.dumps(content)
        call = getattr(self.client, method)
        if method == "get":
            return call(f"/api/courses{path}")
        return call(f"/api/courses{path}", body, content_type="application/json")

    def get(self, path: str) -> HttpResponse:
        return self.ask("get", path)

    def post(self, path: str, content: Any = None) -> HttpResponse:
        return self.ask("post", path, content)


@pytest.fixture
def script_of() -> Callable[[Person], Script]:
    return Script
