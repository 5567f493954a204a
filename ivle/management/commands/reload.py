"""manage.py reload: replaces the web servers, the marker and the warden by new ones, one after the other. Nobody is
refused, and consoles go on. For a new release, and for packages of the site that have changed."""

from __future__ import annotations

import socket
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from ivle import control, database

STEP_SECONDS: Final = 180.0  # the longest that nothing is heard: a server that begins, and one that ends


class Command(BaseCommand):
    help = "Replace the site's processes by new ones, without refusing anybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--everything",
            action="store_true",
            help="the supervisor as well: consoles are told, and end a little later",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        question = control.EVERYTHING if options["everything"] else control.RELOAD
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(STEP_SECONDS)
            try:
                asking.connect(str(settings.IVLE_DATA / "run" / control.NAME))
            except OSError:
                raise CommandError(f"ivle does not run on {settings.IVLE_DATA}, or not by `manage.py up`.") from None
            if self.is_behind():
                raise CommandError(
                    "This release changes the database, which a reload does not. Start ivle anew: `systemctl restart "
                    "ivle-web`, or end `manage.py up` and start it again."
                )
            asking.sendall(f"{question}\n".encode())
            if not self.hear(asking):
                raise CommandError("It was not done; what `manage.py up` printed says why.")

    def is_behind(self) -> bool:
        try:
            return database.is_behind()
        except DatabaseError as fault:
            reason = " ".join(str(fault).split())
            raise CommandError(
                "The database cannot be asked whether this release changes it, so nothing was reloaded. Try again when "
                f"it answers. It says: {reason}"
            ) from None

    def hear(self, asking: socket.socket) -> bool:
        """Prints what is told. Was all of it done?"""
        try:
            with asking.makefile("r", encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    if line.strip() in (control.DONE, control.FAILED):
                        return line.strip() == control.DONE
                    self.stdout.write(line.rstrip("\n"))
        except TimeoutError:
            raise CommandError("Nothing was heard for three minutes. What `manage.py up` printed says more.") from None
        return False
