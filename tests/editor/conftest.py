"""The editor's API, asked by a program with a token, and what is left of the processes it started."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.test import Client

from accounts.models import Person
from accounts.tokens import make_token
from tests.editor.language_world import World
from tests.sandbox.installation import BEST, CannotIsolate, Installation, Kind
from tests.sandbox.jail import until

SPARE_DESCRIPTORS = 6  # the database's and an event loop's, which come and go


class Script:
    """A program with a token of this person's."""

    def __init__(self, person: Person) -> None:
        self.client = Client(headers={"authorization": f"Bearer {make_token(person, 'script')}"})

    def post(self, place: str, /, **content: Any):
        return self.client.post(f"/api/editor{place}", json.dumps(content), content_type="application/json")

    def put(self, place: str, /, **content: Any):
        return self.client.put(f"/api/editor{place}", json.dumps(content), content_type="application/json")

    def get(self, path: str):
        return self.client.get(f"/api/editor{path}")

    def delete(self, path: str):
        return self.client.delete(f"/api/editor{path}")

    def lint(self, text: str, path: str = "a.py") -> dict[str, Any]:
        answer = self.post("/lint", path=path, text=text)
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def script(student) -> Script:
    return Script(student)


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """No process that a test began outlives it, not even as a zombie. What sites and browsers of other tests start
    meanwhile is not ours."""
    before = set(psutil.Process().children())
    yield
    assert not set(psutil.Process().children()) - before


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    try:
        started = Installation(Kind("for editors", BEST.wants_root, BEST.steps_down, {"spares": 0}))
    except CannotIsolate as reason:
        pytest.skip(f"this machine cannot isolate: {reason}")
    yield started
    started.end()


@pytest.fixture
def world(installation, settings, site_settings) -> Iterator[World]:
    """Nothing of a test's is left when it is over: no process in a jail, no descriptor here."""
    descriptors = open_descriptors()
    yield World(installation, settings)
    until(lambda: not installation.processes(), "all servers dead")
    until(lambda: open_descriptors() <= descriptors + SPARE_DESCRIPTORS, "all descriptors closed")
    until(lambda: installation.status()["services"] == 0, "no services")
    for home in installation.homes.iterdir():
        shutil.rmtree(home)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
