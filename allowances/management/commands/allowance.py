"""manage.py allowance LOGIN: what somebody had today of how much; with options, gives them something of their own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.models import Person
from allowances import changing, words
from allowances.meter import meter_of
from allowances.models import Allowance, Kind

USUAL = "usual"  # what others of their kind have
NUMBERS = {"seconds": "cpu_seconds", "memory": "memory_mib", "processes": "processes"}


class Command(BaseCommand):
    help = "Says how much CPU somebody had today and may have. With options, changes what they may have."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = [Kind.STUDENT.value, Kind.STAFF.value, Kind.TARPIT.value, USUAL]
        parser.add_argument("login")
        parser.add_argument("--kind", choices=kinds, help=f"{USUAL}: by their roles")
        parser.add_argument("--seconds", metavar="N", help=f"CPU a day, or {USUAL}")
        parser.add_argument("--memory", metavar="MIB", help=f"of all their programs, or {USUAL}")
        parser.add_argument("--processes", metavar="N", help=f"of all their programs, or {USUAL}")
        parser.add_argument("--reset", action="store_true", help="what they used today does not count")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_named(options["login"])
        fields: dict[str, Any] = {
            field: number(options, name) for name, field in NUMBERS.items() if options[name] is not None
        }
        if options["kind"] is not None:
            fields["kind"] = "" if options["kind"] == USUAL else options["kind"]
        if fields:
            try:
                changing.change(person, None, **fields)
            except ValidationError as fault:
                raise CommandError(" ".join(fault.messages)) from None
        if options["reset"]:
            changing.reset(person, None)
        self.stdout.write(f"{person.username}  {described(person)}")


def described(person: Person) -> str:
    own = Allowance.objects.filter(person=person).first()
    meter = meter_of(person)
    limits = [f"{own.memory_mib} MiB"] if own and own.memory_mib else []
    limits += [_("%(count)d processes") % {"count": own.processes}] if own and own.processes else []
    return "  ".join((meter.kind.value, words.today(meter), *limits, words.state(meter))).strip()


def number(options: dict[str, Any], name: str) -> int | None:
    """Raises CommandError."""
    text = options[name]
    if text == USUAL:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise CommandError(_("--%(name)s wants a whole number, or usual.") % {"name": name})
    return int(text)


def person_named(login: str) -> Person:
    """Raises CommandError."""
    person = Person.objects.filter(username=login).first()
    if person is None:
        raise CommandError(_("There is nobody with the login name %(login)s.") % {"login": login})
    return person
