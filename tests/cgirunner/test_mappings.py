"""Addresses that lead to folders elsewhere: what is shown there, and which of two that clash."""

from __future__ import annotations

import pytest

from files.access import shown_at
from files.models import StaticMapping


@pytest.fixture
def maps(home, student):
    def mapped(address: str, path: str) -> None:
        StaticMapping.objects.create(person=student, address=address, path=path)

    home.write("work/site/index.html", "<p>site")
    home.write("work/site/deep/index.py", "print('deep')")
    home.write("work/site/.env", "secret")
    home.write("work/site/__pycache__/x.pyc", "secret")
    home.write("work/notes.html", "secret")
    return mapped


@pytest.mark.parametrize("path", ["shop/", "shop/index.html", "shop/deep/", "shop/deep/index.py/more"])
def test_what_is_mapped(anybody, maps, path) -> None:
    maps("shop", "work/site")
    assert anybody.ask(f"/~student/{path}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "shop/.env",
        "shop/__pycache__/x.pyc",
        "shop/../notes.html",
        "shop/%2e%2e/notes.html",
        "shop/missing",
        "shopping/",
        "work/site/",
        "work/notes.html",
        "",
    ],
)
def test_what_is_not(anybody, maps, path) -> None:
    maps("shop", "work/site")
    assert anybody.ask(f"/~student/{path}").status == 404


def test_without_its_slash_it_leads_to_itself(anybody, maps) -> None:
    maps("shop", "work/site")
    assert anybody.ask("/~student/shop?a=1")["Location"] == "/~student/shop/?a=1"


def test_a_program_is_told_the_address_and_its_file(anybody, maps, supervisor) -> None:
    maps("my%20shop", "work/site")
    anybody.ask("/~student/my%20shop/deep/index.py/more")
    found = supervisor.environ
    assert found["SCRIPT_NAME"] == "/~student/my shop/deep/index.py"
    assert (found["SCRIPT_FILENAME"], found["PATH_INFO"]) == ("/home/student/work/site/deep/index.py", "/more")
    anybody.ask("/~student/my%20shop/deep/")
    assert supervisor.environ["SCRIPT_NAME"] == "/~student/my shop/deep/"


def test_a_link_out_of_the_mapped_folder_leads_nowhere(anybody, maps, home) -> None:
    maps("shop", "work/site")
    (home.folder / "work/site/up").symlink_to("..")
    (home.folder / "work/site/inside").symlink_to("deep")
    assert anybody.ask("/~student/shop/up/notes.html").status == 404
    assert anybody.ask("/~student/shop/inside/").status == 200


def test_a_mapped_folder_that_became_a_link_out_of_the_home(anybody, maps, home, tmp_path) -> None:
    (tmp_path / "index.html").write_text("secret")
    (home.folder / "out").symlink_to(tmp_path)
    maps("shop", "out")
    assert anybody.ask("/~student/shop/").status == 404


@pytest.mark.parametrize("path", [".site", "work/.site", "__pycache__"])
def test_a_hidden_folder_stays_hidden_wherever_it_is_mapped(anybody, maps, home, path) -> None:
    home.write(f"{path}/index.html", "secret")
    maps("shop", path)
    assert anybody.ask("/~student/shop/").status == 404


def test_the_folder_is_gone(anybody, maps) -> None:
    maps("shop", "work/missing")
    assert anybody.ask("/~student/shop/").status == 404


def test_a_mapping_is_its_owner_s_alone(anybody, maps, classmate, settings) -> None:
    maps("shop", "work/site")
    (settings.IVLE_HOMES / "classmate/work/site").mkdir(parents=True)
    (settings.IVLE_HOMES / "classmate/work/site/index.html").write_text("secret")
    assert anybody.ask("/~classmate/shop/").status == 404


def test_the_mappings_of_somebody_inactive_are_gone(anybody, maps, student) -> None:
    maps("shop", "work/site")
    student.is_active = False
    student.save()
    assert anybody.ask("/~student/shop/").status == 404


def test_taken_away_it_shows_nothing_at_once(anybody, maps) -> None:
    maps("shop", "work/site")
    assert anybody.ask("/~student/shop/").status == 200
    StaticMapping.objects.all()[0].delete()
    assert anybody.ask("/~student/shop/").status == 404


@pytest.mark.parametrize(
    ("published", "mapped", "path", "address", "folder"),
    [
        ([""], {"shop": "work"}, "shop/x", "shop", "work"),
        ([""], {"shop": "work"}, "other", "", ""),
        (["shop"], {"shop": "work"}, "shop/x", "shop", "work"),
        (["shop/deep"], {"shop": "work"}, "shop/deep/x", "shop/deep", "shop/deep"),
        (["shop/deep", ""], {"shop": "work"}, "shop/deep/x", "", ""),
        (["a"], {"": "work"}, "a/x", "a", "a"),
        (["a"], {"": "work"}, "b/x", "", "work"),
        ([], {"": "one", "a": "two", "a/b": "three"}, "a/b/c", "a/b", "three"),
        ([], {"": "one", "a": "two", "a/b": "three"}, "a/c", "a", "two"),
        ([], {"shop": ""}, "shop/x", "shop", ""),
    ],
)
def test_the_longest_address_wins(home, student, maps, published, mapped, path, address, folder) -> None:
    for each in published:
        home.publish(each)
    for each, target in mapped.items():
        maps(each, target)

    def parts(text: str) -> tuple[bytes, ...]:
        return tuple(text.encode().split(b"/")) if text else ()

    shown = shown_at("student", parts(path))
    assert shown is not None
    assert (shown.address, shown.folder) == (parts(address), parts(folder))


def test_nothing_is_shown_where_nothing_is_said(student) -> None:
    assert shown_at("student", (b"a",)) is None
