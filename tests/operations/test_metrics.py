"""/metrics: who may read it, what it says, and that docs/metrics.md says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from marks.models import State
from operations import web_counts
from operations.backups import making
from operations.web_counts import count_request
from sandbox.counts import Entry
from sandbox.outcome import Ended, Outcome

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "metrics.md"
Sample = tuple[str, frozenset[tuple[str, str]]]


def read(client: Client, **headers: str) -> dict[Sample, float]:
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def value(samples: dict[Sample, float], name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_from_this_machine(db, client: Client, supervisor) -> None:
    assert read(client)


@pytest.mark.parametrize("address", ["10.0.0.1", "", "2001:db8::1", "::ffff:10.0.0.1"])
def test_not_from_another(db, client: Client, address: str) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_behind_a_proxy_nobody_is_this_machine(db, client: Client, settings) -> None:
    settings.IVLE_PROXY_COUNT = 1
    assert client.get("/metrics").status_code == 404


def test_with_the_token_from_anywhere(db, client: Client, settings, supervisor) -> None:
    settings.IVLE_METRICS_TOKEN = "prometheus"
    settings.IVLE_PROXY_COUNT = 1
    assert client.get("/metrics", headers={"Authorization": "Bearer prometheus"}).status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer prometheu", "Basic prometheus", "Bearer prométheus"])
def test_not_with_another_token(db, client: Client, settings, given: str) -> None:
    """From this machine neither."""
    settings.IVLE_METRICS_TOKEN = "prometheus"
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_how_programs_ended_and_how_soon_they_began(db, client: Client, supervisor) -> None:
    outcome = Outcome(Ended.CPU, None, None, cpu_seconds=1.5, wall_seconds=2.0, memory_bytes=None)
    supervisor.counts.started(Entry.RUN, 0.0015)
    supervisor.counts.ended(Entry.RUN, "student", "", outcome)
    samples = read(client)
    assert value(samples, "ivle_runs_total", entry="run", outcome="cpu") == 1
    assert value(samples, "ivle_runs_total", entry="run", outcome="finished") == 0
    assert value(samples, "ivle_ended_cpu_seconds_total", entry="run") == 1.5
    assert value(samples, "ivle_start_seconds_bucket", entry="run", le="0.001") == 0
    assert value(samples, "ivle_start_seconds_bucket", entry="run", le="0.002") == 1
    assert value(samples, "ivle_start_seconds_count", entry="run") == 1
    assert value(samples, "ivle_start_seconds_sum", entry="run") == 0.0015


def test_cpu_is_counted_by_kind_of_person_and_no_name_is_told(db, client: Client, supervisor) -> None:
    person = {"kind": "student", "cpu_seconds": 7.5, "memory_bytes": 4096, "processes": 1, "runs": 1}
    supervisor.usage |= {"people": {"adalovelace": person}, "cpu_seconds_by_kind": {"student": 7.5, "guest": 1.0}}
    samples = read(client)
    assert value(samples, "ivle_cpu_seconds_total", kind="student") == 7.5
    assert value(samples, "ivle_memory_bytes") == 4096
    assert value(samples, "ivle_people_running") == 1
    assert value(samples, "ivle_people_at_limit") == 0
    supervisor.usage["people"]["adalovelace"]["kind"] = "tarpit"
    assert value(read(client), "ivle_people_at_limit") == 1
    assert "adalovelace" not in repr(samples)


def test_requests_of_all_web_processes_are_added_up(db, client: Client, supervisor) -> None:
    count_request("serve", "2xx", 0.02)
    other = web_counts.Tally(web_counts.folder(), "web", web_counts.NAMES)
    other.add("requests serve 2xx", 5)
    other.close()
    samples = read(client)
    assert value(samples, "ivle_http_requests_total", room="serve", status="2xx") == 6
    assert value(samples, "ivle_http_wait_seconds_bucket", room="serve", le="0.025") == 1
    assert value(samples, "ivle_http_wait_seconds_bucket", room="serve", le="0.01") == 0
    assert value(samples, "ivle_http_wait_seconds_sum", room="serve") == pytest.approx(0.02)


def test_without_a_supervisor_the_rest_is_told(db, client: Client) -> None:
    samples = read(client)
    assert value(samples, "ivle_lacks", sign="supervisor") == 1
    assert not any(name == "ivle_running" for name, _ in samples)


def test_how_long_submissions_wait(db, client: Client, supervisor, attempt) -> None:
    attempt(State.WAITING, minutes=10)
    attempt(State.MARKED, minutes=60)
    samples = read(client)
    assert value(samples, "ivle_marking_waiting") == 1
    assert 600 <= value(samples, "ivle_marking_oldest_seconds") < 700


def test_the_document_lists_exactly_what_there_is(db, client: Client, supervisor, settings) -> None:
    (settings.IVLE_DATA / making.LAST).write_text('{"made": "2026-01-01T03:30:00+00:00"}')
    response = client.get("/metrics").content.decode()
    told = {}
    for family in text_string_to_metric_families(response):
        names = {sample.name.removesuffix("_created") for sample in family.samples}
        labels = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
        name = next(iter(names)) if family.type == "counter" else family.name
        told[name] = (family.type, ", ".join(labels))
    rows = re.findall(r"^\| `(ivle_[a-z_]+)` \| (\w+) \| ([^|]*?) *\|", DOCUMENT.read_text(), flags=re.MULTILINE)
    assert {name: (kind, labels.replace("`", "")) for name, kind, labels in rows} == told
