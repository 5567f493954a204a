"""Every tutorial of the sample course can be published, and every box on it runs."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from exercises.jails import Place
from exercises.marking import mark
from exercises.reading import read as read_exercise
from ivle.sample import FOLDER, sample_files
from sandbox.limits import CONSOLE
from tests.sandbox.installation import Installation
from tutorial.linting import lint
from tutorial.page import Box, Expected, Listing, Page
from tutorial.references import Addresses
from tutorial.shelf import exercise_names, page_names, read
from tutorial.trying import Trier

FILES = sample_files()
PAGES = {name: read(FILES, name, Addresses("python"))[0] for name in page_names(FILES)}
RUNS = [
    (page, block)
    for page in PAGES.values()
    for block in page.blocks
    if isinstance(block, Box) and (block.kind == "run" or (block.kind == "repl" and block.text))
]
WEB = [box for page in PAGES.values() for box in page.boxes if box.kind == "web"]
ERRORS = {"error": "TypeError"}  # boxes that are to show one
VISIT = """# A visit

## Solution

```python
PROGRAM
```

## Test: there is a page

```request
GET /?name=%3Cb%3E
```
```response
200
Content-Type: text/html
has no: b
no text: Traceback
```
```request
POST /
form: dish = <b>
```
```response
200
has no: b
```
"""


def test_nothing_is_wrong_with_it() -> None:
    """Links, pictures, names, fences."""
    assert lint(FILES, "python") == ()


def test_a_dead_link_would_be_found() -> None:
    there = "01-first-steps.md"
    text = FILES[there].replace(b"02-lists-and-loops.md", b"02-gone.md")
    [fault] = lint({**FILES, there: text}, "python")
    assert "02-gone.md" in fault.reason


def test_there_are_tutorials_of_every_kind_of_box() -> None:
    assert len(PAGES) >= 3
    kinds = {box.kind for page in PAGES.values() for box in page.boxes}
    assert kinds == {"run", "repl", "file", "web"}
    assert any(box.setup for page in PAGES.values() for box in page.boxes)
    assert any(box.expected and box.expected.typed for page in PAGES.values() for box in page.boxes)
    assert any("matplotlib" in box.text for page in PAGES.values() for box in page.boxes)


def test_every_exercise_is_on_one_page() -> None:
    shown = [name for page in PAGES.values() for name in page.exercises]
    assert sorted(shown) == sorted(exercise_names(FILES))


@pytest.mark.parametrize(("page", "box"), RUNS, ids=lambda one: one.name)
async def test_a_box_runs(installation: Installation, page: Page, box: Box) -> None:
    """And prints what the page says."""
    trier = Trier(FILES, Place(str(installation.socket), limits=replace(CONSOLE, wall_seconds=60.0)))
    faults = await trier.try_block(page, box, box.expected or Expected(None))
    if box.name in ERRORS:
        assert ERRORS[box.name] in faults[0].reason
    else:
        assert faults == ()


def test_boxes_say_what_they_print() -> None:
    silent = {box.name for page, box in RUNS if not box.expected}
    assert silent == {"error", "plot", "prompt"}


@pytest.mark.parametrize("box", WEB, ids=lambda box: box.name)
async def test_a_page_made_by_a_program(installation: Installation, box: Box) -> None:
    """As a visitor gets it; one with a name that is HTML."""
    exercise = read_exercise("page", VISIT.replace("PROGRAM", box.text))
    report = await mark(exercise, exercise.solution, str(installation.socket), hidden=True)
    assert report.passed, report.results


def test_listings_of_python_are_python() -> None:
    for page in PAGES.values():
        for block in page.blocks:
            if isinstance(block, Listing) and block.language == "python":
                compile(block.text, page.name, "exec")


def test_pictures_are_as_their_program_draws_them(tmp_path) -> None:
    program = tmp_path / "draw.py"
    program.write_bytes(FILES["pictures/draw.py"])
    names = [name for name in FILES if name.endswith(".svg")]
    scope = {"__name__": "__main__", "__file__": str(program)}
    exec(compile(program.read_text(), str(program), "exec"), scope)
    assert names
    for name in names:
        assert (tmp_path / name.removeprefix("pictures/")).read_bytes() == FILES[name]
        assert ElementTree.fromstring(FILES[name]).tag.endswith("svg")
        assert (FOLDER / name).stat().st_size < 20_000
