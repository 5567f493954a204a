"""manage.py alarm [--test]: what there is an alarm about; or a letter to whoever would be told, as a trial."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from operations import alarms, telling
from operations.telling import NotTold
from operations.watch import message_of


class Command(BaseCommand):
    help = "Lists the alarms that are not over; with --test, sends a letter by each way that is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--test", action="store_true", help="tell that this is a test")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["test"]:
            asyncio.run(self.test())
        else:
            self.list()

    def list(self) -> None:
        told = alarms.read_told()
        for alarm in told:
            since = datetime.fromtimestamp(alarm.bad_since or 0).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            self.stdout.write(f"{since}  {alarm.sign}  {alarm.sentence}")
        if not told:
            self.stdout.write(_("There is no alarm."))

    async def test(self) -> None:
        hooks = telling.hooks()
        if not hooks:
            raise CommandError(_("Nobody is told: set IVLE_ALARM_COMMAND or IVLE_ALARM_WEBHOOK."))
        now = time.time()
        message = message_of(alarms.TEST_SIGN, "test", _("This is a test. Nothing is wrong."), now, now)
        failed = False
        for hook in hooks:
            try:
                await telling.send(hook, message)
            except NotTold as fault:
                failed = True
                self.stdout.write(_("%(hook)s: not told, %(why)s.") % {"hook": hook, "why": fault})
            else:
                self.stdout.write(_("%(hook)s: told.") % {"hook": hook})
        if failed:
            raise CommandError(_("Not everybody was told."))
