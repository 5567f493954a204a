"""The workspace: what somebody waits for who edits, saves and runs, and what the editor's page weighs.

The API is asked as a page asks it, on a connection that stays; Run is a key pressed in a real Chromium.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import targets, workspace_page, workspace_site
from bench.findings import Figure, Section, Target
from bench.ours import Site
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import spread
from bench.table import number
from bench.workspace_site import FILES, Wrong

MILLISECONDS = 1e3
KILOBYTE = 1000
FAULT_SHOWN_CHARACTERS = 300


def measure(settings: Settings) -> Section:
    section = Section("workspace", "The workspace, as its pages use it", ("", "p50 ms", "p99 ms", "times"))
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            folder.chmod(0o755)
            site, client = stack.enter_context(workspace_site.serving(folder / "site", settings.runtime))
            by_api(section, client, settings)
            in_the_page(section, site, folder / "profile", settings)
    except (NotStarted, OSError, AssertionError) as error:  # the last is how the browser's driver says what it misses
        section.complete = False
        section.notes.append(f"ours: {str(error)[:FAULT_SHOWN_CHARACTERS]}")
    return section


def by_api(section: Section, client: workspace_site.Client, settings: Settings) -> None:
    asked = (
        (f"list {FILES:,} files", workspace_site.lists, settings.lists, targets.LIST_MS),
        ("save", workspace_site.saves, settings.saves, targets.SAVE_MS),
        ("lint", workspace_site.lints, settings.lints, targets.LINT_MS),
    )
    for name, ask, count, target in asked:
        try:
            ask(client, 1)  # compiles, fills caches
            add(section, name, ask(client, count), p50=target)
        except Wrong as error:
            section.complete = False
            section.notes.append(f"{name}: {error}")


def in_the_page(section: Section, site: Site, profile: Path, settings: Settings) -> None:
    """Raises NotStarted where there is no browser."""
    with workspace_page.student(site, profile) as tab:
        weight = workspace_page.weigh(tab, site)
        section.figures.append(
            Figure("editor, first visit, gzipped", weight.gzipped / KILOBYTE, "kB", targets.EDITOR_KILOBYTES)
        )
        section.notes.append(
            f"the editor's page: {weight.requests} requests, {number(weight.sent / KILOBYTE)} kB as the site sends it,"
            f" {number(weight.sent_again / KILOBYTE)} kB on the second visit"
        )
        for name, changed in (("Run after a change, to the first output", True), ("the same, unchanged", False)):
            taken = workspace_page.runs(tab, site, settings.page_runs, changed=changed)
            add(section, name, taken, p50=targets.RUN_MS, p99=targets.RUN_P99_MS)


def add(
    section: Section, name: str, seconds: Sequence[float], p50: Target | None = None, p99: Target | None = None
) -> None:
    seen = spread([MILLISECONDS * value for value in seconds])
    section.rows.append((name, number(seen.p50), number(seen.p99), str(seen.count)))
    section.figures += [Figure(f"{name}: p50", seen.p50, "ms", p50), Figure(f"{name}: p99", seen.p99, "ms", p99)]
