"""manage.py empty_trash [LOGIN ...] [--days N]: deletes for good what has been in people's trash for longer than that.

The site does it by itself whenever somebody looks or deletes; this is for a timer, and for an administrator whose disk
is full.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from files import trash

DAY_SECONDS = 24 * 3600


class Command(BaseCommand):
    help = "Deletes for good what has been in people's trash for 30 days, or another number of days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", nargs="*", help="whose trash; default: everybody's")
        parser.add_argument("--days", type=float, default=trash.KEPT_SECONDS / DAY_SECONDS, help="0: all of it")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.IVLE_HOMES.parent / "trash"
        owners = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        for login in options["login"]:
            if login not in owners:
                raise CommandError(_("There is no trash of %(login)s.") % {"login": login})
        for owner in options["login"] or owners:
            trash.empty(owner, older_than_seconds=options["days"] * DAY_SECONDS)
