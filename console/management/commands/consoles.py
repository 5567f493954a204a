"""manage.py consoles [--owner LOGIN] [--end ID ...]: lists everybody's consoles, or ends some."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from console.rows import Row
from console.starting import end_console
from sandbox import consoles
from sandbox.consoles import SessionGone
from sandbox.faults import SandboxError


class Command(BaseCommand):
    help = "Lists the consoles that are open on this machine, one line each; with --end, ends them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", metavar="LOGIN", help="only this person's")
        parser.add_argument("--end", metavar="ID", nargs="+", default=[], help="end these, with what runs in them")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for session_id in options["end"]:
                async_to_sync(end_console)(session_id)
                self.stdout.write(_("Ended %(id)s.") % {"id": session_id})
            if not options["end"]:
                self.list(options["owner"])
        except SessionGone:
            raise CommandError(_("There is no console %(id)s.") % {"id": session_id}) from None
        except SandboxError as fault:
            raise CommandError(str(fault)) from fault

    def list(self, owner: str | None) -> None:
        for info in async_to_sync(consoles.list_sessions)(settings.IVLE_SANDBOX_SOCKET, owner):
            row = Row.of(info)
            started = row.started.astimezone().strftime("%Y-%m-%d %H:%M")
            cpu = f"{row.cpu_limit_seconds - row.cpu_left_seconds:.1f}/{row.cpu_limit_seconds:g} s"
            state = row.ended or ", ".join(row.watchers) or "-"
            self.stdout.write(f"{row.id}  {row.owner}  {started}  {cpu}  {row.title}  {state}")
