"""One site for all tests of the client, and a token of the student's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.client.relay import Relay


def make_token(site: Site, login: str) -> str:
    made = subprocess.run(
        [sys.executable, "manage.py", "token", login],
        cwd=CHECKOUT,
        env=site.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"ivle_[A-Za-z0-9_-]{43}", made.stdout)
    assert found, made.stdout
    return found[0]


class Consoles:
    """The site's own word on its consoles."""

    def __init__(self, site: Site, token: str) -> None:
        self.site = site
        self.authorization = f"Bearer {token}"

    def ask(self, path: str = "", method: str = "GET", content: object = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        _, answer = self.site.ask(
            f"/api/consoles{path}",
            method,
            body,
            authorization=self.authorization,
            **{"content-type": "application/json"},
        )
        return json.loads(answer) if answer else None

    def list(self) -> list[dict[str, Any]]:
        return self.ask()

    def start(self, **wish: object) -> dict[str, Any]:
        return self.ask(method="POST", content=wish)

    def end(self, console: str) -> None:
        self.ask(f"/{console}", "DELETE")


@pytest.fixture(scope="package")
def site(tmp_path_factory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture(scope="package")
def token(site: Site) -> str:
    return make_token(site, "student")


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    relay = Relay(site.port)
    yield relay
    relay.close()


@pytest.fixture(autouse=True)
def no_consoles_left(site: Site, token: str) -> Iterator[None]:
    """The next test finds none."""
    yield
    for console in Consoles(site, token).list():
        Consoles(site, token).end(console["id"])


@pytest.fixture
def consoles(site: Site, token: str) -> Consoles:
    return Consoles(site, token)
