"""The machine page: for administrators alone; what it shows, and what can be done there and by commands."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from allowances.models import Allowance, Kind
from operations import alarms
from operations.alarms import Alarm, Book
from operations.models import Deed
from tests.operations.supervisor import AnsweringSupervisor

PAGES = ("/machine/", "/machine/now", "/machine/settings/")
BUSY = {"kind": "student", "cpu_seconds": 7.5, "memory_bytes": 4 << 20, "processes": 3, "runs": 2}


@pytest.fixture
def busy(supervisor: AnsweringSupervisor) -> AnsweringSupervisor:
    """A student runs something, and so does a guest; our own probe is nobody's business."""
    guest = {**BUSY, "kind": "guest", "memory_bytes": 1 << 20}
    supervisor.usage["people"] = {"guest.x1": guest, "student": BUSY, "ivle.probe": BUSY}
    supervisor.owners = {"student": {"running": 1, "waiting": 2, "services": 0}}
    supervisor.recent = [
        {"at": 1e9, "entry": "run", "owner": "student", "job": "a", "ended": "cpu", "cpu_seconds": 1.0},
        {"at": 1e9, "entry": "test", "owner": "ivle.probe", "job": "b", "ended": "finished", "cpu_seconds": 0.0},
    ]
    return supervisor


def now(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/machine/now").json()
    return found


def command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("role", ["student", "tutor", "lecturer"])
def test_for_others_there_is_no_such_page(client_of, course, supervisor, request, role: str) -> None:
    client = client_of(request.getfixturevalue(role))
    assert [client.get(page).status_code for page in PAGES] == [404] * 3
    assert client.post("/machine/act", {"do": "end", "owner": "student"}).status_code == 404
    assert b"/machine/" not in client.get("/").content
    assert [message for message in supervisor.asked if message["kind"] == "end_owner"] == []


def test_whoever_is_logged_out_logs_in_first(db, client: Client) -> None:
    assert client.get("/machine/").headers["Location"] == "/login/?next=/machine/"
    assert client.get("/machine/now").status_code == 403
    assert client.post("/machine/act", {"do": "end", "owner": "student"}).status_code == 403


def test_an_administrator_who_was_switched_off(client_of, administrator) -> None:
    client = client_of(administrator)
    administrator.is_active = False
    administrator.save()
    assert client.get("/machine/now").status_code == 403


def test_the_way_there(client_of, administrator) -> None:
    client = client_of(administrator)
    assert b'href="/machine/"' in client.get("/").content
    assert b'href="/machine/"' in client.get("/admin/").content
    assert b"<ivle-machine" in client.get("/machine/").content


def test_who_uses_what(client_of, administrator, student, busy) -> None:
    told = now(client_of(administrator))
    first, second = told["people"]
    assert first == {
        "owner": "student", "name": "Sam Student", "has_account": True, "kind": "student", "cpu_seconds": 7.5,
        "memory_bytes": 4 << 20, "processes": 3, "running": 1, "waiting": 2, "services": 0, "consoles": 0,
        "today_seconds": 0.0, "allowed_seconds": first["allowed_seconds"],
    }  # fmt: skip
    assert (second["owner"], second["has_account"], second["today_seconds"]) == ("guest.x1", False, None)
    assert [end["owner"] for end in told["recent"]] == ["student"]
    assert told["machine"]["waiting"] == 0


def test_without_a_supervisor_it_says_so(client_of, administrator) -> None:
    told = now(client_of(administrator))
    assert any("supervisor" in sentence for sentence in told["lacks"])
    assert told["people"] == []
    assert "deeds" in told


def test_alarms_are_shown(client_of, administrator, busy) -> None:
    disk = Alarm("disk", "it is full", bad_since=1e9, told_at=1e9)
    alarms.write(Book({"disk": disk, "queue": Alarm("queue", "x")}).as_text())
    assert now(client_of(administrator))["alarms"] == [{"sentence": "it is full", "since": "2001-09-09T01:46:40+00:00"}]


def test_ending_is_one_click_and_written_down(client_of, administrator, student, busy) -> None:
    client = client_of(administrator)
    said = client.post("/machine/act", {"do": "end", "owner": "student"}).json()["said"]
    assert said == "Ended 2 programs of student."
    assert busy.asked[-1] == {"kind": "end_owner", "owner": "student"}
    deed = Deed.objects.get()
    assert (deed.by, deed.what, deed.owner, deed.number) == (administrator, "ended", "student", 2)
    [line] = now(client)["deeds"]
    assert (line["by"], line["what"], line["owner"]) == ("admin", "ended all programs (2)", "student")


def test_into_the_tarpit_and_out_again(client_of, administrator, student, busy) -> None:
    client = client_of(administrator)
    client.post("/machine/act", {"do": "tarpit", "owner": "student"})
    assert Allowance.objects.get(person=student).kind == Kind.TARPIT
    client.post("/machine/act", {"do": "restore", "owner": "student"})
    assert Allowance.objects.get(person=student).kind == ""
    assert [line["what"] for line in now(client)["deeds"]] == ["took out of the tarpit", "put into the tarpit"]


@pytest.mark.parametrize("deed", ["", "delete", "person_called", "__init__"])
def test_nothing_else_can_be_done(client_of, administrator, student, busy, deed: str) -> None:
    assert client_of(administrator).post("/machine/act", {"do": deed, "owner": "student"}).status_code == 404


def test_nobody_of_that_name(client_of, administrator, busy) -> None:
    answer = client_of(administrator).post("/machine/act", {"do": "tarpit", "owner": "nobody"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "Nobody here is called nobody.")


def test_a_supervisor_that_is_away_ends_nothing(client_of, administrator) -> None:
    answer = client_of(administrator).post("/machine/act", {"do": "end", "owner": "student"})
    assert answer.status_code == 503
    assert not Deed.objects.exists()


def test_it_is_written_down_before_it_is_done(client_of, administrator, busy, monkeypatch) -> None:
    """What a database that is locked does not take must not be done unseen."""

    def locked(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(Deed.objects, "create", locked)
    with pytest.raises(OperationalError):
        client_of(administrator).post("/machine/act", {"do": "end", "owner": "student"})
    assert [message for message in busy.asked if message["kind"] == "end_owner"] == []


def test_of_a_guest_no_number_is_kept(client_of, administrator, busy) -> None:
    client_of(administrator).post("/machine/act", {"do": "end", "owner": "guest.00ff"})
    assert busy.asked[-1]["owner"] == "guest.00ff"
    assert Deed.objects.get().owner == "guest"


@pytest.mark.parametrize("owner", ["", "x" * 65, "../x", "a b"])
def test_what_can_be_nobody_s_name(client_of, administrator, busy, owner: str) -> None:
    assert client_of(administrator).post("/machine/act", {"do": "end", "owner": owner}).status_code == 404
    assert not Deed.objects.exists()


def test_no_other_site_can_do_it(administrator, busy) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/machine/act", {"do": "end", "owner": "student"}).status_code == 403
    assert client.get("/machine/act", {"do": "end", "owner": "student"}).status_code == 405


def test_settings_in_force_and_where_they_come_from(client_of, administrator, settings, monkeypatch) -> None:
    environment = settings.ENVIRONMENT
    monkeypatch.setitem(environment.values, "IVLE_SECRET_KEY", "love-letter")
    monkeypatch.setitem(environment.values, "IVLE_ALARM_WEBHOOK", "https://example.org/love-letter")
    monkeypatch.setitem(environment.values, "IVLE_ALARM_COMMAND", "/usr/bin/tell --to love-letter")
    monkeypatch.setitem(environment.values, "IVLE_NEW_PASSWORD", "love-letter")
    monkeypatch.setitem(environment.values, "IVLE_OTHER_URL", "redis://ivle:love-letter@cache/0")
    monkeypatch.setattr(environment, "variables", {"IVLE_QUOTA_MB": "2048"})
    page = client_of(administrator).get("/machine/settings/").content.decode()
    said = command("settings")
    for text in (page, said):
        assert "love-letter" not in text
        assert "redis://…@cache/0" in text
        assert "/usr/bin/tell …" in text
        assert set(environment.names) <= {name for name in environment.values if name in text} | {
            "IVLE_CI",
            "IVLE_TOKEN",
        }
    assert f"IVLE_QUOTA_MB={settings.ENVIRONMENT.values['IVLE_QUOTA_MB']}  (environment)" in said
    assert "IVLE_ZIP_MAX_MB=1024  (default)" in said


def test_the_command_shows_the_same(db, student, busy) -> None:
    busy.answer["consoles"]["python"]["zygote_pid"] = None
    said = command("machine", "--seconds", "0")
    assert "Missing: the students' interpreter" in said
    people, _, ends = said.partition("\n\n")
    assert [line.split()[:2] for line in people.splitlines()[-2:]] == [["student", "student"], ["guest.x1", "guest"]]
    assert [line.split()[1:4] for line in ends.splitlines()[1:]] == [["student", "run", "cpu"]]
    assert json.loads(command("machine", "--json"))["people"][0]["owner"] == "student"


def test_the_commands_do_the_same(db, student, busy) -> None:
    assert command("end", "--owner", "student") == "Ended 2 programs of student.\n"
    assert Deed.objects.get().by is None
    assert "in the tarpit" in command("end", "--owner", "student", "--tarpit")
    assert "share again" in command("end", "--owner", "student", "--restore")
    with pytest.raises(CommandError, match="nobody"):
        command("end", "--owner", "nobody", "--tarpit")


def test_administrators_read_the_deeds_and_change_none(client_of, administrator) -> None:
    deed = Deed.objects.create(what=Deed.What.ENDED, owner="student", number=1)
    client = client_of(administrator)
    assert client.get("/admin/operations/deed/").status_code == 200
    assert client.get("/admin/operations/deed/add/").status_code == 403
    assert client.post(f"/admin/operations/deed/{deed.pk}/delete/", {"post": "yes"}).status_code == 403
