"""What the documentation says exists, exists; what exists is documented."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from django.conf import settings

from ivle import settings as settings_module
from sandbox.limits import CGI, CONSOLE, Limits

ROOT = settings_module.ROOT
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]


def documented(name: str, pattern: str) -> set[str]:
    """The names in the first column of a document's tables."""
    rows = re.findall(r"^\| *`([^`]+)`", (DOCS / name).read_text(), flags=re.MULTILINE)
    return {row for row in rows if re.fullmatch(pattern, row)}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    fields = [field.name.upper() for field in dataclasses.fields(Limits)]
    of_limits = {f"IVLE_{kind}_{field}" for kind in ("CGI", "CONSOLE") for field in fields}
    assert of_limits <= settings.ENVIRONMENT.names
    read = settings.ENVIRONMENT.names - of_limits
    assert documented("settings.md", r"(IVLE_[A-Z_]+|PORT)") == read


def test_settings_md_says_how_limits_are_set() -> None:
    text = (DOCS / "settings.md").read_text()
    assert "IVLE_CGI_CPU_SECONDS" in text
    assert "IVLE_CONSOLE_" in text


@pytest.mark.skipif(not (DOCS / "limits.md").exists(), reason="docs/limits.md is not written yet")
def test_every_limit_is_documented() -> None:
    assert documented("limits.md", r"[a-z_]+") == {field.name for field in dataclasses.fields(Limits)}


@pytest.mark.skipif(not (DOCS / "limits.md").exists(), reason="docs/limits.md is not written yet")
@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Limits)])
def test_limits_md_names_both_defaults(field: str) -> None:
    [row] = re.findall(rf"^\| *`{field}` *\|.*$", (DOCS / "limits.md").read_text(), flags=re.MULTILINE)
    numbers = {float(number) for number in re.findall(r"[0-9]+(?:\.[0-9]+)?", row)}
    for limits in (CGI, CONSOLE):
        value = getattr(limits, field)
        units = [1, 60, 1024, 1024**2, 1024**3]
        assert any(value / unit in numbers for unit in units), f"{value} in any unit is not in: {row}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target
