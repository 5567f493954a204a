"""The JSON API of static mappings: made, listed, taken away, refused."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from files import mappings
from files.models import PublishedFolder, StaticMapping
from tests.files.conftest import Script

PATH = "/api/files/mappings"


class Mapper:
    """A script, and what it does with mappings."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def map(self, address: str, path: str):
        return self.script.post("/mappings", address=address, path=path)

    def list(self):
        return self.script.get("/mappings").json()["entries"]

    def unmap(self, address: str):
        return self.script.client.delete(PATH, query_params={"address": address})


@pytest.fixture
def mapper(script, home) -> Mapper:
    (home / "work" / "my site").mkdir(parents=True)
    (home / "work" / "file").write_text("x")
    (home / ".hidden" / "inner").mkdir(parents=True)
    (home / "shop").mkdir()
    (home / "out").symlink_to("/etc")
    return Mapper(script)


def test_making_listing_and_taking_away(mapper, settings) -> None:
    made = mapper.map("shop", "work/my%20site")
    url = f"http://pages.localhost:{settings.PORT}/~student/shop/"
    expected = {"address": "shop", "path": "work/my%20site", "url": url, "there": True}
    assert (made.status_code, made.json(), mapper.list()) == (201, expected, [expected])
    assert mapper.unmap("shop").status_code == 204
    assert mapper.list() == []
    assert mapper.unmap("shop").status_code == 404


def test_an_address_that_is_mapped_leads_elsewhere_from_then_on(mapper) -> None:
    mapper.map("shop/", "work/my%20site")
    mapper.map("shop", "work/")
    assert [(row["address"], row["path"]) for row in mapper.list()] == [("shop", "work")]


def test_the_whole_public_space_can_be_one_folder(mapper) -> None:
    assert mapper.map("", "work").json()["url"].endswith("/~student/")
    assert mapper.unmap("").status_code == 204


def test_a_folder_that_went_away_is_told(mapper, home) -> None:
    mapper.map("shop", "work/my%20site")
    (home / "work/my site").rename(home / "other")
    assert [row["there"] for row in mapper.list()] == [False]


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
def test_what_cannot_be_mapped(mapper, address, path, words) -> None:
    answer = mapper.map(address, path)
    assert (answer.status_code, words in answer.json()["detail"]) == (400, True)
    assert not StaticMapping.objects.exists()


def test_what_is_published_is_not_covered_by_mistake(mapper, student) -> None:
    PublishedFolder.objects.create(person=student, path="")
    answer = mapper.map("shop", "work")
    assert (answer.status_code, "published" in answer.json()["detail"]) == (409, True)
    assert mapper.map("free", "work").status_code == 201


def test_what_is_private_has_no_address_to_cover(mapper) -> None:
    assert mapper.map("shop", "work").status_code == 201


def test_there_is_a_most(mapper, monkeypatch) -> None:
    monkeypatch.setattr(mappings, "MAPPINGS_MAX", 2)
    assert [mapper.map(address, "work").status_code for address in ("a", "b", "c", "b")] == [201, 201, 409, 201]


def test_others_have_their_own(mapper, classmate, settings) -> None:
    mapper.map("a", "work")
    theirs = Mapper(Script(classmate))
    assert theirs.list() == []
    assert theirs.unmap("a").status_code == 404
    assert len(mapper.list()) == 1


def test_nobody_does_without_a_login_nor_a_page_of_another_site(mapper, student, client: Client) -> None:
    assert client.get(PATH).status_code == 401
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    wish = json.dumps({"address": "a", "path": "work"})
    assert browser.post(PATH, wish, content_type="application/json").status_code == 403
    assert browser.delete(f"{PATH}?address=a").status_code == 403
    assert not StaticMapping.objects.exists()


def test_a_mapping_follows_its_folder(mapper) -> None:
    mapper.map("shop", "work/my%20site")
    mapper.script.post("/rename", path="work", name="done")
    assert [(row["path"], row["there"]) for row in mapper.list()] == [("done/my%20site", True)]


def test_with_its_folder_a_mapping_is_deleted(mapper) -> None:
    mapper.map("shop", "work/my%20site")
    mapper.map("all", "")
    mapper.script.post("/delete", paths=["work"])
    assert [row["address"] for row in mapper.list()] == ["all"]


def test_an_administrator_sees_them_and_changes_none(mapper, administrator, classmate) -> None:
    mapper.map("shop", "work")
    admin = Script(administrator)
    assert [row["address"] for row in admin.get("/mappings", owner="student").json()["entries"]] == ["shop"]
    assert Script(classmate).get("/mappings", owner="student").status_code == 404
