"""What `manage.py check --deploy` knows about an installation: settings that work, and yet are not what one wants."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from operations.backups.making import OLD, is_last_beside_data, last_made

KEY_CHARACTERS_LEAST: Final = 10  # different ones; a random key has four times as many
ENCRYPTS: Final = ("require", "verify-ca", "verify-full")
COUNTRY_LETTERS: Final = 2
BELOW_COUNTRIES: Final = frozenset(("ac", "co", "com", "edu", "gov", "gv", "net", "or", "org", "sch"))
Check = Callable[[], CheckMessage | None]


def in_demo() -> CheckMessage | None:
    if not settings.IVLE_DEMO:
        return None
    return Error(
        "This is the demo: everybody knows the passwords of its people.",
        hint="Set IVLE_SECRET_KEY and IVLE_PUBLIC_URL (docs/admin.md, “For a class”), and an IVLE_DATA of its own.",
        id="ivle.E101",
    )


def weak_key() -> CheckMessage | None:
    if len(set(settings.SECRET_KEY)) >= KEY_CHARACTERS_LEAST and settings.SECRET_KEY != settings.DEMO_SECRET_KEY:
        return None
    return Error(
        "IVLE_SECRET_KEY can be guessed: whoever knows it can log in as anybody.",
        hint='To make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
        id="ivle.E102",
    )


def without_https() -> CheckMessage | None:
    if settings.HTTPS:
        return None
    return Warning(
        "People type their passwords at an address without HTTPS, where everybody on the way can read them.",
        hint="Put a proxy with a certificate in front (deploy/nginx/ivle.conf), and https:// into IVLE_PUBLIC_URL.",
        id="ivle.W103",
    )


def https_without_proxy() -> CheckMessage | None:
    """ivle speaks no TLS itself."""
    if not settings.HTTPS or settings.IVLE_PROXY_COUNT:
        return None
    return Error(
        "IVLE_PUBLIC_URL begins with https, but IVLE_PROXY_COUNT is 0: everybody seems to come from the proxy's "
        "address, and one who tries passwords locks all of them out.",
        hint="Set IVLE_PROXY_COUNT to the number of proxies in front, usually 1.",
        id="ivle.E104",
    )


def open_door() -> CheckMessage | None:
    if settings.IVLE_BIND == "127.0.0.1" or not settings.IVLE_PROXY_COUNT:
        return None
    return Warning(
        "The web server can be reached past the proxy (IVLE_BIND is 0.0.0.0), where anybody may invent their address.",
        hint="Leave IVLE_BIND at 127.0.0.1 where the proxy is on this machine; else let a firewall pass it alone.",
        id="ivle.W105",
    )


def no_pages_host() -> CheckMessage | None:
    if settings.IVLE_PAGES_HOST:
        return None
    return Warning(
        "What students publish is on the site's own host, kept apart by a policy of the browser alone.",
        hint="Set IVLE_PAGES_HOST to another host name, best under another registrable name than the site's.",
        id="ivle.W106",
    )


def pages_host_below_the_site() -> CheckMessage | None:
    """What stands above the site is refused at the start."""
    if not settings.IVLE_PAGES_HOST or not are_related(settings.IVLE_PAGES_HOST, settings.SITE_HOST):
        return None
    return Warning(
        f"Browsers may take {settings.IVLE_PAGES_HOST} and {settings.SITE_HOST} for one site: a student's page can "
        "then make a visitor's browser send requests to ivle with its cookies, and plant some for both.",
        hint="Take a pages host under another registrable name, such as example.net beside example.edu.",
        id="ivle.W107",
    )


def are_related(one: str, other: str) -> bool:
    """By their last labels: nobody knows where names are given out without the Public Suffix List."""
    return registrable(one) == registrable(other)


def registrable(host: str) -> list[str]:
    """Below countries names are mostly given out below ac.uk, edu.au and the like."""
    labels = host.split(".")
    is_below_country = len(labels) > 2 and len(labels[-1]) == COUNTRY_LETTERS and labels[-2] in BELOW_COUNTRIES
    return labels[-3:] if is_below_country else labels[-2:]


def one_origin_for_all() -> CheckMessage | None:
    if not settings.IVLE_PAGES_HOST or settings.IVLE_PAGES_SUBDOMAINS:
        return None
    return Warning(
        "All students' pages share an origin: one's page can read another's, and their cookies.",
        hint="Set IVLE_PAGES_SUBDOMAINS=yes, with a name and a certificate for *." + settings.IVLE_PAGES_HOST + ".",
        id="ivle.W108",
    )


def no_backup() -> CheckMessage | None:
    made = last_made()
    if made is not None and datetime.now(UTC) - made < OLD:
        return None
    when = "There is no backup yet" if made is None else f"The last backup is of {made:%Y-%m-%d}"
    return Warning(
        f"{when}: a disk that breaks takes everybody's work with it.",
        hint="manage.py backup FOLDER --keep 14 every night: deploy/systemd/ivle-backup.timer, or cron.",
        id="ivle.W109",
    )


def backup_beside_data() -> CheckMessage | None:
    if not is_last_beside_data():
        return None
    return Warning(
        "The last backup lies on the disk that the data is on, and dies with it.",
        hint="Mount another disk where backups go, or copy them elsewhere: docs/admin.md, “Backing up”.",
        id="ivle.W114",
    )


def open_settings() -> CheckMessage | None:
    """deploy/manage says where they are."""
    place = Path(os.environ.get("SETTINGS_FILE", ""))
    try:
        mode = place.stat().st_mode
    except OSError:
        return None
    if not stat.S_ISREG(mode) or not mode & (stat.S_IRWXO | stat.S_IWGRP):
        return None
    return Warning(
        f"Other accounts of this machine may read or change {place}, in which the secret key is.",
        hint=f"chown root:ivle {place}; chmod 640 {place}",
        id="ivle.W115",
    )


def database_in_the_clear() -> CheckMessage | None:
    database: dict[str, Any] = dict(settings.DATABASES["default"])
    host = database.get("HOST", "")
    encrypts = database.get("OPTIONS", {}).get("sslmode") in ENCRYPTS
    if database["ENGINE"].endswith("sqlite3") or is_here(host) or encrypts:
        return None
    return Warning(
        f"What is said to the database on {host} can be read and changed on the way: nothing makes it use TLS.",
        hint="Put ?sslmode=verify-full after the address in IVLE_DATABASE_URL (or require, on a network of your own).",
        id="ivle.W116",
    )


def redis_in_the_clear() -> CheckMessage | None:
    address = urlsplit(str(settings.CACHES["default"].get("LOCATION", "")))
    if address.scheme != "redis" or is_here(address.hostname or ""):
        return None
    return Warning(
        f"What is said to Redis on {address.hostname} can be read and changed on the way.",
        hint="Let IVLE_REDIS_URL begin with rediss://.",
        id="ivle.W117",
    )


def is_here(host: str) -> bool:
    """This machine, or a socket of it."""
    return not host or host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")


def nobody_is_told() -> CheckMessage | None:
    if settings.IVLE_ALARM_COMMAND or settings.IVLE_ALARM_WEBHOOK:
        return None
    return Warning(
        "Nobody is told when ivle cannot work: no IVLE_ALARM_COMMAND and no IVLE_ALARM_WEBHOOK is set.",
        hint="Set one of them (docs/settings.md); it is called once, and again when it is over.",
        id="ivle.W113",
    )


def as_root() -> CheckMessage | None:
    if os.geteuid() != 0:
        return None
    return Warning(
        "ivle runs as root: a mistake of ours then weighs more.",
        hint="An account of its own is enough where user namespaces are to be had: docs/admin.md, “Root mode”.",
        id="ivle.W110",
    )


def runtime_open_to_students() -> CheckMessage | None:
    """It is read-only in a jail; but who ever gets out of one must not be able to change what all of them run."""
    writer = writable_by_students(settings.IVLE_RUNTIME, settings.ROOT)
    if writer is None:
        return None
    return Warning(
        f"{writer} belongs to the account of student code, or everybody may write to it.",
        hint=f"Let it belong to another account: chown -R root: {writer}; chmod -R go-w {writer}",
        id="ivle.W111",
    )


def writable_by_students(*folders: Path) -> Path | None:
    for folder in folders:
        try:
            status = folder.stat()
        except OSError:
            continue
        theirs = status.st_uid == settings.IVLE_JAIL_UID and status.st_mode & stat.S_IWUSR
        if theirs or status.st_mode & stat.S_IWOTH:
            return folder
    return None


def open_folders() -> CheckMessage | None:
    """data_folder.prepare closes it at each start; somebody may have opened it for a backup or a proxy."""
    data: Path = settings.IVLE_DATA
    if not is_open(data):
        return None  # what is below it is closed with it
    opened = [path for path in (*sorted(data.glob("*")), *sorted(data.glob("homes/*"))) if is_open(path)]
    if not opened:
        return None
    return Warning(
        f"Other accounts of this machine may look into {opened[0]}" + (" and more." if len(opened) > 1 else "."),
        hint=f"chmod -R o= {data}",
        id="ivle.W112",
    )


def is_open(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & (stat.S_IROTH | stat.S_IXOTH)) and path.is_dir() and not path.is_symlink()
    except OSError:
        return False


CHECKS: Final[tuple[Check, ...]] = (
    in_demo,
    weak_key,
    without_https,
    https_without_proxy,
    open_door,
    no_pages_host,
    pages_host_below_the_site,
    one_origin_for_all,
    no_backup,
    backup_beside_data,
    open_settings,
    database_in_the_clear,
    redis_in_the_clear,
    nobody_is_told,
    as_root,
    runtime_open_to_students,
    open_folders,
)


def deploy_checks(**_: object) -> Iterator[CheckMessage]:
    if settings.IVLE_DEMO:  # what else is to be said of one?
        yield from (message for message in [in_demo()] if message)
        return
    yield from (message for check in CHECKS if (message := check()))
