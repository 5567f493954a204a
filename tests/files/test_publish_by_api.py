"""POST /api/files/publish."""

from __future__ import annotations

import pytest

from files.models import PublishedFolder


def test_on_and_off(script, home) -> None:
    (home / "a b").mkdir()
    answer = script.post("/publish", path="a%20b", published=True).json()
    assert answer == {"published": True, "public_url": "http://pages.localhost:8000/~student/a%20b/"}
    assert script.post("/publish", path="a%20b", published=False).json() == {"published": False, "public_url": ""}
    assert not PublishedFolder.objects.exists()


def test_the_folder_above_still_shows_it(script, home) -> None:
    (home / "a" / "b").mkdir(parents=True)
    script.post("/publish", path="a", published=True)
    script.post("/publish", path="a/b", published=True)
    assert script.post("/publish", path="a/b", published=False).json()["published"]


def test_an_address_that_is_mapped_still_shows_it(script, home) -> None:
    (home / "a").mkdir()
    script.post("/publish", path="a", published=True)
    script.post("/mappings", address="shop", path="a")
    answer = script.post("/publish", path="a", published=False).json()
    assert answer == {"published": True, "public_url": "http://pages.localhost:8000/~student/shop/"}


@pytest.mark.parametrize(("path", "status"), [("file", 409), ("missing", 404), ("..", 404), ("out", 404)])
def test_what_cannot_be_published(script, home, path, status) -> None:
    (home / "file").write_text("")
    (home / "out").symlink_to("/etc")
    assert script.post("/publish", path=path, published=True).status_code == status
    assert not PublishedFolder.objects.exists()
