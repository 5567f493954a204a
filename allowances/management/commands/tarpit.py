"""manage.py tarpit LOGIN: their programs run only when nobody else needs the machine. --off takes them out again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from allowances import changing
from allowances.management.commands.allowance import person_named


class Command(BaseCommand):
    help = "Puts somebody's programs behind all others, within seconds; those that run as well. Nothing is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--off", action="store_true", help="out again, whatever put them there")
        parser.add_argument("--why", default="", help="for the log")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_named(options["login"])
        if options["off"]:
            changing.take_out_of_tarpit(person, None, options["why"])
            self.stdout.write(_("%(login)s is out of the tarpit.") % options)
        else:
            changing.put_into_tarpit(person, None, options["why"])
            self.stdout.write(_("%(login)s is in the tarpit.") % options)
