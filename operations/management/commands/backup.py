"""manage.py backup FILE-or-FOLDER [--keep N]: the database and everybody's files, while the site runs. --check FILE."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.utils.translation import gettext as _

from operations import journal
from operations.backups import keeping, making
from operations.backups.checking import check
from operations.backups.faults import BackupFault
from operations.backups.making import Made

MIB: Final = 1024 * 1024
NOTES_SHOWN: Final = 20


class Command(BaseCommand):
    help = "Backs up the database and everybody's files, also while the site runs; or checks a backup."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "place", help="a folder, for ivle-DATE-TIME.tar.gz; a file (.tar, or .tar.gz to pack it); or - for stdout"
        )
        parser.add_argument("--keep", type=at_least_one, metavar="N", help="of the backups in the folder, the newest N")
        parser.add_argument("--database-only", action="store_true", help="without files, which something else copies")
        parser.add_argument("--check", action="store_true", help="read a backup and say whether it is right")

    def handle(self, *args: Any, **options: Any) -> None:
        place = Path(options["place"]).expanduser()
        try:
            if options["check"]:
                self.check_file(place)
            elif options["place"] == "-":
                self.tell(making.make_stream(sys.stdout.buffer, has_files=not options["database_only"]), "-")
            else:
                self.make(place, options["keep"], has_files=not options["database_only"])
        except BackupFault as fault:
            raise CommandError(str(fault)) from fault

    def make(self, place: Path, keep: int | None, *, has_files: bool) -> None:
        is_folder = place.is_dir()
        if keep and not is_folder:
            raise CommandError(_("--keep wants a folder, and %(place)s is none.") % {"place": place})
        target = place / keeping.name_now() if is_folder else place
        self.tell(making.make_file(target, has_files=has_files), str(target))
        for old in keeping.remove_old(place, keep) if keep else ():
            self.stdout.write(
                _("Deleted %(old)s, which is older than the %(keep)d to keep.") % {"old": old, "keep": keep}
            )

    def tell(self, made: Made, target: str) -> None:
        """On stderr where stdout is the backup."""
        out = self.stderr if target == "-" else self.stdout
        out.write(
            _("Backed up to %(target)s: %(files)d files, %(content)d MB in %(size)d MB. SHA-256: %(digest)s")
            % {
                "target": target,
                "files": made.files,
                "content": -(-made.content_bytes // MIB),
                "size": -(-made.size_bytes // MIB),
                "digest": made.digest,
            }
        )
        if journal.has(out):
            self.tell_count(out, made.notes.count)
            return
        for line in made.notes.lines[:NOTES_SHOWN]:
            out.write(_("Left out or doubtful: %(line)s") % {"line": line.decode(errors="replace").strip()})
        if made.notes.count > NOTES_SHOWN:
            out.write(
                _("and %(count)d more; all are in %(name)s in the backup.")
                % {"count": made.notes.count - NOTES_SHOWN, "name": making.NOTES}
            )

    def tell_count(self, out: OutputWrapper, count: int) -> None:
        """What students call their files does not belong into a log."""
        if count:
            out.write(
                _("Left out or doubtful: %(count)d; they are in %(name)s in the backup.")
                % {"count": count, "name": making.NOTES}
            )

    def check_file(self, place: Path) -> None:
        try:
            with place.open("rb") as stream:
                checked = check(stream)
        except OSError as error:
            raise CommandError(
                _("%(place)s cannot be read: %(why)s.") % {"place": place, "why": error.strerror}
            ) from error
        self.stdout.write(
            _("This backup of %(made)s is whole: %(files)d files, %(content)d MB.")
            % {
                "made": checked.manifest.moment.strftime("%Y-%m-%d %H:%M:%S %Z"),
                "files": checked.files,
                "content": -(-checked.content_bytes // MIB),
            }
        )


def at_least_one(text: str) -> int:
    try:
        return keeping.keep_at_least_one(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("wanted: a whole number from 1")) from error
