"""The database and Redis before anything starts: do they answer, is the database as this release wants it. For `up`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from ivle import services

MIGRATING: Final = 0x69766C65  # the key of PostgreSQL's lock: "ivle"


def prepare() -> None:
    """Raises ImproperlyConfigured with a sentence where something does not answer."""
    connect()
    connect_to_redis()
    with alone():
        call_command("migrate", verbosity=0)
        call_command("clearsessions")


def connect() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as fault:
        raise ImproperlyConfigured(why_not(fault)) from None


def why_not(fault: OperationalError) -> str:
    """In one line. What the driver says names host and user, never the password."""
    reason = " ".join(str(fault).split())
    return f"the database {services.place(connection.settings_dict)} cannot be used: {reason}"


def connect_to_redis() -> None:
    if settings.CACHES["default"]["BACKEND"] == services.REDIS_CACHE:
        try:
            cache.get("anything")
        except Exception as fault:  # the library's own, and the system's
            reason = " ".join(str(fault).split())
            raise ImproperlyConfigured(f"Redis cannot be used ({reason}). Its address is IVLE_REDIS_URL.") from None


def is_behind() -> bool:
    """Does this release want the database changed first?"""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def alone() -> Iterator[None]:
    """Of all machines with this database. SQLite's is one machine's, and `up` is alone on it by a lock of its own."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
