"""PostgreSQL and Redis for the tests: of one's own, on free ports, in a folder that goes away, ended by their pids."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

START_SECONDS = 30
PASSWORD = "p@ss/wörd"  # which the address has to carry with escapes
PASSWORD_IN_ADDRESS = "p%40ss%2Fw%C3%B6rd"


def find_program(name: str) -> str | None:
    """In Debian the server's own programs are not on the path."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(places[0]) if places else shutil.which(name)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def ordinary_user() -> dict[str, object]:
    """For subprocess: neither server runs as root."""
    if os.getuid() != 0:
        return {}
    names = [name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()}]
    entry = pwd.getpwnam(names[0])
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def folder() -> Iterator[Path]:
    """Short, as a path of a socket must be, and the servers' own."""
    path = Path(tempfile.mkdtemp(prefix="ivle-"))
    try:
        if user := ordinary_user():
            os.chown(path, user["user"], user["group"])
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def serving(command: list[str], place: Path, port: int, stop: signal.Signals) -> Iterator[None]:
    log = (place / "log").open("ab")
    server = subprocess.Popen(command, cwd=place, stdout=log, stderr=log, **ordinary_user())
    try:
        wait_for(server, port, place / "log")
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    latest = time.monotonic() + START_SECONDS
    while time.monotonic() < latest and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"it did not start: {log.read_text()}")


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a server for one database, `ivle`, which is not made yet: the tests make their own."""
    initdb, postgres = find_program("initdb"), find_program("postgres")
    with folder() as place:
        (place / "password").write_text(PASSWORD)
        making = [initdb, "-D", str(place / "data"), "-U", "ivle", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        making += ["-A", "scram-sha-256", "--pwfile", str(place / "password")]
        if user := ordinary_user():
            os.chown(place / "password", user["user"], user["group"])
        subprocess.run(making, cwd=place, check=True, capture_output=True, timeout=60, **ordinary_user())
        port = free_port()
        quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        choices = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(place),
            "max_connections": "200",
            **quick,
        }
        command = [postgres, "-D", str(place / "data"), *(f"--{name}={value}" for name, value in choices.items())]
        with serving(command, place, port, signal.SIGINT):  # SIGINT: the fast shutdown
            address = f"postgresql://ivle:{PASSWORD_IN_ADDRESS}@127.0.0.1:{port}"
            wait_until_started(f"{address}/postgres")
            yield f"{address}/ivle"


def wait_until_started(address: str) -> None:
    """It takes connections before it can use them."""
    latest = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            if time.monotonic() > latest:
                raise
            time.sleep(0.05)
        else:
            return


def of_ones_own(name: str, address: str | None = None) -> dict[str, str]:
    """For the environment of a site: a new database where the tests run on PostgreSQL; SQLite's is in its folder."""
    address = address or os.environ.get("IVLE_DATABASE_URL", "")
    if not address:
        return {}
    parts = urlsplit(address)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return {"IVLE_DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}


@contextmanager
def redis() -> Iterator[str]:
    with folder() as place:
        port = free_port()
        command = [shutil.which("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--requirepass", PASSWORD, "--dir", str(place)]
        with serving(command, place, port, signal.SIGTERM):
            yield f"redis://:{PASSWORD_IN_ADDRESS}@127.0.0.1:{port}/0"
