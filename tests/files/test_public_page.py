"""/public/: what one shows to everybody, and taking it back, without a script."""

from __future__ import annotations

import pytest
from django.test import Client

from files.models import PublishedFolder, StaticMapping

PAGE = "/public/"


@pytest.fixture
def browser(student, home, client_of) -> Client:
    (home / "work" / "my <b> site").mkdir(parents=True)
    (home / "file").write_text("x")
    return client_of(student)


def text(response) -> str:
    return response.content.decode()


def test_nothing_is_shown_yet(browser) -> None:
    page = text(browser.get(PAGE))
    assert "You have published no folder" in page
    assert "/~student/" in page


def test_a_folder_gets_an_address_and_loses_it(browser) -> None:
    wish = {"do": "map", "address": "/shop/", "folder": "work/my <b> site"}
    response = browser.post(PAGE, wish)
    assert response.status_code == 303
    page = text(browser.get(response.url))
    assert "Everybody can open this folder now: http://pages.localhost:8000/~student/shop/" in page
    assert "work/my &lt;b&gt; site" in page
    assert StaticMapping.objects.get().path == "work/my%20%3Cb%3E%20site"
    browser.post(PAGE, {"do": "unmap", "key": "shop"})
    assert not StaticMapping.objects.exists()


@pytest.mark.parametrize(
    ("address", "folder", "words"),
    [
        ("shop", "missing", "no such folder"),
        ("shop", "file", "This is a file"),
        ("shop", "../classmate", "There can be no such"),
        (".x", "work", "begin with a dot"),
    ],
)
def test_what_cannot_be_keeps_what_was_typed(browser, address, folder, words) -> None:
    response = browser.post(PAGE, {"do": "map", "address": address, "folder": folder})
    assert response.status_code == 400
    assert words in text(response)
    assert f'value="{folder}"' in text(response)
    assert not StaticMapping.objects.exists()


def test_a_published_folder_is_taken_back(browser, student) -> None:
    PublishedFolder.objects.create(person=student, path="work")
    assert 'aria-label="Unpublish work"' in text(browser.get(PAGE))
    browser.post(PAGE, {"do": "unpublish", "key": "work"})
    assert not PublishedFolder.objects.exists()


def test_why_a_folder_is_not_shown(browser, student) -> None:
    PublishedFolder.objects.create(person=student, path="work")
    StaticMapping.objects.create(person=student, address="work", path="work/my%20%3Cb%3E%20site")
    assert text(browser.get(PAGE)).count("This address shows another folder.") == 1
    StaticMapping.objects.create(person=student, address="x", path="gone")
    assert "This folder is not there any more." in text(browser.get(PAGE))
    PublishedFolder.objects.create(person=student, path=".git")
    assert "hidden by the dot" in text(browser.get(PAGE))


@pytest.mark.parametrize("form", [{}, {"do": "x"}, {"do": "unmap", "key": "no"}, {"do": "unpublish", "key": "a//b"}])
def test_what_makes_no_sense(browser, form) -> None:
    assert browser.post(PAGE, form).status_code == 400


def test_nobody_changes_another_s(browser, classmate) -> None:
    PublishedFolder.objects.create(person=classmate, path="work")
    StaticMapping.objects.create(person=classmate, address="shop", path="work")
    assert browser.post(PAGE, {"do": "unpublish", "key": "work"}).status_code == 400
    assert browser.post(PAGE, {"do": "unmap", "key": "shop"}).status_code == 400
    assert "shop/" not in text(browser.get(PAGE))
    assert PublishedFolder.objects.count() == StaticMapping.objects.count() == 1


def test_a_stranger_is_asked_to_log_in(client: Client, db) -> None:
    assert client.get(PAGE).url == "/login/?next=/public/"


def test_no_page_of_another_site_can(student, home) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.post(PAGE, {"do": "map", "address": "", "folder": ""}).status_code == 403
    assert not StaticMapping.objects.exists()
