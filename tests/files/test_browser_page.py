"""The page of the file browser: who gets it, for which folders, under which policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

STATIC = Path(__file__).resolve().parents[2] / "frontend"


def test_it_is_for_people_who_are_logged_in(client: Client) -> None:
    response = client.get("/files/work/")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/files/work/"


@pytest.mark.parametrize("path", ["/files/", "/files/a%20b/", "/files/two%0Alines/c/", "/files/%FF%E9/"])
def test_every_folder_is_the_same_page(client_of, student, path: str) -> None:
    response = client_of(student).get(path)
    assert response.status_code == 200
    assert '<ivle-files owner="student" person="student"' in response.content.decode()
    assert "needs JavaScript" in response.content.decode()


def test_the_slash_is_added(client_of, student) -> None:
    assert client_of(student).get("/files/work")["Location"] == "/files/work/"


def test_an_administrator_reads(client_of, student, administrator) -> None:
    response = client_of(administrator).get("/files/?owner=student")
    assert '<ivle-files owner="student" person="admin"' in response.content.decode()


@pytest.mark.parametrize("owner", ["student", "nobody", "../student"])
def test_to_others_it_is_not_there(client_of, classmate, student, owner: str) -> None:
    assert client_of(classmate).get("/files/", {"owner": owner}).status_code == 404


def test_nothing_but_the_sites_own_runs_in_it(client_of, student) -> None:
    response = client_of(student).get("/files/")
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["media-src"] == "'self'"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=", response.content.decode())


def test_the_bar_and_the_first_page_lead_to_it(client_of, student) -> None:
    page = client_of(student).get("/").content.decode()
    assert page.count('href="/files/"') == 3  # in the bar, in the menu of a phone, on the page


def test_every_module_that_is_imported_is_there() -> None:
    for module in (STATIC / "files").glob("*.js"):
        for name in re.findall(r'from "(\.[^"]+)"', module.read_text()):
            assert (module.parent / name).is_file(), f"{module.name} imports {name}"
