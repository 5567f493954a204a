"""The language server itself, in its owner's jail: completion, hover, and what of a student's cannot take its place."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.console.conftest import logged_in, story
from tests.editor.language_world import Page

TEXT = "import json\njson.du\nnumber: int = 1\nnumber.\n"


@pytest.fixture
def page(world, student) -> Page:
    world.write("student", "a.py", TEXT)
    return Page.of("a.py", logged_in(student))


async def completions(page: Page, address: str, line: int, character: int) -> set[str]:
    place = {"textDocument": {"uri": address}, "position": {"line": line, "character": character}}
    found = await page.ask(2, "textDocument/completion", **place)
    return {item["label"] for item in (found["items"] if isinstance(found, dict) else found or ())}


def test_it_completes_and_explains(page) -> None:
    async def telling() -> None:
        await page.enter()
        address = await page.begin("student", "a.py", TEXT)
        assert {"dump", "dumps"} <= await completions(page, address, 1, 7)
        assert "bit_length" in await completions(page, address, 3, 7)
        place = {"textDocument": {"uri": address}, "position": {"line": 2, "character": 2}}
        assert "int" in str(await page.ask(3, "textDocument/hover", **place))
        await page.leave()

    story(telling)


def test_it_knows_the_students_packages_and_files(world, student) -> None:
    text = "import IPython\nimport helper\nIPython.emb\nhelper.\n"
    world.write("student", "a.py", text)
    world.write("student", "helper.py", "def lend_a_hand(): ...\n")
    page = Page.of("a.py", logged_in(student))

    async def telling() -> None:
        await page.enter()
        address = await page.begin("student", "a.py", text)
        assert "embed_kernel" in await completions(page, address, 2, 11)
        assert "lend_a_hand" in await completions(page, address, 3, 7)
        await page.leave()

    story(telling)


def test_edits_are_followed(page) -> None:
    async def telling() -> None:
        await page.enter()
        address = await page.begin("student", "a.py", TEXT)
        change = {"range": {"start": {"line": 2, "character": 14}, "end": {"line": 2, "character": 15}}, "text": "'a'"}
        change["range"]["start"]["line"] = change["range"]["end"]["line"] = 2
        page.note(
            "textDocument/didChange",
            textDocument={"uri": address, "version": 2},
            contentChanges=[{"text": "word = 'a'\nword.\n"}],
        )
        assert "upper" in await completions(page, address, 1, 5)
        await page.leave()

    story(telling)


def test_names_of_any_kind(world, student) -> None:
    name = "f\u00f6lder with space/it's.py"
    world.write("student", name, "'a'.\n")
    page = Page.of(name, logged_in(student))

    async def telling() -> None:
        await page.enter()
        assert page.is_in
        address = await page.begin("student", quote(name), "'a'.\n")
        assert "upper" in await completions(page, address, 0, 4)
        await page.leave()

    story(telling)


def test_a_text_that_is_nearly_too_large(page) -> None:
    text = "# eight\n" * 100_000 + "x = 'a'\n"

    async def telling() -> None:
        await page.enter()
        address = await page.begin("student", "a.py", text + "x.\n")
        assert "upper" in await completions(page, address, 100_001, 2)
        await page.leave()

    story(telling)


def test_a_program_of_that_name_in_the_home_is_not_run(page, world, student) -> None:
    """Nor one in a place where such programs often are."""
    home = world.home("student")
    for place in ("ty", "bin/ty", ".local/bin/ty", ".venv/bin/ty", ".venv/bin/python"):
        world.write("student", place, f"#!/bin/sh\ntouch /home/student/ran-{place.replace('/', '-')}\n").chmod(0o755)
    world.write("student", ".venv/pyvenv.cfg", "home = /home/student/bin\nversion = 3.11\n")
    world.write("student", "ty.toml", '[environment]\npython = ".venv"\n')

    async def telling() -> None:
        await page.enter()
        address = await page.begin("student", "a.py", TEXT)
        assert "dumps" in await completions(page, address, 1, 7)
        await page.leave()

    story(telling)
    assert not list(home.glob("ran-*"))


def test_it_sees_nobody_elses_files(page, world) -> None:
    """Its jail is its owner's, whatever address is asked about."""
    world.write("classmate", "secret.py", "SECRET_OF_CLASSMATE = 1\n")

    async def telling() -> None:
        await page.enter()
        await page.begin("student", "a.py", TEXT)
        text = "import sys\nsys.path.append('/home/classmate')\nfrom secret import \n"
        foreign = "file:///home/classmate/secret.py"
        document = {"uri": "file:///home/classmate/b.py", "languageId": "python", "version": 1, "text": text}
        page.note("textDocument/didOpen", textDocument=document)
        assert "SECRET_OF_CLASSMATE" not in await completions(page, "file:///home/classmate/b.py", 2, 19)
        place = {"textDocument": {"uri": foreign}, "position": {"line": 0, "character": 1}}
        assert "SECRET" not in str(await page.ask(9, "textDocument/hover", **place))
        await page.leave()

    story(telling)
