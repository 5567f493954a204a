"""manage.py machine: what the machine page shows, as a table."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from operations import machine_now
from operations.machine_now import Now

MIB = 1024 * 1024
RECENT_SHOWN = 10
END = "{:25}  {:20}  {:8}  {:10}  {:>8}"
LINE = "{:20}  {:8}  {:>7}  {:>9}  {:>9}  {:>6}  {:>5}  {:>5}"


class Command(BaseCommand):
    help = "Shows what this machine does, and who uses what of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="all of it, once")
        parser.add_argument("--seconds", type=float, default=1.0, help="over how long processors are looked at")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(async_to_sync(machine_now.look)(), indent=2))
        else:
            self.show(*async_to_sync(twice)(options["seconds"]))

    def show(self, before: Now, now: Now) -> None:
        for sentence in now["lacks"]:
            self.stdout.write(_("Missing: %(what)s") % {"what": sentence})
        for alarm in now["alarms"]:
            self.stdout.write(
                _("Alarm since %(since)s: %(what)s") % {"since": alarm["since"], "what": alarm["sentence"]}
            )
        self.stdout.write("  ".join(f"{name} {value}" for name, value in now["machine"].items()))
        titles = (_("person"), _("kind"), _("CPU"), _("today"), _("memory"), _("procs"), _("runs"), _("cons."))
        self.stdout.write(LINE.format(*titles))
        rates = rates_between(before, now)
        for one in sorted(now["people"], key=lambda one: rates[one["owner"]], reverse=True):
            today = "" if one["today_seconds"] is None else f"{one['today_seconds']:.0f} s"
            numbers = (one["processes"], one["running"] + one["waiting"], one["consoles"])
            rate, memory = f"{rates[one['owner']]:.0%}", f"{one['memory_bytes'] / MIB:.0f} MB"
            self.stdout.write(LINE.format(one["owner"], one["kind"], rate, today, memory, *numbers))
        if now["recent"]:
            self.stdout.write("")
            self.stdout.write(END.format(_("ended at"), _("person"), _("as"), _("how"), _("CPU")))
        for end in now["recent"][:RECENT_SHOWN]:
            cpu = "" if end.get("cpu_seconds") is None else f"{end['cpu_seconds']:.1f} s"
            self.stdout.write(END.format(end["at"], end["owner"], end["entry"], end["ended"], cpu))


async def twice(seconds: float) -> tuple[Now, Now]:
    before = await machine_now.look()
    await asyncio.sleep(seconds)
    return before, await machine_now.look()


def rates_between(before: Now, now: Now) -> dict[str, float]:
    """Of one processor, by owner."""
    known = {one["owner"]: one["cpu_seconds"] for one in before["people"]} if before["boot"] == now["boot"] else {}
    seconds = max(now["at"] - before["at"], 0.001)
    return {
        one["owner"]: max(0.0, one["cpu_seconds"] - known.get(one["owner"], one["cpu_seconds"])) / seconds
        for one in now["people"]
    }
