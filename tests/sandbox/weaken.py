"""Takes one defence after the other out of a copy of the sandbox and sees which attacks get through.

`python -m tests.sandbox.weaken` tries them all and writes the table into docs/escapes.md; with names, only those.
A defence whose absence no attack notices is either said here to be a second line behind another, or not tested.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.sandbox.installation import BEST_ONLY, CHECKOUT, CODE_UNDER_TEST, copy_code
from tests.sandbox.weakenings import WEAKENINGS, DoesNotApply, Weakening

SOURCE = Path(os.environ.get(CODE_UNDER_TEST, CHECKOUT))
DOCUMENT = CHECKOUT / "docs" / "escapes.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
AT_ONCE = 2
LONGEST_SECONDS = 300.0
MOST_FAILURES = 40  # enough to know
ORDINARY = "test_can_use_temporary_files or test_can_start_programs"  # fails when nothing runs at all
SHOWN_MAX = 4


def weaken(weakening: Weakening, source: Path, target: Path) -> Path:
    """A copy of sandbox/ and guest/ without this defence. Raises DoesNotApply."""
    copy_code(source, target)
    for change in weakening.changes:
        path = target / "sandbox" / f"{change.file}.py"
        path.write_text(change.apply(path.read_text()))
    return target


def attack(code: Path, *, everywhere: bool, only: str = "test_") -> tuple[set[str], str]:
    """The tests that fail against this code, and the last line pytest printed. `only` is an expression of names."""
    command = [sys.executable, "-m", "pytest", "tests/sandbox/escapes", "-v", "--tb=no", "-p", "no:cacheprovider"]
    command += ["-W", "ignore", "-k", only, f"--maxfail={MOST_FAILURES}"]
    environment = {**os.environ, CODE_UNDER_TEST: str(code), **({} if everywhere else {BEST_ONLY: "1"})}
    try:
        done = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace")
        return failures(output), "not finished"
    return failures(done.stdout), done.stdout.strip().rpartition("\n")[2]


def failures(output: str) -> set[str]:
    """Tests with their parameters: one may be known to fail on one installation and tell something on another."""
    return {found.group(1) for found in re.finditer(r"::(\w+(?:\[.*?\])?) (?:FAILED|ERROR)\b", output)}


def names_of(failed: set[str]) -> list[str]:
    return sorted({test.partition("[")[0] for test in failed})


def try_one(weakening: Weakening, known: set[str], folder: Path) -> tuple[Weakening, set[str], str]:
    name = re.sub(r"\W+", "-", weakening.defence)
    try:
        code = weaken(weakening, SOURCE, folder / name)
    except DoesNotApply as reason:
        return weakening, set(), f"does not apply: {reason}"
    only = ORDINARY if weakening.fails_closed else "test_"
    failed, last = attack(code, everywhere=weakening.everywhere, only=only)
    failed -= known
    if failed and not weakening.fails_closed:
        again, _ = attack(code, everywhere=weakening.everywhere, only=" or ".join(names_of(failed)))
        failed &= again  # what fails by chance on a busy machine is no evidence
    print(f"{weakening.defence}: {', '.join(names_of(failed)) or 'none'} ({last})", file=sys.stderr, flush=True)
    return weakening, failed, last


def row(weakening: Weakening, failed: set[str], last: str) -> str:
    names = names_of(failed)
    shown = ", ".join(f"`{name}`" for name in names[:SHOWN_MAX])
    if len(names) > SHOWN_MAX:
        shown += f" and {len(names) - SHOWN_MAX} more"
    if last.startswith("does not apply"):
        shown = "not tried: the sandbox has changed"
    elif weakening.fails_closed and names:
        shown = "all: without it jails cannot be made, or do not work"
    elif not names:
        shown = f"none; a second line behind: {weakening.behind}" if weakening.behind else "none"
    return f"| {weakening.defence} | {shown} |"


def write_document(rows: Sequence[str]) -> None:
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(["", "| without | attacks that get through |", "|---|---|", *rows, ""])
    DOCUMENT.write_text(f"{before}{BEGIN}{table}{END}{after}")


def main(names: Sequence[str]) -> int:
    """The exit status: 0 when every defence is noticed or said to be a second line."""
    chosen = [one for one in WEAKENINGS if not names or one.defence in names]
    with tempfile.TemporaryDirectory(prefix="ivle-weak-") as folder:
        Path(folder).chmod(0o755)
        known, last = attack(copy_code(SOURCE, Path(folder, "whole")), everywhere=True)
        print(f"nothing taken out: {', '.join(sorted(known)) or 'none'} ({last})", file=sys.stderr, flush=True)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(lambda one: try_one(one, known, Path(folder)), chosen))
    found = {weakening.defence: failed for weakening, failed, _ in results}
    results = [(weakening, failed - found.get(weakening.beyond, set()), last) for weakening, failed, last in results]
    rows = [row(*result) for result in results]
    print("\n".join(rows))
    if not names:
        write_document(rows)
    return int(any(not failed and not weakening.behind for weakening, failed, _ in results))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
