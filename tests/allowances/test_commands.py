"""For an administrator who has a shell: manage.py allowance and tarpit; and in the administration."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from allowances.meter import meter_of
from allowances.models import Allowance, Change, CpuDay, Kind


def run(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


def test_allowance_says_how_somebody_stands(student, used) -> None:
    used(student, 600)
    assert run("allowance", "student").startswith("student  student  CPU today: 10 of 60 min. It starts anew at ")
    assert not Change.objects.exists()


def test_allowance_gives_somebody_their_own_and_takes_it_back(student) -> None:
    assert "0 of 120 min" in run("allowance", "student", "--seconds", "7200", "--memory", "4096", "--processes", "500")
    assert run("allowance", "student").endswith("4096 MiB  500 processes\n")
    assert "0 of 240 min" in run("allowance", "student", "--kind", "staff", "--seconds", "usual")
    assert "0 of 60 min" in run("allowance", "student", "--kind", "usual")
    own = Allowance.objects.get()
    assert (own.kind, own.cpu_seconds, own.memory_mib, own.processes) == ("", None, 4096, 500)
    assert Change.objects.count() == 3


def test_allowance_lets_the_day_start_anew(student, used) -> None:
    used(student, 4000)
    assert meter_of(student).is_over
    assert "0 of 60 min" in run("allowance", "student", "--reset")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody",),
        ("student", "--seconds", "-1"),
        ("student", "--seconds", "0"),
        ("student", "--seconds", "much"),
        ("student", "--seconds", "9" * 15),
        ("student", "--memory", "1"),
        ("student", "--kind", "guest"),
    ],
)
def test_what_makes_no_sense_is_refused(student, arguments) -> None:
    with pytest.raises(CommandError):
        run("allowance", *arguments)
    assert not Allowance.objects.exists()


def test_tarpit(student, used) -> None:
    assert run("tarpit", "student", "--why", "mining") == "student is in the tarpit.\n"
    assert meter_of(student).is_put_there
    assert Change.objects.get().details == "mining"
    used(student, 9999)
    assert run("tarpit", "student", "--off") == "student is out of the tarpit.\n"
    assert not meter_of(student).is_last


@pytest.fixture
def chosen(student, used):
    used(student, 9999)
    return {"_selected_action": [CpuDay.objects.get().pk]}


def test_the_administration_acts_and_notes_who(client_of, administrator, student, chosen) -> None:
    browser = client_of(administrator)
    for action, is_last in (("take_out_of_tarpit", False), ("put_into_tarpit", True), ("reset", True)):
        browser.post("/admin/allowances/cpuday/", {**chosen, "action": action})
        assert meter_of(student).is_last == is_last, action
    assert set(Change.objects.values_list("by__username", flat=True)) == {"admin"}
    add = {"person": student.pk, "kind": "staff", "cpu_seconds": "5", "memory_mib": "", "processes": ""}
    own = Allowance.objects.get()
    browser.post(f"/admin/allowances/allowance/{own.pk}/change/", add)
    own.refresh_from_db()
    assert (own.kind, own.cpu_seconds) == (Kind.STAFF, 5)
    assert Change.objects.first().details == "kind: staff, cpu_seconds: 5"
    browser.post(
        "/admin/allowances/allowance/", {"_selected_action": [own.pk], "action": "delete_selected", "post": "yes"}
    )
    assert not Allowance.objects.exists()
    assert Change.objects.first().details == "-"


def test_who_may_only_look_changes_nothing_there(client_of, lecturer, student, chosen) -> None:
    lecturer.user_permissions.add(Permission.objects.get(codename="view_cpuday"))
    browser = client_of(lecturer)
    assert browser.get("/admin/allowances/cpuday/").status_code == 200
    browser.post("/admin/allowances/cpuday/", {**chosen, "action": "reset"})
    assert meter_of(student).is_over


@pytest.mark.parametrize("page", ["allowance", "cpuday", "cpurequest", "examtime", "change"])
def test_every_page_of_the_administration_opens(client_of, administrator, page, chosen) -> None:
    assert client_of(administrator).get(f"/admin/allowances/{page}/").status_code == 200
