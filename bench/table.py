"""Prints sections as Markdown tables, as docs/performance.md takes them, and writes them as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.findings import Figure, Section


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells padded to the width of their column; the first column to the left, figures to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(line(cells, widths) for cells in (columns, rule, *rows))


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(padded)} |"


def section_text(section: Section) -> str:
    parts = [f"### {section.title}"]
    if section.rows:
        parts.append(table(section.columns, section.rows))
    promised = [figure for figure in section.figures if figure.target]
    if promised:
        parts.append(table(("promised", "target", "measured", ""), [promise(figure) for figure in promised]))
    if section.notes:
        parts.append("\n".join(f"- {note}" for note in section.notes))
    return "\n\n".join(parts) + "\n"


def promise(figure: Figure) -> tuple[str, str, str, str]:
    target = f"{figure.target.bound} {figure.target.value:g} {figure.unit}".strip() if figure.target else ""
    return figure.name, target, f"{number(figure.value)} {figure.unit}".strip(), figure.verdict


def number(value: float) -> str:
    """At most three decimals, fewer for large values, no exponent."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def as_json(machine: dict[str, str], sections: Sequence[Section]) -> str:
    content = {"machine": machine, "sections": [section_content(section) for section in sections]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def section_content(section: Section) -> dict[str, Any]:
    figures = [{**asdict(figure), "verdict": figure.verdict} for figure in section.figures]
    return {"name": section.name, "title": section.title, "figures": figures, "notes": section.notes}
