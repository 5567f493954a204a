"""What the documentation says exists, exists; what exists is documented."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import pytest
from django.conf import settings

from ivle import settings as settings_module
from sandbox.limits import CGI, CONSOLE, GUEST, LANGUAGE, Limits

ROOT = settings_module.ROOT
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]


def documented(name: str, pattern: str) -> set[str]:
    """The names in the first column of a document's tables."""
    rows = re.findall(r"^\| *`([^`]+)`", (DOCS / name).read_text(), flags=re.MULTILINE)
    return {row for row in rows if re.fullmatch(pattern, row)}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    fields = [field.name.upper() for field in dataclasses.fields(Limits)]
    of_limits = {f"IVLE_{kind}_{field}" for kind in ("CGI", "CONSOLE", "LANGUAGE", "GUEST") for field in fields}
    assert of_limits <= settings.ENVIRONMENT.names
    read = settings.ENVIRONMENT.names - of_limits
    assert documented("settings.md", r"(IVLE_[A-Z_]+|PORT)") == read


def test_settings_md_says_how_limits_are_set() -> None:
    text = (DOCS / "settings.md").read_text()
    assert "IVLE_CGI_CPU_SECONDS" in text
    assert "IVLE_CONSOLE_" in text


def test_every_limit_is_documented() -> None:
    assert documented("limits.md", r"[a-z_]+") == {field.name for field in dataclasses.fields(Limits)}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Limits)])
def test_limits_md_names_every_default(field: str) -> None:
    [row] = re.findall(rf"^\| *`{field}` *\|.*$", (DOCS / "limits.md").read_text(), flags=re.MULTILINE)
    numbers = {float(number) for number in re.findall(r"[0-9]+(?:\.[0-9]+)?", row)}
    for limits in (CGI, CONSOLE, LANGUAGE, GUEST):
        value = getattr(limits, field)
        units = [1, 60, 1024, 1024**2, 1024**3]
        assert any(value / unit in numbers for unit in units), f"{value} in any unit is not in: {row}"


def sections_of_diagnosis() -> list[str]:
    """What is named as the place to read on: the second argument of every Problem."""
    tree = ast.parse((ROOT / "sandbox" / "diagnosis.py").read_text())
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    ]
    return sorted({ast.literal_eval(call.args[1]) for call in calls})


def test_diagnosis_names_sections() -> None:
    assert "Ubuntu and AppArmor" in sections_of_diagnosis()


@pytest.mark.parametrize("section", sections_of_diagnosis())
def test_every_section_that_a_diagnosis_names_is_a_heading(section: str) -> None:
    assert f"\n## {section}\n" in (DOCS / "admin.md").read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target, _, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(#([^)]*))?\)", path.read_text()):
        page = path.parent / target if target else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Of its headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
