"""A whole site of two web processes on PostgreSQL and Redis; also when the database throws everybody out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.cgirunner.whole_site import Site
from tests.sandbox.jail import until
from tests.storage import servers

THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'site'"


@pytest.fixture(scope="module")
def place() -> Iterator[dict[str, str]]:
    if missing := [name for name in ("postgres", "redis-server") if servers.find_program(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with ExitStack() as stack:
        address = stack.enter_context(servers.postgresql())
        redis = stack.enter_context(servers.redis())
        yield {**servers.of_ones_own("site", address), "IVLE_REDIS_URL": redis}


@pytest.fixture(scope="module")
def site(place, tmp_path_factory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site") / "data", IVLE_WEB_PROCESSES="2", **place)
    yield site
    site.close()


def test_people_log_in_and_run_programs(site) -> None:
    assert not (site.data / "db.sqlite3").exists()
    cookie = site.log_in("student")
    status, text = site.ask("/serve/student/hello.py", cookie=cookie)
    assert (status, text[:6]) == (200, b"Hello!")
    assert site.ask("/courses/", cookie=cookie)[0] == 200
    assert site.ask("/readyz") == (200, b"ready\n")


def test_connections_that_the_database_cut_are_made_anew(site, place) -> None:
    cookie = site.log_in("lecturer")
    for _ in range(10):
        assert site.ask("/courses/", cookie=cookie)[0] == 200
    address = urlunsplit(urlsplit(place["IVLE_DATABASE_URL"])._replace(path="/postgres"))
    with psycopg.connect(address) as connection:
        cut = connection.execute(THROW_OUT).fetchall()
    assert len(cut) >= 3
    assert [site.ask("/courses/", cookie=cookie)[0] for _ in range(20)] == [200] * 20

    def is_marking_again() -> bool:
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'site'").fetchone()
        return bool(found and found[0] >= 3)

    until(is_marking_again, "the marker and the warden are back")
    assert "Traceback" not in site.said
    assert servers.PASSWORD not in site.said
