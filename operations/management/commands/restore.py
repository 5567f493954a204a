"""manage.py restore FILE: puts a backup back into IVLE_DATA, which must hold nothing yet, and brings it up to date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from operations.backups.faults import BackupFault
from operations.backups.restoring import Restored, restore

MIB: Final = 1024 * 1024


class Command(BaseCommand):
    help = "Puts a backup back into IVLE_DATA, which must be empty, and brings its database up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a backup; - for stdin")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = self.restore(options["file"])
        except BackupFault as fault:
            raise CommandError(str(fault)) from fault
        except OSError as error:
            raise CommandError(
                _("%(place)s cannot be read: %(why)s.") % {"place": options["file"], "why": error.strerror}
            ) from error
        call_command("migrate", verbosity=0)
        self.tell(restored)

    def tell(self, restored: Restored) -> None:
        self.stdout.write(
            _("Restored to %(data)s what was backed up at %(made)s: %(files)d files, %(content)d MB.")
            % {
                "data": settings.IVLE_DATA,
                "made": restored.manifest.moment.strftime("%Y-%m-%d %H:%M:%S %Z"),
                "files": restored.files,
                "content": -(-restored.content_bytes // MIB),
            }
        )
        self.tell_lines(_("Not in the backup, or doubtful:"), restored.left_out)
        self.tell_lines(_("What the students' Pythons had; make these anew (docs/runtimes.md):"), restored.environments)
        if restored.manifest.has_files:
            self.stdout.write(_("Start ivle now."))
        else:
            self.stdout.write(
                _("This backup has the database alone. Put the folders of %(data)s back, and then start ivle.")
                % {"data": settings.IVLE_DATA}
            )

    def tell_lines(self, title: str, lines: list[str]) -> None:
        if lines:
            self.stdout.write("\n  ".join([title, *lines]))

    def restore(self, place: str) -> Restored:
        if place == "-":
            return restore(sys.stdin.buffer)
        with Path(place).expanduser().open("rb") as stream:
            return restore(stream)
