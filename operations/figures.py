"""The figures of this machine, in Prometheus' text format: what runs, how it ends, how soon, and what is short.

Programs are counted by the supervisor, requests by all web processes together, the queue of marking in the database;
so it does not matter which web process is asked. No label names a person. docs/metrics.md has the list.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from operations import alarms, heartbeat, marking_queue, readiness, web_counts
from operations.backups.making import last_made
from operations.questions import Question
from sandbox import people
from sandbox.counts import FAULT, REFUSALS, START_BOUNDS_SECONDS, Entry
from sandbox.faults import SandboxError
from sandbox.outcome import Ended
from sandbox.people import MachineUsage

REASONS = tuple(REFUSALS.values())


class Gathered:
    """What a registry asks once, and is given at once."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self.metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self.metrics


async def text() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gathered(await gather()))
    return generate_latest(registry)


async def gather() -> list[Metric]:
    status = await readiness.status_of_supervisor()
    lacks = await readiness.lacks(status)
    metrics = [
        labelled(
            GaugeMetricFamily,
            "ivle_lacks",
            "1 for what this machine lacks to serve people",
            "sign",
            {sign: sum(lack.sign == sign for lack in lacks) for sign in readiness.SIGNS},
        ),
        labelled(
            GaugeMetricFamily,
            "ivle_alarms",
            "1 for an alarm that was told and is not over",
            "sign",
            await alarms_told(),
        ),
    ]
    metrics += await of_times()
    metrics += of_disk(await readiness.free_bytes_known())
    metrics += of_web(web_counts.all_counts())
    if status is not None:
        metrics += of_supervisor(status)
        metrics += await of_people()
    metrics += await of_marking()
    return metrics


async def alarms_told() -> dict[str, float]:
    """None of them where the disk does not answer."""
    try:
        told = {alarm.sign for alarm in await alarms.told.answer()}
    except TimeoutError:
        return {}
    return {sign: float(sign in told) for sign in alarms.SIGNS}


def times() -> tuple[float | None, datetime | None]:
    return heartbeat.age_seconds(), last_made()


seen: Final = Question(times)


async def of_times() -> list[Metric]:
    try:
        age, made = await seen.answer()
    except TimeoutError:
        return []
    metrics = []
    if age is not None:
        metrics.append(gauge("ivle_warden_seen_seconds", "Time since the warden was last seen", age))
    if made is not None:
        metrics.append(gauge("ivle_backup_made_seconds", "When the last backup was made", made.timestamp()))
    return metrics


def of_supervisor(status: Mapping[str, Any]) -> list[Metric]:
    counts = status["counts"]
    outcomes = CounterMetricFamily(
        "ivle_runs", "Programs that have ended, by how they came and how they ended", labels=("entry", "outcome")
    )
    refusals = CounterMetricFamily("ivle_refusals", "Programs that were not begun, and why", labels=("entry", "reason"))
    starts = HistogramMetricFamily(
        "ivle_start_seconds", "From being asked for until the program has its jail", labels=("entry",)
    )
    for entry in Entry:
        ends = counts["outcomes"][entry]
        for how in (*Ended, FAULT):
            outcomes.add_metric((entry, how), ends.get(how, 0))
        for reason in REASONS:
            refusals.add_metric((entry, reason), counts["refusals"][entry].get(reason, 0))
        started = counts["starts"][entry]
        starts.add_metric((entry,), buckets(START_BOUNDS_SECONDS, started["within"]), started["seconds"])
    nurseries = status["consoles"]
    running = {"run": status["running"], "service": status["services"], "console": status["sessions"]}
    return [
        outcomes,
        refusals,
        starts,
        labelled(
            CounterMetricFamily,
            "ivle_ended_cpu_seconds",
            "Processor time of programs that have ended",
            "entry",
            counts["cpu_seconds"],
        ),
        labelled(GaugeMetricFamily, "ivle_running", "Programs that run now", "entry", running),
        gauge("ivle_waiting", "Programs that wait for their turn", status["waiting"]),
        gauge("ivle_waiting_for_memory", "Programs that wait for the machine", status["waiting_for_memory"]),
        gauge("ivle_watchers", "Pages that watch consoles", status["watchers"]),
        labelled(
            GaugeMetricFamily,
            "ivle_spare_jails",
            "Jails kept ready",
            "kind",
            {"run": status["spares"]} | {f"console-{name}": one["spares"] for name, one in nurseries.items()},
        ),
        labelled(
            CounterMetricFamily,
            "ivle_interpreter_deaths",
            "Warm interpreters that died, and were started anew",
            "runtime",
            {name: one["zygote_deaths"] for name, one in nurseries.items()},
        ),
    ]


async def of_people() -> list[Metric]:
    try:
        usage = await people.usage(settings.IVLE_SANDBOX_SOCKET)
    except SandboxError:
        return []
    return of_usage(usage)


def of_usage(usage: MachineUsage) -> list[Metric]:
    everybody = usage.people.values()
    at_limit = sum(one.kind == "tarpit" for one in everybody)
    return [
        labelled(
            CounterMetricFamily,
            "ivle_cpu_seconds",
            "Processor time of all programs, running ones too, by the kind of person",
            "kind",
            usage.cpu_seconds_by_kind,
        ),
        gauge("ivle_memory_bytes", "Memory of all programs", sum(one.memory_bytes for one in everybody)),
        gauge("ivle_people_running", "People who run something now", sum(one.runs > 0 for one in everybody)),
        gauge("ivle_people_at_limit", "Of the last minutes' people, those in the tarpit", at_limit),
    ]


def of_web(counts: Mapping[str, Mapping[str, float]]) -> list[Metric]:
    sums = {name: sum(of_one.get(name, 0.0) for of_one in counts.values()) for name in web_counts.NAMES}
    requests = CounterMetricFamily(
        "ivle_http_requests", "Requests, by where they went and what was answered", labels=("room", "status")
    )
    waits = HistogramMetricFamily("ivle_http_wait_seconds", "From a request until its answer began", labels=("room",))
    for room in web_counts.ROOMS:
        for status in web_counts.STATUSES:
            requests.add_metric((room, status), sums[f"requests {room} {status}"])
        within = [sums[f"waits {room} {place}"] for place in range(len(web_counts.WAIT_BOUNDS_SECONDS) + 1)]
        found = buckets(web_counts.WAIT_BOUNDS_SECONDS, accumulate(within))
        waits.add_metric((room,), found, sums[f"wait_seconds {room}"])
    errors = {program: counts.get(program, {}).get(web_counts.ERRORS, 0.0) for program in web_counts.PROGRAMS}
    return [
        requests,
        waits,
        labelled(CounterMetricFamily, "ivle_errors", "Errors in the log", "program", errors),
    ]


async def of_marking() -> list[Metric]:
    try:
        queue = await marking_queue.question.answer()
    except (DatabaseError, TimeoutError):
        return []
    return [
        gauge("ivle_marking_waiting", "Attempts that wait to be marked", queue.waiting),
        gauge("ivle_marking_running", "Attempts that are being marked", queue.marking),
        gauge("ivle_marking_oldest_seconds", "How long the oldest of those has waited", queue.oldest_seconds),
    ]


def of_disk(free: int | None) -> list[Metric]:
    if free is None:
        return []
    return [
        gauge("ivle_disk_free_bytes", "Free on the disk of the homes", free),
        gauge("ivle_disk_reserve_bytes", "What is kept of it", settings.IVLE_DISK_RESERVE_MB * readiness.MIB),
        gauge("ivle_time_seconds", "The clock of this machine", time.time()),
    ]


def gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def labelled(
    family: type[CounterMetricFamily | GaugeMetricFamily],
    name: str,
    about: str,
    label: str,
    values: Mapping[str, float],
) -> Metric:
    found = family(name, about, labels=(label,))
    for text_of_label, value in sorted(values.items()):
        found.add_metric((text_of_label,), value)
    return found


def buckets(bounds: Iterable[float], within: Iterable[float]) -> list[tuple[str, float]]:
    """As the library wants them, the last without a bound."""
    names = [*(f"{bound:g}" for bound in bounds), "+Inf"]
    return list(zip(names, within, strict=True))
