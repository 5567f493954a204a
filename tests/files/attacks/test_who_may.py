"""Every route of files, for everybody: what is not one's own is not there."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from files import api, api_changes, api_trash
from files.models import PublishedFolder
from tests.files.attacks.conftest import SECRET
from tests.files.conftest import Script

# Each route with what asks it for something of the student's.
READING = {
    ("GET", "/list"): ("/list?owner=student", None),
    ("GET", "/content"): ("/content?owner=student&path=secret", None),
    ("HEAD", "/content"): ("/content?owner=student&path=secret", None),
}
CHANGING = {
    ("PUT", "/content"): ("/content?owner=student&path=secret", "overwritten"),
    ("POST", "/publish"): ("/publish?owner=student", {"path": "folder", "published": True, "owner": "student"}),
    ("POST", "/folder"): ("/folder?owner=student", {"path": "new", "owner": "student"}),
    ("POST", "/rename"): ("/rename?owner=student", {"path": "secret", "name": "b", "owner": "student"}),
    ("POST", "/move"): ("/move?owner=student", {"paths": ["secret"], "to": "folder", "owner": "student"}),
    ("POST", "/delete"): ("/delete?owner=student", {"paths": ["secret"], "owner": "student"}),
    ("GET", "/trash"): ("/trash?owner=student", None),
    ("POST", "/trash/{item_id}/restore"): ("/trash/BIN/restore?owner=student", None),
    ("DELETE", "/trash/{item_id}"): ("/trash/BIN?owner=student", None),
    ("DELETE", "/trash"): ("/trash?owner=student", None),
}
OTHERS = ("classmate", "stranger", "lecturer")


def routes() -> set[tuple[str, str]]:
    found = set()
    for prefix, router in (("", api.router), ("", api_changes.router), ("/trash", api_trash.router)):
        for path, view in router.path_operations.items():
            found |= {(method, prefix + path) for one in view.operations for method in one.methods}
    return found


def test_no_route_is_forgotten() -> None:
    assert routes() == {*READING, *CHANGING}


@pytest.fixture
def ask(home, script, request):
    """The student's home with something in it and in the trash; then one request by whom a test names."""
    (home / "secret").write_bytes(SECRET)
    (home / "folder").mkdir()
    (home / "deleted").write_bytes(SECRET)
    bin_id = script.post("/delete", paths=["deleted"]).json()["trash"]

    def ask(client: Client, method: str, address: str, body):
        data = body if isinstance(body, str) else json.dumps(body)
        address = f"/api/files{address.replace('BIN', bin_id)}"
        return client.generic(method, address, data, content_type="application/json")

    return ask


def check_nothing_changed(home) -> None:
    assert sorted(path.name for path in home.iterdir()) == ["folder", "secret"]
    assert (home / "secret").read_bytes() == SECRET
    [bin_folder] = (home.parent.parent / "trash" / "student").iterdir()
    assert (bin_folder / "0").read_bytes() == SECRET
    assert not PublishedFolder.objects.filter(person__username="student").exists()


def client_for(way: str, person, client_of) -> Client:
    return client_of(person) if way == "session" else Script(person).client


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("route", READING, ids=" ".join)
def test_others_see_nothing(ask, home, request, client_of, way, role, route) -> None:
    answer = ask(client_for(way, request.getfixturevalue(role), client_of), route[0], *READING[route])
    assert answer.status_code == 404
    assert SECRET not in answer.content


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("route", READING, ids=" ".join)
def test_the_owner_and_an_administrator_see(ask, student, administrator, client_of, way, route) -> None:
    for person in (student, administrator):
        answer = ask(client_for(way, person, client_of), route[0], *READING[route])
        assert answer.status_code == 200
        if route == ("GET", "/list"):
            assert answer.json()["writable"] is (person == student)


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("role", [*OTHERS, "administrator"])
@pytest.mark.parametrize("route", CHANGING, ids=" ".join)
def test_others_change_nothing(ask, home, request, client_of, way, role, route) -> None:
    """An administrator may look, and no more. Whoever asks changes their own home at most, which has none of this."""
    answer = ask(client_for(way, request.getfixturevalue(role), client_of), route[0], *CHANGING[route])
    check_nothing_changed(home)
    assert SECRET not in answer.content
    assert b"deleted" not in answer.content.replace(b"deleted or", b"")
    if "{item_id}" in route[1]:
        assert answer.status_code == 404


@pytest.mark.parametrize("route", [*READING, *CHANGING], ids=" ".join)
class TestNobody:
    def test_without_a_login(self, ask, home, client, route) -> None:
        assert ask(client, route[0], *{**READING, **CHANGING}[route]).status_code == 401
        check_nothing_changed(home)

    def test_with_a_wrong_token(self, ask, home, route) -> None:
        client = Client(headers={"authorization": "Bearer ivle_" + "x" * 43})
        assert ask(client, route[0], *{**READING, **CHANGING}[route]).status_code == 401

    def test_whose_account_is_closed(self, ask, home, script, student, route) -> None:
        student.is_active = False
        student.save()
        assert ask(script.client, route[0], *{**READING, **CHANGING}[route]).status_code == 401
        check_nothing_changed(home)


@pytest.mark.parametrize("route", CHANGING, ids=" ".join)
def test_a_page_of_another_site(ask, home, student, route) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    expected = 200 if route[0] == "GET" else 403
    assert ask(client, route[0], *CHANGING[route]).status_code == expected
    check_nothing_changed(home)
