"""PostgreSQL and Redis by their addresses, for settings.py. A bad address is refused without being shown: it may have a
password in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

POSTGRESQL: Final = "postgresql://NAME:PASSWORD@HOST:PORT/DATABASE, or nothing for SQLite"
REDIS: Final = "redis://:PASSWORD@HOST:PORT/NUMBER, rediss:// with TLS, unix:///PATH?db=NUMBER, or nothing"
REDIS_CACHE: Final = "django.core.cache.backends.redis.RedisCache"
CONNECT_SECONDS: Final = 5
PATIENCE: Final = {"socket_connect_timeout": CONNECT_SECONDS}
# What libpq may be told after a question mark, beside what stands before it.
POSTGRESQL_OPTIONS: Final = (
    "connect_timeout",
    "host",
    "options",
    "passfile",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
)


def postgresql(variable: str, address: str) -> dict[str, Any]:
    """For DATABASES. Raises ImproperlyConfigured."""
    parts = parts_of(variable, address, ("postgresql", "postgres"), POSTGRESQL)
    name = unquote(parts.path.removeprefix("/"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for option in sorted(options.keys() - set(POSTGRESQL_OPTIONS)):
        refuse(variable, f"has the option {option!r}, which is none of {', '.join(POSTGRESQL_OPTIONS)}", POSTGRESQL)
    host = options.pop("host", "") or (parts.hostname or "")
    if not name or "/" in name:
        refuse(variable, "names no database after the host", POSTGRESQL)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,  # a thread keeps its connection, and looks whether it still works before each request
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "ivle", "connect_timeout": CONNECT_SECONDS, **options},
    }


def check_redis(variable: str, address: str) -> None:
    """Raises ImproperlyConfigured."""
    parts = parts_of(variable, address, ("redis", "rediss", "unix"), REDIS)
    number = parts.path.removeprefix("/")
    if parts.scheme == "unix":
        if not parts.path.startswith("/") or len(parts.path) < 2:
            refuse(variable, "names no socket", REDIS)
    elif not parts.hostname:
        refuse(variable, "names no host", REDIS)
    elif number and not (number.isascii() and number.isdigit()):
        refuse(variable, "has something else than a number after the host", REDIS)


def caches(address: str) -> dict[str, Any]:
    """What may be forgotten, and counts that must be one for all processes. Without Redis each process has its own."""
    if not address:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return {"default": {"BACKEND": REDIS_CACHE, "LOCATION": address, "KEY_PREFIX": "ivle", "OPTIONS": PATIENCE}}


def channel_layers(address: str) -> dict[str, Any]:
    """Notices between processes, which may be lost. Without Redis they stay in the process."""
    if not address:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    layer = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": layer, "CONFIG": {"hosts": [{"address": address, **PATIENCE}], "prefix": "ivle"}}}


def parts_of(variable: str, address: str, schemes: tuple[str, ...], wanted: str) -> SplitResult:
    """Raises ImproperlyConfigured."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        refuse(
            variable, "cannot be read (is a sign such as @, / or # in the password? Write it as %40, %2F, %23)", wanted
        )
    if parts.scheme not in schemes:
        refuse(variable, f"does not begin with {schemes[0]}://", wanted)
    if parts.fragment or port == 0:
        refuse(variable, "has a # in it (in a password it is written %23), or the port 0", wanted)
    return parts


def refuse(variable: str, fault: str, wanted: str) -> NoReturn:
    raise ImproperlyConfigured(
        f"{variable} {fault}; wanted: {wanted}. Its value is not shown: a password may be in it."
    )


def place(database: Mapping[str, Any]) -> str:
    """Where a database is, in words for people, without its password."""
    if database["ENGINE"].endswith("sqlite3"):
        return str(database["NAME"])
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"{database['NAME']} on {database['HOST'] or 'this machine'}{port}"
