"""Many at the same time, on SQLite and on PostgreSQL: what may be once is once, and nobody is told of the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.storage import servers
from tests.storage.races import AT_ONCE


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def found(request, checkout, tmp_path_factory) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        data = tmp_path_factory.mktemp("races")
        environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
        environ["IVLE_DATA"] = str(data)
        if request.param == "postgresql":
            if servers.find_program("postgres") is None:
                pytest.skip("PostgreSQL is not installed")
            address = stack.enter_context(servers.postgresql())
            environ |= servers.of_ones_own("races", address)
        (data / "homes").mkdir()
        command = [sys.executable, "-m", "tests.storage.races"]
        done = subprocess.run(
            command, cwd=checkout, env=environ, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stderr[-4000:]
        yield json.loads(done.stdout.splitlines()[-1])


def test_guesses_of_a_code(found) -> None:
    assert found["guesses"]["kept"] == 10
    assert sorted(set(found["guesses"]["said"])) == ["NoCourse", "TooOften"]


def test_a_draft_is_kept_once(found) -> None:
    assert found["drafts"] == {"said": ["text"] * AT_ONCE, "kept": 1}


def test_editions_are_numbered_and_one_is_shown(found) -> None:
    assert found["editions"] == {"said": list(range(1, AT_ONCE + 1)), "shown": 1}


def test_one_of_many_submissions_is_taken(found) -> None:
    assert found["submissions"]["said"] == [1] + ["NotTaken"] * (AT_ONCE - 1)
    assert found["submissions"]["kept"] == 1


def test_each_claim_is_another_attempt_and_none_comes_away_empty(found) -> None:
    assert found["claims"]["said"] == [f"person{number}" for number in range(AT_ONCE)]


def test_one_attempt_of_a_person_is_claimed(found) -> None:
    assert len(found["claims of one"]["said"]) == 1
    assert found["claims of one"]["said"][0].startswith("exercise")


def test_the_cpu_of_several_machines_is_added_up(found) -> None:
    assert found["days"]["said"] == [None] * AT_ONCE
    assert found["days"]["sums"] == [float(AT_ONCE)] * AT_ONCE


def test_many_wrong_passwords_close_the_login(found) -> None:
    assert set(found["lockout"]["wrong"]) == {429} or set(found["lockout"]["wrong"]) == {403}
    assert found["lockout"]["right"] in (403, 429)
