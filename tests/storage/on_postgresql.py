"""A plugin of pytest, to run tests on PostgreSQL: IVLE_DATABASE_URL=... pytest -p tests.storage.on_postgresql."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def kept_connection(monkeypatch) -> None:
    """Libraries close a connection whose transaction is open, as every test's is. SQLite's in memory just stays."""
    for place in ("channels.db", "django_tasks_db.management.commands.db_worker"):
        monkeypatch.setattr(f"{place}.close_old_connections", lambda: None)


@pytest.fixture(autouse=True, scope="session")
def really_postgresql() -> None:
    assert connection.vendor == "postgresql"
