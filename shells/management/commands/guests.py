"""manage.py guests on|off|status|end: shells of people without an account, for an administrator who has a shell."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sandbox.faults import SandboxError
from shells import census, switch, words
from shells.models import Start


class Command(BaseCommand):
    help = "Lets guests come or not, says how many there are, and ends them. Off ends them too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("doing", choices=["on", "off", "status", "end"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"on_{options['doing']}")()
        except SandboxError as fault:
            raise CommandError(str(fault)) from None

    def on_on(self) -> None:
        switch.turn(on=True)
        self.stdout.write(_("Guests may come."))
        if not settings.IVLE_GUEST_SITES:
            self.stdout.write(_("IVLE_GUEST_SITES names no site, so this one alone may show their shells."))

    def on_off(self) -> None:
        try:
            ended = switch.turn(on=False)
        except SandboxError:
            raise CommandError(words.off_but_away()) from None  # it is off, and yet not all is done
        self.stdout.write(_("No more guests; shells ended: %(count)d.") % {"count": ended})

    def on_end(self) -> None:
        self.stdout.write(_("Shells ended: %(count)d.") % {"count": switch.end_all()})

    def on_status(self) -> None:
        now = switch.current()
        self.stdout.write(_("on") if now.is_on else _("off"))
        if now.pk:
            since = {"at": f"{now.changed:%Y-%m-%d %H:%M}", "by": now.by or "manage.py"}
            self.stdout.write(_("since %(at)s, by %(by)s") % since)
        running = async_to_sync(census.guests_who_run)()
        self.stdout.write(
            _("%(count)d of %(most)d shells on this machine; %(starts)d started within an hour")
            % {"count": len(running), "most": settings.IVLE_GUESTS_MAX, "starts": Start.objects.count()}
        )
        for site in settings.IVLE_GUEST_SITES:
            self.stdout.write(site)
