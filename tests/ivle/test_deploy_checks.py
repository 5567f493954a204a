"""`manage.py check --deploy`: silent on a good installation, and each thing that is not said with what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivle import deploy_checks, services
from ivle.deploy_checks import are_related
from operations.backups.making import LAST


@pytest.fixture
def good(settings, tmp_path, monkeypatch):
    """An installation about which there is nothing to say."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    data, runtime = tmp_path / "data", tmp_path / "runtime"
    for folder in (data, runtime):
        folder.mkdir(mode=0o700)
    settings.IVLE_DATA, settings.IVLE_RUNTIME, settings.ROOT = data, runtime, runtime
    settings.IVLE_JAIL_UID = 54321
    settings.IVLE_DEMO = False
    settings.SECRET_KEY = "".join(chr(33 + index) for index in range(60))
    settings.HTTPS, settings.IVLE_PROXY_COUNT, settings.IVLE_BIND = True, 1, "127.0.0.1"
    settings.SITE_HOST = "ivle.example.edu"
    settings.IVLE_PAGES_HOST, settings.IVLE_PAGES_SUBDOMAINS = "pages.example.net", True
    settings.IVLE_ALARM_WEBHOOK = "https://alarms.example.edu/"
    monkeypatch.setenv("SETTINGS_FILE", str(tmp_path / "settings"))
    note_backup(data, datetime.now(UTC))
    return settings


def note_backup(data: Path, when: datetime) -> None:
    (data / LAST).write_text(json.dumps({"made": when.isoformat()}))


def found() -> list[str]:
    messages = list(deploy_checks.deploy_checks())
    assert all(message.hint and message.msg.endswith((".", ". ")) for message in messages)
    return [message.id for message in messages]


def test_a_good_installation_is_silent(good) -> None:
    assert found() == []


def setting(name: str, value: object) -> Callable[..., None]:
    return lambda settings: setattr(settings, name, value)


def open_runtime(settings) -> None:
    settings.IVLE_RUNTIME.chmod(0o777)


def runtime_of_students(settings) -> None:
    settings.IVLE_JAIL_UID = settings.IVLE_RUNTIME.stat().st_uid


def open_data(settings) -> None:
    (settings.IVLE_DATA / "homes").mkdir(mode=0o755)
    settings.IVLE_DATA.chmod(0o711)


def no_backup(settings) -> None:
    (settings.IVLE_DATA / LAST).unlink()


def old_backup(settings) -> None:
    note_backup(settings.IVLE_DATA, datetime.now(UTC) - timedelta(days=3))


def backup_beside_data(settings) -> None:
    about = {"made": datetime.now(UTC).isoformat(), "device": settings.IVLE_DATA.stat().st_dev}
    (settings.IVLE_DATA / LAST).write_text(json.dumps(about))


def settings_with_mode(mode: int) -> Callable[..., None]:
    def write(settings) -> None:
        place = Path(os.environ["SETTINGS_FILE"])
        place.touch()
        place.chmod(mode)

    return write


def redis(address: str) -> dict[str, object]:
    return {"default": {"BACKEND": services.REDIS_CACHE, "LOCATION": address}}


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        (setting("IVLE_DEMO", True), ["ivle.E101"]),
        (setting("SECRET_KEY", "s" * 60), ["ivle.E102"]),
        (setting("SECRET_KEY", deploy_checks.settings.DEMO_SECRET_KEY), ["ivle.E102"]),
        (setting("HTTPS", False), ["ivle.W103"]),
        (setting("IVLE_PROXY_COUNT", 0), ["ivle.E104"]),
        (setting("IVLE_BIND", "0.0.0.0"), ["ivle.W105"]),
        (setting("IVLE_PAGES_HOST", ""), ["ivle.W106"]),
        (setting("IVLE_PAGES_HOST", "pages.example.edu"), ["ivle.W107"]),
        (setting("IVLE_PAGES_HOST", "pages.ivle.example.edu"), ["ivle.W107"]),
        (setting("IVLE_PAGES_SUBDOMAINS", False), ["ivle.W108"]),
        (setting("IVLE_ALARM_WEBHOOK", ""), ["ivle.W113"]),
        (no_backup, ["ivle.W109"]),
        (old_backup, ["ivle.W109"]),
        (backup_beside_data, ["ivle.W114"]),
        (settings_with_mode(0o644), ["ivle.W115"]),
        (settings_with_mode(0o660), ["ivle.W115"]),
        (settings_with_mode(0o640), []),
        (setting("CACHES", redis("redis://:secret@redis.example.edu:6379/0")), ["ivle.W117"]),
        (setting("CACHES", redis("rediss://:secret@redis.example.edu:6379/0")), []),
        (setting("CACHES", redis("redis://localhost:6379/0")), []),
        (setting("CACHES", redis("unix:///run/redis.sock?db=0")), []),
        (open_runtime, ["ivle.W111"]),
        (runtime_of_students, ["ivle.W111"]),
        (open_data, ["ivle.W112"]),
    ],
)
def test_what_is_not_good_is_said(good, change: Callable[..., None], ids: list[str]) -> None:
    change(good)
    assert found() == ids


@pytest.mark.parametrize(
    ("about", "ids"),
    [
        ({"HOST": "db.example.edu"}, ["ivle.W116"]),
        ({"HOST": "db.example.edu", "OPTIONS": {"sslmode": "prefer"}}, ["ivle.W116"]),
        ({"HOST": "db.example.edu", "OPTIONS": {"sslmode": "verify-full"}}, []),
        ({"HOST": "localhost"}, []),
        ({"HOST": "/run/postgresql"}, []),
    ],
)
def test_a_database_on_the_way_to_which_people_listen_is_said(good, monkeypatch, about, ids: list[str]) -> None:
    monkeypatch.setitem(good.DATABASES, "default", {"ENGINE": "django.db.backends.postgresql"} | about)
    assert found() == ids


def test_root_is_said(good, monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert found() == ["ivle.W110"]


def test_every_check_has_its_number() -> None:
    assert len({check.__name__ for check in deploy_checks.CHECKS}) == len(deploy_checks.CHECKS)


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("pages.example.net", "ivle.example.edu", False),
        ("pages.example.edu", "ivle.example.edu", True),
        ("example.edu", "ivle.example.edu", True),
        ("notexample.edu", "ivle.example.edu", False),
        ("localhost", "pages.localhost", False),
        ("pages.example.ac.uk", "ivle.school.ac.uk", False),
        ("pages.school.ac.uk", "ivle.school.ac.uk", True),
        ("pages.ac.uk", "ivle.ac.uk", False),
    ],
)
def test_which_hosts_browsers_take_for_one_site(one: str, other: str, related: bool) -> None:
    assert are_related(one, other) is related


def test_the_command_knows_them_and_keeps_to_what_is_ours(checkout, tmp_path) -> None:
    environ = {
        "PATH": os.defpath,
        "IVLE_SECRET_KEY": "s" * 50,
        "IVLE_PUBLIC_URL": "https://ivle.example.edu",
        "IVLE_DATA": str(tmp_path / "data"),
    }
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "(ivle.E104)" in done.stderr
    assert "HINT: " in done.stderr
    assert "security.W005" not in done.stderr
    quiet = subprocess.run(command[:-1], cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert quiet.returncode == 0
    assert "ivle.E104" not in quiet.stderr
