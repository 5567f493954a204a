"""Starts ivle: database, demo, supervisor, marker and web server. Ctrl-C ends all of it. `make run` calls this."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

from ivle import data_folder
from ivle.child import Child
from ivle.demo import DEMO_PASSWORD, DEMO_PEOPLE, make_demo
from ivle.steward import Steward, say

# The supervisor runs what students wrote; it is given nothing that it could leak.
SUPERVISOR_ENVIRON: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


class Command(BaseCommand):
    help = "Start ivle and print its address. Ctrl-C ends it."

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
            call_command("migrate", verbosity=0)
            call_command("clearsessions")
            if settings.IVLE_DEMO:
                make_demo(data, settings.IVLE_JAIL_UID)
            connection.close()
            status = Steward([supervisor(), *markers(), web_server(listener)], when_ready=welcome).run()
        sys.exit(status)


def listen(host: str, port: int) -> socket.socket:
    """The web server inherits it, so a restart of that server refuses nobody."""
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


def supervisor() -> Child:
    choices = {
        "socket": settings.IVLE_SANDBOX_SOCKET,
        "homes": settings.IVLE_HOMES,
        "runtime": settings.IVLE_RUNTIME,
        "uid": settings.IVLE_JAIL_UID,
        "spares": settings.IVLE_SPARE_JAILS,
        "most-running": settings.IVLE_RUNS_AT_ONCE,
        "most-running-of-owner": settings.IVLE_RUNS_AT_ONCE_PER_OWNER,
        "most-waiting": settings.IVLE_RUNS_WAITING,
        "most-waiting-of-owner": settings.IVLE_RUNS_WAITING_PER_OWNER,
        "most-services": settings.IVLE_LANGUAGE_SERVERS_MAX,
        "most-services-of-owner": settings.IVLE_LANGUAGE_SERVERS_PER_OWNER,
        "most-sessions": settings.IVLE_CONSOLES_MAX,
        "most-sessions-of-owner": settings.IVLE_CONSOLES_PER_OWNER,
    }
    options = [argument for name, choice in choices.items() for argument in (f"--{name}", str(choice))]
    command = [sys.executable, "-m", "sandbox", "serve", *options]
    return Child("sandbox supervisor", command, SUPERVISOR_ENVIRON, settings.ROOT)


def markers() -> list[Child]:
    """What marks submissions: here, or on other machines alone."""
    if not settings.IVLE_MARKING_AT_ONCE:
        return []
    return [Child("marker", [sys.executable, "manage.py", "marker"], os.environ, settings.ROOT)]


def web_server(listener: socket.socket) -> Child:
    command = [sys.executable, "-m", "ivle.web", "--fd", str(listener.fileno())]
    return Child("web server", command, os.environ, settings.ROOT, fds=[listener.fileno()])


def welcome() -> None:
    say(f"ivle is ready: {settings.IVLE_PUBLIC_URL}", sys.stdout)
    if settings.IVLE_DEMO:
        say(f"Log in as {', '.join(DEMO_PEOPLE)}; the password is {DEMO_PASSWORD}. Ctrl-C ends ivle.", sys.stdout)
