"""The JSON API of static mappings: made, listed, taken away, refused."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.tokens import make_token
from files import mappings
from files.models import PublishedFolder, StaticMapping

PATH = "/api/files/mappings"


class Script:
    def __init__(self, token: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def map(self, address: str, path: str):
        content = json.dumps({"address": address, "path": path})
        return self.client.post(PATH, content, content_type="application/json")

    def list(self):
        return self.client.get(PATH).json()["entries"]

    def unmap(self, address: str):
        return self.client.delete(PATH, query_params={"address": address})


@pytest.fixture
def script(settings, site_settings, student) -> Script:
    home = settings.IVLE_HOMES / "student"
    (home / "work" / "my site").mkdir(parents=True)
    (home / "work" / "file").write_text("x")
    (home / ".hidden" / "inner").mkdir(parents=True)
    (home / "shop").mkdir()
    (home / "out").symlink_to("/etc")
    return Script(make_token(student, "script"))


def test_making_listing_and_taking_away(script, settings) -> None:
    made = script.map("shop", "work/my%20site")
    url = f"http://pages.localhost:{settings.PORT}/~student/shop/"
    expected = {"address": "shop", "path": "work/my%20site", "url": url, "there": True}
    assert (made.status_code, made.json(), script.list()) == (201, expected, [expected])
    assert script.unmap("shop").status_code == 204
    assert script.list() == []
    assert script.unmap("shop").status_code == 404


def test_an_address_that_is_mapped_leads_elsewhere_from_then_on(script) -> None:
    script.map("shop/", "work/my%20site")
    script.map("shop", "work/")
    assert [(row["address"], row["path"]) for row in script.list()] == [("shop", "work")]


def test_the_whole_public_space_can_be_one_folder(script) -> None:
    assert script.map("", "work").json()["url"].endswith("/~student/")
    assert script.unmap("").status_code == 204


def test_a_folder_that_went_away_is_told(script, settings) -> None:
    script.map("shop", "work/my%20site")
    (settings.IVLE_HOMES / "student/work/my site").rename(settings.IVLE_HOMES / "student/other")
    assert [row["there"] for row in script.list()] == [False]


@pytest.mark.parametrize(
    ("address", "path", "words"),
    [
        ("shop", "missing", "no such folder"),
        ("shop", "../classmate", "no such folder"),
        ("shop", "%2e%2e", "no such folder"),
        ("shop", "out", "no such folder"),
        ("shop", "a//b", "no such folder"),
        ("shop", "work/file", "This is a file"),
        ("shop", ".hidden", "hidden by the dot"),
        ("shop", ".hidden/inner", "hidden by the dot"),
        (".well-known", "work", "begin with a dot"),
        ("a//b", "work", "No page can have this address"),
        ("../x", "work", "No page can have this address"),
        ("a%2Fb", "work", "No page can have this address"),
        ("a%00", "work", "No page can have this address"),
        ("ä" * 90, "work", "too long"),
    ],
)
def test_what_cannot_be_mapped(script, address, path, words) -> None:
    answer = script.map(address, path)
    assert (answer.status_code, words in answer.json()["detail"]) == (400, True)
    assert not StaticMapping.objects.exists()


def test_what_is_published_is_not_covered_by_mistake(script, student) -> None:
    PublishedFolder.objects.create(person=student, path="")
    answer = script.map("shop", "work")
    assert (answer.status_code, "published" in answer.json()["detail"]) == (409, True)
    assert script.map("free", "work").status_code == 201


def test_what_is_private_has_no_address_to_cover(script) -> None:
    assert script.map("shop", "work").status_code == 201


def test_there_is_a_most(script, monkeypatch) -> None:
    monkeypatch.setattr(mappings, "MAPPINGS_MAX", 2)
    assert [script.map(address, "work").status_code for address in ("a", "b", "c", "b")] == [201, 201, 409, 201]


def test_others_have_their_own(script, classmate, settings) -> None:
    script.map("a", "work")
    theirs = Script(make_token(classmate, "script"))
    assert theirs.list() == []
    assert theirs.unmap("a").status_code == 404
    assert len(script.list()) == 1


def test_nobody_does_without_a_login_nor_a_page_of_another_site(script, student, client: Client) -> None:
    assert client.get(PATH).status_code == 401
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    wish = json.dumps({"address": "a", "path": "work"})
    assert browser.post(PATH, wish, content_type="application/json").status_code == 403
    assert browser.delete(f"{PATH}?address=a").status_code == 403
    assert not StaticMapping.objects.exists()
