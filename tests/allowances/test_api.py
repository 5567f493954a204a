"""The API of CPU, with a token: what a program reads, asks and decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Person
from accounts.tokens import make_token
from allowances.models import Allowance, Change, CpuRequest, ExamTime


@pytest.fixture
def call_of() -> Callable[[Person], Callable[..., HttpResponse]]:
    """call_of(student)("post", "/requests", what="day")."""

    def of(person: Person) -> Callable[..., HttpResponse]:
        client = Client(headers={"authorization": f"Bearer {make_token(person, 'script')}"})

        def call(method: str, path: str, **content: Any) -> HttpResponse:
            body = json.dumps(content) if method != "get" else None
            return getattr(client, method)(f"/api/allowances{path}", body, content_type="application/json")

        return call

    return of


@pytest.fixture
def call(call_of, student, course):
    return call_of(student)


WISH = {"what": "day", "seconds": 600, "reason": "The simulation", "course": "python"}


def test_the_meter(call, student, used) -> None:
    used(student, 3000)
    told = call("get", "/me").json()
    assert (told["kind"], told["used_seconds"], told["allowed_seconds"]) == ("student", 3000, 3600)
    assert (told["is_near"], told["is_over"], told["is_last"]) == (True, False, False)
    assert told["today"].startswith("CPU today: 50 of 60 min.")
    used(student, 600)
    told = call("get", "/me").json()
    assert (told["is_over"], told["is_last"]) == (True, True)
    assert told["state"].startswith("Your programs now run only when")
    assert [day["seconds"] for day in call("get", "/days").json()] == [3600]


def test_asking_and_answering(call, call_of, tutor) -> None:
    asked = call("post", "/requests", **WISH)
    assert asked.status_code == 201
    pk = asked.json()["id"]
    assert call("post", "/requests", **WISH).status_code == 409
    staff = call_of(tutor)
    assert [one["id"] for one in staff("get", "/decisions").json()] == [pk]
    granted = staff("post", f"/requests/{pk}/grant", seconds=300, answer="Well").json()
    assert (granted["state"], granted["granted_seconds"], granted["by"]) == ("granted", 300, "tutor")
    assert staff("post", f"/requests/{pk}/refuse").status_code == 409
    assert call("get", "/requests").json()[0]["answer"] == "Well"
    assert call("get", "/me").json()["allowed_seconds"] == 3900


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"seconds": 0}, 422),
        ({"seconds": 10**12}, 422),
        ({"seconds": 59}, 400),
        ({"reason": ""}, 400),
        ({"reason": "x" * 501}, 422),
        ({"reason": "a\0b"}, 422),
        ({"reason": "a\ud800b"}, 422),
        ({"program": "p" * 1001}, 422),
        ({"what": "ever"}, 422),
        ({"what": "run"}, 400),
        ({"course": "another"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(call, change, status) -> None:
    assert call("post", "/requests", **{**WISH, **change}).status_code == status
    assert not CpuRequest.objects.exists()


@pytest.mark.parametrize("pk", ["0", "-1", "99999999999999999999999", "x"])
def test_numbers_of_no_request(call, call_of, administrator, pk) -> None:
    assert call("delete", f"/requests/{pk}").status_code in (404, 422)
    assert call_of(administrator)("post", f"/requests/{pk}/grant").status_code in (404, 422)


def test_an_administrator_changes_what_somebody_may_have(call_of, administrator, student, used) -> None:
    admin = call_of(administrator)
    used(student, 5000)
    assert admin("get", "/people/student").json()["own"] == dict.fromkeys(
        ("kind", "cpu_seconds", "memory_mib", "processes")
    )
    changed = admin("patch", "/people/student", kind="staff", cpu_seconds=6000, memory_mib=4096).json()
    assert changed["own"] == {"kind": "staff", "cpu_seconds": 6000, "memory_mib": 4096, "processes": None}
    assert not changed["meter"]["is_over"]
    assert admin("patch", "/people/student", kind=None, cpu_seconds=None).json()["own"]["memory_mib"] == 4096
    for wrong in ({"kind": "guest"}, {"memory_mib": 1}, {"processes": 1}):
        assert admin("patch", "/people/student", **wrong).status_code == 400, wrong
    assert admin("post", "/people/student/tarpit", why="mining").json()["meter"]["kind"] == "tarpit"
    assert not admin("delete", "/people/student/tarpit").json()["meter"]["is_last"]
    assert admin("get", "/people/somebody").status_code == 404
    assert Change.objects.filter(by=administrator, person=student).count() == 4
    assert Allowance.objects.get().memory_mib == 4096


def test_exams(call_of, lecturer, course) -> None:
    staff = call_of(lecturer)
    starts = timezone.now() + timedelta(days=1)

    def moments(hours: float) -> dict[str, str]:
        return {"starts": starts.isoformat(), "ends": (starts + timedelta(hours=hours)).isoformat()}

    made = staff("post", "/courses/python/exams", **moments(2))
    assert made.status_code == 201
    assert staff("post", "/courses/python/exams", **moments(9)).status_code == 400
    naive = {name: text[:19] for name, text in moments(1).items()}
    assert staff("post", "/courses/python/exams", **naive).status_code == 400
    assert [exam["id"] for exam in staff("get", "/courses/python/exams").json()] == [made.json()["id"]]
    assert staff("delete", f"/courses/python/exams/{made.json()['id']}").status_code == 204
    assert not ExamTime.objects.exists()


def test_without_a_token_nothing(db) -> None:
    for path in ("/me", "/days", "/requests", "/decisions", "/people/student"):
        assert Client().get(f"/api/allowances{path}").status_code == 401
