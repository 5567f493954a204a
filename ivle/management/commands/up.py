"""Starts ivle: database, demo, supervisor, marker, warden and web server. Ctrl-C ends all of it. For `make run`."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection

from ivle import data_folder, database, systemd
from ivle.child import Child
from ivle.control import NAME, Control
from ivle.demo import DEMO_PASSWORD, DEMO_PEOPLE, make_demo
from ivle.farewell import say_farewell
from ivle.steward import STOP_SECONDS, Steward, say
from ivle.supervision import supervisor


class Command(BaseCommand):
    help = "Start ivle and print its address. Ctrl-C ends it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-supervisor", action="store_true", help="python -m ivle.supervision is it")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        data: Path = settings.IVLE_DATA
        if not settings.IVLE_DEMO:
            data_folder.refuse_demo(data)
        data_folder.prepare(data, settings.IVLE_JAIL_UID)
        with (data / "run" / "up.lock").open("w") as lock, listen(settings.IVLE_BIND, settings.PORT) as listener:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError(f"ivle is running on {data} already. Another one needs its own IVLE_DATA.") from None
            database.prepare()
            if settings.IVLE_DEMO:
                make_demo(data, settings.IVLE_JAIL_UID)
            connection.close()
            children = [*markers(), warden(), *web_servers(listener)]
            farewell = no_farewell
            if not options["without_supervisor"]:
                children.insert(0, supervisor())
                farewell = say_farewell
            steward = Steward(children, when_ready=welcome, before_end=farewell)
            control = Control(data / "run" / NAME, steward, farewell)
            status = steward.run()
            control.close()
        sys.exit(status)


def listen(host: str, port: int) -> socket.socket:
    """The web server inherits it, so a restart of that server refuses nobody. Under systemd it may be there already."""
    inherited = systemd.handed_over()
    if inherited is not None:
        return inherited
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        message = f"Port {port} cannot be had ({fault.strerror}). Choose another: make run PORT={port + 1}"
        raise CommandError(message) from None
    listener.listen(1024)
    return listener


def markers() -> list[Child]:
    """What marks submissions: here, or on other machines alone."""
    if not settings.IVLE_MARKING_AT_ONCE:
        return []
    return [Child("marker", [sys.executable, "manage.py", "marker"], os.environ, settings.ROOT, overlaps=True)]


def warden() -> Child:
    return Child("warden", [sys.executable, "manage.py", "warden"], os.environ, settings.ROOT, overlaps=True)


def web_servers(listener: socket.socket) -> list[Child]:
    """All take connections from the one socket."""
    command = [sys.executable, "-m", "ivle.web", "--fd", str(listener.fileno())]
    count = settings.IVLE_WEB_PROCESSES
    names = [f"web server {number}" for number in range(1, count + 1)] if count > 1 else ["web server"]
    patience = settings.IVLE_DRAIN_SECONDS + STOP_SECONDS
    return [
        Child(
            name,
            command,
            os.environ,
            settings.ROOT,
            fds=[listener.fileno()],
            overlaps=True,
            stop_seconds=patience,
        )
        for name in names
    ]


def no_farewell() -> float:
    """Consoles go on in a supervisor that is not ours."""
    return 0.0


def welcome() -> None:
    systemd.tell("READY=1")
    say(f"ivle is ready: {settings.IVLE_PUBLIC_URL}", sys.stdout)
    if settings.IVLE_DEMO:
        say(f"Log in as {', '.join(DEMO_PEOPLE)}; the password is {DEMO_PASSWORD}. Ctrl-C ends ivle.", sys.stdout)
