"""`python -m exercises`: checks an exercise, or imports one of the original IVLE."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from exercises import ivle_xml, proving
from exercises.faults import Fault, Faults
from exercises.jails import Place
from exercises.reading import read
from sandbox.faults import SandboxError
from sandbox.single import Installation, private_supervisor

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when all is well, 1 with faults, 2 where nothing could be told."""
    options = parser().parse_args(arguments)
    try:
        status: int = asyncio.run(options.action(options))
    except SandboxError as error:
        print(f"no code can be run here: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    else:
        return status
    return 2


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m exercises", description=__doc__)
    top.add_argument("--socket", help="of a sandbox that runs already (default: one is started)")
    top.add_argument("--runtime", type=Path, default=ROOT / ".runtime", help="the students' Python")
    actions = top.add_subparsers(required=True, metavar="check | import")
    checking = actions.add_parser("check", help="say what is wrong with exercises; their solutions are run")
    checking.add_argument("files", metavar="FILE", type=Path, nargs="+")
    checking.set_defaults(action=check)
    importing = actions.add_parser("import", help="print an exercise of the original IVLE as one of ours")
    importing.add_argument("file", metavar="FILE.xml", type=Path)
    importing.add_argument("--without-running", action="store_true", help="leave what is expected to be filled in")
    importing.set_defaults(action=import_xml)
    return top


@contextlib.asynccontextmanager
async def sandbox(options: argparse.Namespace) -> AsyncIterator[str]:
    if options.socket:
        yield options.socket
        return
    runtime = options.runtime if (options.runtime / "pyvenv.cfg").exists() else None
    with tempfile.TemporaryDirectory(prefix="ivle-") as home:
        async with private_supervisor(Installation(runtime, None, False), Path(home)) as supervisor:
            yield os.fspath(supervisor.configuration.socket)


async def check(options: argparse.Namespace) -> int:
    """What lies in the folder of an exercise's name beside it is given to it."""
    count = 0
    async with sandbox(options) as socket:
        for file in options.files:
            beside = file.with_suffix("")
            try:
                exercise = read(file.stem, file.read_text(encoding="utf-8"), given_in(beside))
                faults = await proving.prove(exercise, socket)
            except Faults as found:
                faults = found.faults
            except UnicodeDecodeError:
                faults = (Fault(1, "it is no text in UTF-8"),)
            for fault in faults:
                print(f"{file}:{fault.line}: {fault.reason}")
            count += len(faults)
    return int(bool(count))


def given_in(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


async def import_xml(options: argparse.Namespace) -> int:
    try:
        original = ivle_xml.read_original(options.file.read_bytes())
    except ivle_xml.NoExercise as reason:
        print(f"{options.file}: {reason}", file=sys.stderr)
        return 2
    if options.without_running:
        text = await ivle_xml.import_original(original, None)
    else:
        async with sandbox(options) as socket:
            text = await ivle_xml.import_original(original, Place(socket))
    print(text, end="")
    for note in original.notes:
        print(f"not imported: {note}", file=sys.stderr)
    return int(bool(original.notes) or ivle_xml.FILL_IN in text)


if __name__ == "__main__":
    raise SystemExit(main())
