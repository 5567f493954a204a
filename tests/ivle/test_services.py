"""The addresses of PostgreSQL and Redis: what is taken, and that nobody is shown the password of one that is not."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from ivle import services


def test_a_database() -> None:
    database = services.postgresql(
        "IVLE_DATABASE_URL", "postgresql://ivle:p%40ss%2F@db.example.edu:5433/site?sslmode=require"
    )
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("site", "ivle", "p@ss/")
    assert (database["HOST"], database["PORT"]) == ("db.example.edu", 5433)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert services.place(database) == "site on db.example.edu:5433"


def test_a_database_by_its_socket() -> None:
    database = services.postgresql("IVLE_DATABASE_URL", "postgresql:///ivle?host=/run/postgresql")
    assert (database["HOST"], database["PORT"], database["USER"]) == ("/run/postgresql", "", "")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("sqlite:///secret.db", "does not begin with postgresql://"),
        ("secret", "does not begin with postgresql://"),
        ("postgresql://ivle:secret@host:port/ivle", "cannot be read"),
        ("postgresql://ivle:sec#ret@host/ivle", "%23"),
        ("postgresql://ivle:secret@[host/ivle", "cannot be read"),
        ("postgresql://ivle:secret@host", "names no database"),
        ("postgresql://ivle:secret@host/one/two", "names no database"),
        ("postgresql://ivle:secret@host/ivle?password=secret", "has the option 'password'"),
    ],
)
def test_a_bad_database_is_refused_without_its_password(address: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        services.postgresql("IVLE_DATABASE_URL", address)
    assert words in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert str(refusal.value).startswith("IVLE_DATABASE_URL ")


@pytest.mark.parametrize("address", ["redis://host", "rediss://:secret@host:6380/2", "unix:///run/redis.sock?db=1"])
def test_a_redis(address: str) -> None:
    services.check_redis("IVLE_REDIS_URL", address)
    assert services.caches(address)["default"]["LOCATION"] == address
    assert services.channel_layers(address)["default"]["CONFIG"]["hosts"][0]["address"] == address


@pytest.mark.parametrize(
    "address", ["http://secret@host", "redis://", "redis://:sec/ret@host", "redis://host/secret", "unix://", "secret"]
)
def test_a_bad_redis_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        services.check_redis("IVLE_REDIS_URL", address)
    assert "sec" not in str(refusal.value).replace("IVLE", "")
