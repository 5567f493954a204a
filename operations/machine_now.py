"""What this machine does now, who uses what of it, and how programs ended lately: for the page and the command."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.models import Person
from allowances.meter import meters
from operations import alarms, deeds, marking_queue, probe, readiness
from sandbox import consoles, machine, people
from sandbox.faults import SandboxError
from sandbox.people import MachineUsage, PersonUsage

PEOPLE_MAX: Final = 100
RECENT_MAX: Final = 50
Now = dict[str, Any]


async def look() -> Now:
    """Where the supervisor is away, what is known without it."""
    status = await readiness.status_of_supervisor()
    lacks = await readiness.lacks(status)
    try:
        told = await alarms.told.answer()
    except TimeoutError:
        told = []
    now: Now = {
        "at": time.time(),
        "lacks": [lack.sentence for lack in lacks],
        "alarms": [{"sentence": alarm.sentence, "since": moment(alarm.bad_since or 0)} for alarm in told],
        "boot": "",
        "machine": machine_figures(await readiness.free_bytes_known()),
        "people": [],
        "recent": [],
    }
    if status is not None:
        try:
            await add_programs(now, status)
        except SandboxError:
            now["boot"] = ""
    if not any(lack.sign == "database" for lack in lacks):
        now["deeds"] = [
            {"at": line.at.isoformat(), "by": line.by, "what": line.what, "owner": line.owner}
            for line in await database_sync_to_async(deeds.lines)()
        ]
        queue = await database_sync_to_async(marking_queue.look)()
        now["machine"]["marking"] = queue.waiting + queue.marking
    return now


def machine_figures(free_bytes: int | None) -> dict[str, Any]:
    return {"load": round(os.getloadavg()[0], 2), "processors": os.cpu_count(), "disk_free_bytes": free_bytes}


async def add_programs(now: Now, status: dict[str, Any]) -> None:
    """Raises SandboxError."""
    socket = settings.IVLE_SANDBOX_SOCKET
    usage = await people.usage(socket)
    owners = await machine.owners(socket)
    sessions = await consoles.list_sessions(socket)
    live = Counter(info.owner for info in sessions if info.outcome is None and info.fault is None)
    now["boot"] = usage.boot
    now["machine"] |= {
        "running": status["running"],
        "waiting": status["waiting"] + status["waiting_for_memory"],
        "services": status["services"],
        "consoles": status["sessions"],
        "watchers": status["watchers"],
        "memory_available_bytes": usage.memory_available_bytes,
    }
    shown = top(usage)
    known = await database_sync_to_async(about)(shown)
    for owner in shown:
        numbers = {**owners.get(owner, {"running": 0, "waiting": 0, "services": 0}), "consoles": live[owner]}
        now["people"].append(row(owner, usage.people[owner], numbers, known.get(owner)))
    now["recent"] = [
        {**end, "at": moment(end["at"])}
        for end in await machine.recent(socket)
        if end["owner"] != probe.OWNER
    ][:RECENT_MAX]  # fmt: skip


def top(usage: MachineUsage) -> list[str]:
    """Those who run something, and those who did a moment ago, as far as there is room for them."""
    real = {owner: one for owner, one in usage.people.items() if owner != probe.OWNER}
    weight = {owner: (one.runs > 0, one.memory_bytes, one.cpu_seconds) for owner, one in real.items()}
    return sorted(real, key=lambda owner: weight[owner], reverse=True)[:PEOPLE_MAX]


def row(owner: str, usage: PersonUsage, numbers: dict[str, int], known: dict[str, Any] | None) -> dict[str, Any]:
    about_nobody = {"name": "", "has_account": False, "today_seconds": None, "allowed_seconds": None}
    return {
        "owner": owner,
        "kind": usage.kind,
        "cpu_seconds": usage.cpu_seconds,
        "memory_bytes": usage.memory_bytes,
        "processes": usage.processes,
        **numbers,
        **(known or about_nobody),
    }


def about(owners: Collection[str]) -> dict[str, dict[str, Any]]:
    found = list(Person.objects.filter(username__in=owners))
    used = meters(found)
    return {
        person.username: {
            "name": person.name,
            "has_account": True,
            "today_seconds": round(used[person.username].counted_seconds, 1),
            "allowed_seconds": used[person.username].allowed_seconds,
        }
        for person in found
    }


def moment(unix_seconds: float) -> str:
    return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="seconds")
