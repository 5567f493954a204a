"""A site whose database or Redis does not answer says so in one sentence; one that has both uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.storage import servers

PREPARE = """
import django; django.setup()
from django.core.exceptions import ImproperlyConfigured
from ivle import database
try:
    database.prepare()
except ImproperlyConfigured as fault:
    print(fault)
else:
    from django.contrib.sessions.models import Session
    print("prepared", Session.objects.count())
"""
HEAR = """
import asyncio
import django; django.setup()
from channels.layers import get_channel_layer
from django.core.cache import cache
async def hear():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("class", channel)
    print("listening", flush=True)
    async with asyncio.timeout(20):
        print(await layer.receive(channel), flush=True)
asyncio.run(hear())
print(cache.incr("asked"))
"""
SAY = """
import asyncio
import django; django.setup()
from channels.layers import get_channel_layer
from django.core.cache import cache
cache.set("asked", 41)
asyncio.run(get_channel_layer().group_send("class", {"type": "notice", "text": "Five minutes left."}))
"""


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    if missing := [name for name in ("postgres", "redis-server") if servers.find_program(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with servers.postgresql() as database, servers.redis() as redis:
        yield {"IVLE_DATABASE_URL": database, "IVLE_REDIS_URL": redis}


@pytest.fixture
def python(checkout, tmp_path):
    def start(code: str, **variables: str) -> subprocess.Popen[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
        environ |= {"DJANGO_SETTINGS_MODULE": "ivle.settings", "IVLE_DATA": str(tmp_path), **variables}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen([sys.executable, "-c", code], cwd=checkout, env=environ, text=True, **pipes)

    return start


def said(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=60)
    return output


def test_many_machines_prepare_one_database(addresses, python, monkeypatch) -> None:
    monkeypatch.setenv("IVLE_DATABASE_URL", addresses["IVLE_DATABASE_URL"])
    address = servers.of_ones_own("many")["IVLE_DATABASE_URL"]
    machines = [python(PREPARE, IVLE_DATABASE_URL=address) for _ in range(3)]
    assert [said(machine) for machine in machines] == ["prepared 0\n"] * 3


def test_a_database_that_is_not_there(addresses, python) -> None:
    text = said(python(PREPARE, IVLE_DATABASE_URL=addresses["IVLE_DATABASE_URL"] + "x"))
    assert text.startswith("the database ivlex on 127.0.0.1:")
    assert 'database "ivlex" does not exist' in text
    assert text.count("\n") == 1


def test_a_wrong_password_is_said_and_not_shown(addresses, python) -> None:
    text = said(python(PREPARE, IVLE_DATABASE_URL=addresses["IVLE_DATABASE_URL"].replace("ivle:", "ivle:hushhush")))
    assert "password authentication failed" in text
    assert "hushhush" not in text
    assert text.count("\n") == 1


def test_redis_that_is_not_there(python) -> None:
    text = said(python(PREPARE, IVLE_REDIS_URL=f"redis://:hushhush@127.0.0.1:{servers.free_port()}/0"))
    assert "Redis cannot be used" in text
    assert "IVLE_REDIS_URL" in text
    assert "hushhush" not in text
    assert text.count("\n") == 1


def test_notices_and_counts_go_from_process_to_process(addresses, python) -> None:
    hearing = python(HEAR, IVLE_REDIS_URL=addresses["IVLE_REDIS_URL"])
    assert hearing.stdout.readline() == "listening\n"
    assert said(python(SAY, IVLE_REDIS_URL=addresses["IVLE_REDIS_URL"])) == ""
    assert said(hearing) == "{'type': 'notice', 'text': 'Five minutes left.'}\n42\n"
