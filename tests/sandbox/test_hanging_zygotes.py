"""A package that hangs when Python starts: its zygote never looks whether anybody is there, and is ended anyway."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import packages
from sandbox.identity import Mode
from sandbox.launcher import Launch
from tests.sandbox.installation import (
    AS_ROOT,
    CHECKOUT,
    JAIL_ID,
    PLAIN_ID,
    SYSTEM_PYTHON,
    UNPRIVILEGED,
    WITHOUT_USER_NAMESPACES,
    Kind,
    copy_code,
    descendants,
    is_alive,
    why_not,
)
from tests.sandbox.jail import until

STARTS = """
import asyncio, sys
from sandbox.launcher import Launch
from sandbox.zygote_handle import ZygoteHandle

async def start():
    zygote = ZygoteHandle(Launch.from_text(sys.argv[1]), lambda zygote: None)
    await asyncio.to_thread(sys.stdin.readline)
    zygote.die()
    await asyncio.Event().wait()

asyncio.run(start())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Everybody may read it, as students' programs run as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="ivle-hangs-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def start(kind: Kind, folder: Path) -> subprocess.Popen[bytes]:
    """A process with a zygote that hangs."""
    steps_down = kind.steps_down and os.geteuid() == 0
    python = str(SYSTEM_PYTHON) if steps_down else sys.executable
    packages.make(folder / "runtime", python)
    hang = next((folder / "runtime").glob("lib/python3*/site-packages")) / "hang.pth"
    hang.write_text("import time; time.sleep(1000)\n")
    (folder / "homes").mkdir()
    jail_id = JAIL_ID if os.geteuid() == 0 and not steps_down else PLAIN_ID if steps_down else os.geteuid()
    if os.geteuid() == 0:
        os.chown(folder / "homes", jail_id, jail_id)
    identity: dict[str, Any] = {"user": PLAIN_ID, "group": PLAIN_ID, "extra_groups": []} if steps_down else {}
    code = copy_code(CHECKOUT, folder / "code") if steps_down else CHECKOUT
    launch = Launch(
        homes=str(folder / "homes"),
        single_owner=None,
        runtime=str(folder / "runtime"),
        guests=str(code / "guest"),
        name="python",
        mode=Mode.ROOT if kind.settings.get("without_user_namespaces") else Mode.USER_NAMESPACE,
        uid=jail_id,
        gid=jail_id,
    )
    return subprocess.Popen([python, "-c", STARTS, launch.as_text()], cwd=code, stdin=subprocess.PIPE, **identity)


@pytest.mark.skips_in_ci("some ways want root, which half of the runs there have not")
@pytest.mark.parametrize("way", [AS_ROOT, UNPRIVILEGED, WITHOUT_USER_NAMESPACES], ids=lambda way: way.name)
@pytest.mark.parametrize("how", ["its supervisor is killed", "it is given up"])
def test_one_that_hangs_is_ended(way: Kind, how: str, folder: Path) -> None:
    if reason := why_not(way):
        pytest.skip(reason)
    supervisor = start(way, folder)
    assert supervisor.stdin is not None
    with supervisor.stdin:

        def hanging() -> list[int]:
            """The launcher and the zygote, which has begun as Python."""
            below = descendants(supervisor.pid)[1:]
            is_there = len(below) == 2 and b"sandbox.zygote" in Path(f"/proc/{below[1]}/cmdline").read_bytes()
            return below if is_there else []

        try:
            below = until(hanging, "started")
            if how == "it is given up":
                supervisor.stdin.write(b"\n")
                supervisor.stdin.flush()
            else:
                supervisor.kill()
            until(lambda: not any(is_alive(pid) for pid in below), "ended")
        finally:
            supervisor.kill()
            supervisor.wait()
