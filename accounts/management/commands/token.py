"""manage.py token LOGIN [--name NAME]: makes a token for somebody and prints it, this once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.tokens import TOKENS_MAX, TooManyTokens, make_token


class Command(BaseCommand):
    help = "Makes a token, with which a program acts as somebody, and prints it. It is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="as whom")
        parser.add_argument("--name", default="manage.py token", help="what it is for, in a few words")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(username=options["login"], is_active=True).first()
        if person is None:
            raise CommandError(_("There is nobody with the login name %(login)s.") % options)
        try:
            self.stdout.write(make_token(person, options["name"][:100]))
        except TooManyTokens:
            sentence = _("%(login)s has %(count)d tokens, and nobody may have more. Revoke one first.")
            raise CommandError(sentence % {**options, "count": TOKENS_MAX}) from None
