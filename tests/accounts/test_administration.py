"""People in the administration."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Person
from exercises import jails
from operations import probe
from sandbox.job import is_owner_name
from tutorial import publishing


def add(browser: Client, username: str):
    password = {"usable_password": "true", "password1": "quiet afternoon", "password2": "quiet afternoon"}
    return browser.post("/admin/accounts/person/add/", {"username": username, **password})


def test_an_administrator_adds_somebody(client_of, administrator) -> None:
    response = add(client_of(administrator), "newcomer")
    assert response.status_code == 302
    assert Person.objects.get(username="newcomer").check_password("quiet afternoon")


def test_a_bad_login_name_is_refused_there_too(client_of, administrator) -> None:
    response = add(client_of(administrator), "../etc")
    assert "beginning with a letter" in response.content.decode()
    assert Person.objects.count() == 1


def test_pages_open(client_of, administrator) -> None:
    browser = client_of(administrator)
    for path in ("/admin/", "/admin/accounts/person/", f"/admin/accounts/person/{administrator.pk}/change/"):
        assert browser.get(path).status_code == 200


def test_students_and_strangers_stay_out(client, client_of, student) -> None:
    assert client.get("/admin/accounts/person/").status_code == 302
    assert client_of(student).get("/admin/accounts/person/").status_code == 302


def rename(browser: Client, person: Person, username: str) -> str:
    page = f"/admin/accounts/person/{person.pk}/change/"
    assert browser.post(page, {"username": username, "name": "Ann", "is_active": "on"}).status_code == 302
    person.refresh_from_db()
    assert person.name == "Ann"
    return person.username


def test_who_has_a_folder_keeps_the_login_name(client_of, administrator, student, settings, tmp_path) -> None:
    """Whoever had it next would have that folder, and what was counted by that name."""
    settings.IVLE_HOMES = tmp_path
    browser = client_of(administrator)
    assert rename(browser, student, "another") == "another"
    (tmp_path / "another").mkdir()
    assert rename(browser, student, "student") == "another"


@pytest.mark.parametrize("owner", [publishing.OWNER, jails.OWNER, probe.OWNER])
def test_nobody_can_have_the_name_of_an_owner_of_ours(client_of, administrator, owner) -> None:
    """In whose name ivle itself runs things."""
    assert is_owner_name(owner)
    assert "beginning with a letter" in add(client_of(administrator), owner).content.decode()
