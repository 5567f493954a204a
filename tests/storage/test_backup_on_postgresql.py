"""A site on PostgreSQL is backed up and comes back, in a database that is empty."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.storage import servers

SECRET = "s" * 50
ADD = "from accounts.models import Person; Person.objects.create_user('sam', 'x', name='Sam {number}')"
LIST = "from accounts.models import Person; print(sorted(Person.objects.values_list('name', flat=True)))"
Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if missing := [name for name in ("postgres", "pg_dump", "pg_restore") if servers.find_program(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with servers.postgresql() as address:
        yield address


@pytest.fixture
def manage(checkout, address, monkeypatch) -> Callable[[Path, str], Manage]:
    """manage(data, "name of a database") runs commands on these."""
    monkeypatch.setenv("IVLE_DATABASE_URL", address)

    def of(data: Path, name: str) -> Manage:
        place = servers.of_ones_own(name)

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            environ = {**os.environ, "IVLE_DEMO": "yes", "IVLE_SECRET_KEY": SECRET, "IVLE_DATA": str(data), **place}
            command = [sys.executable, "manage.py", *arguments]
            return subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)

        return run

    return of


def test_it_comes_back_in_an_empty_database(manage, tmp_path) -> None:
    site = manage(tmp_path / "data", "before")
    home = tmp_path / "data" / "homes" / "sam"
    home.mkdir(parents=True)
    (home / "a.py").write_text("print(1)")
    assert site("migrate", "--verbosity=0").returncode == 0
    site("shell", "--no-imports", "--command", ADD.format(number=1))
    made = site("backup", str(tmp_path / "one.tar.gz"))
    assert made.returncode == 0, made.stderr
    site("shell", "--no-imports", "--command", "from accounts.models import Person; Person.objects.all().delete()")
    checked = site("backup", "--check", str(tmp_path / "one.tar.gz"))
    assert "is whole" in checked.stdout, checked.stderr

    full = manage(tmp_path / "other", "full")
    assert full("migrate", "--verbosity=0").returncode == 0
    refused = full("restore", str(tmp_path / "one.tar.gz"))
    assert (refused.returncode, "There is data already: a database" in refused.stderr) == (1, True), refused.stderr

    new = manage(tmp_path / "new", "after")
    restored = new("restore", str(tmp_path / "one.tar.gz"))
    assert restored.returncode == 0, restored.stderr
    assert new("shell", "--no-imports", "--command", LIST).stdout == "['Sam 1']\n"
    assert (tmp_path / "new" / "homes" / "sam" / "a.py").read_text() == "print(1)"
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["homes", "run"]


def test_the_other_kind_of_database_is_refused(manage, checkout, tmp_path) -> None:
    site = manage(tmp_path / "data", "kind")
    (tmp_path / "data").mkdir()
    site("migrate", "--verbosity=0")
    assert site("backup", str(tmp_path / "one.tar")).returncode == 0
    environ = {"PATH": os.defpath, "IVLE_DATA": str(tmp_path / "new")}
    command = [sys.executable, "manage.py", "restore", str(tmp_path / "one.tar")]
    refused = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "of a database of another kind (postgresql)" in refused.stderr
