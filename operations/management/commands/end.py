"""manage.py end --owner LOGIN: ends all that somebody runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import deeds
from operations.deeds import NoSuchPerson
from sandbox.faults import SandboxError


class Command(BaseCommand):
    help = "Ends all programs of one person on this machine, consoles too; or moves them into the tarpit, or out of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", metavar="LOGIN", required=True, help="whose; guest.... for a guest")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--tarpit", action="store_const", dest="do", const="tarpit", help="do not end them, slow them")
        how.add_argument("--restore", action="store_const", dest="do", const="restore", help="take out of the tarpit")
        parser.set_defaults(do="end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(deeds.DEEDS[options["do"]](options["owner"], None))
        except (SandboxError, NoSuchPerson) as fault:
            raise CommandError(str(fault)) from fault
