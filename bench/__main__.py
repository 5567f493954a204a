"""`python -m bench`: measures, prints tables, writes JSON. `make bench` calls it; nothing else should run meanwhile."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bench import (
    chaos,
    console,
    crowd,
    endurance,
    fair,
    jail,
    lab,
    machine,
    marking,
    marks,
    precision,
    serving,
    tutorial,
    workspace,
)
from bench.findings import Section
from bench.settings import Settings, quick
from bench.table import as_json, section_text

PARTS: dict[str, Callable[[Settings], Section]] = {
    "serving": serving.measure,
    "jail": jail.measure,
    "crowd": crowd.measure,
    "fair": fair.measure,
    "console": console.measure,
    "workspace": workspace.measure,
    "tutorial": tutorial.measure,
    "marking": marking.measure,
    "marks": marks.measure,
    "precision": precision.measure,
    "lab": lab.measure,
    "chaos": chaos.measure,
    "endurance": endurance.measure,
}
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    arguments = parser().parse_args()
    settings = chosen_settings(arguments)
    signal.signal(signal.SIGTERM, end)
    with socket.socket(socket.AF_UNIX) as turn:
        try:
            turn.bind(f"\0ivle-bench-{os.getuid()}")
        except OSError:
            print("another bench is running on this machine; two would only measure each other", file=sys.stderr)
            return 2
        return run(arguments.only or list(PARTS), settings, arguments.json)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    made.add_argument(
        "--only", action="append", choices=list(PARTS), metavar="NAME", help=f"one of: {', '.join(PARTS)}"
    )
    made.add_argument("--seconds", type=float, help="spent on each address in each way (default 10)")
    made.add_argument("--students", type=int, help="in the lab hour (default 150)")
    made.add_argument("--keep-alive", action="store_true", help="ask every server to keep connections open")
    made.add_argument("--runtime", type=Path, help="the students' Python environment; as in IVLE_RUNTIME")
    made.add_argument("--json", type=Path, metavar="FILE", help="write every figure there as well")
    made.add_argument("--quick", action="store_true", help="see that everything works; figures not worth quoting")
    return made


def chosen_settings(arguments: argparse.Namespace) -> Settings:
    runtime = arguments.runtime or Path(os.environ.get("IVLE_RUNTIME") or ROOT / ".runtime")
    settings = Settings(keep_alive=arguments.keep_alive, runtime=runtime.absolute() if runtime.is_dir() else None)
    settings = quick(settings) if arguments.quick else settings
    wishes = {name: wish for name in ("seconds", "students") if (wish := getattr(arguments, name))}
    return dataclasses.replace(settings, **wishes)


def run(names: list[str], settings: Settings, json_file: Path | None) -> int:
    """0 when everything could be measured, whatever the figures are; 1 when a part of ours could not."""
    described = machine.describe()
    print("Machine: " + ", ".join(f"{name} {value}" for name, value in described.items()) + "\n", flush=True)
    sections = []
    for name in names:
        section = PARTS[name](settings)
        sections.append(section)
        print(section_text(section), flush=True)
    if json_file:
        json_file.write_text(as_json(described, sections))
    return 0 if all(section.complete for section in sections) else 1


def end(number: int, frame: FrameType | None) -> None:
    """Leave through every `with`, so that no server outlives the bench."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
