"""manage.py publish LOGIN FOLDER [--off]: shows a folder of somebody's home to everybody, or no longer."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Person
from files.faults import Refused
from files.lookup import NotThere
from files.paths import BadPath, split_path
from files.publishing import publish, unpublish


class Command(BaseCommand):
    help = "Shows a folder of somebody's home, and all below it, to everybody. `.` is the whole home."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="whose folder")
        parser.add_argument("folder", help="path of the folder, from the home")
        parser.add_argument("--off", action="store_true", help="make it private again")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(username=options["login"]).first()
        if person is None:
            raise CommandError(_("There is nobody with the login name %(login)s.") % options)
        try:
            parts = split_path(os.fsencode(options["folder"]))
            if options["off"]:
                changed = unpublish(person, parts)
                if not changed:
                    raise CommandError(_("The folder %(folder)s of %(login)s is not published.") % options)
                self.stdout.write(_("The folder %(folder)s of %(login)s is private now.") % options)
            else:
                publish(person, parts, settings.IVLE_HOMES)
                self.stdout.write(_("Everybody can see the folder %(folder)s of %(login)s now.") % options)
        except Refused as error:
            raise CommandError(str(error)) from error
        except (BadPath, NotThere) as error:
            raise CommandError(_("%(login)s has no folder %(folder)s.") % options) from error
