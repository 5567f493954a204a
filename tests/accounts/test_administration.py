"""People in the administration."""

from __future__ import annotations

from django.test import Client

from accounts.models import Person


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
