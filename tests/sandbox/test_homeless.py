"""A job without a home: an empty one of its own, gone with the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.faults import SandboxRefused
from sandbox.job import Job
from sandbox.limits import CGI, Limits
from tests.sandbox.installation import Installation
from tests.sandbox.jail import Jail, Loop, Result, Running

FREE = "nobody.has.a.home.of.this.name"


def run_homeless(loop: Loop, installation: Installation, code: str, limits: Limits = CGI) -> Result:
    """By the entry for other programs: there is no file to run in an empty home."""
    argv = ("/opt/runtime/bin/python3", "-c", code)
    job = Job(FREE, argv, "/home/student", limits, entry="command", has_home=False)
    return Running(loop, installation, job, b"", None).result()


@pytest.mark.everywhere
def test_it_has_an_empty_home_of_its_own(loop: Loop, installation: Installation) -> None:
    code = """if True:
        import getpass, os
        print(os.getcwd(), os.environ["HOME"], getpass.getuser(), os.listdir(), os.listdir("/home"))
        open("left", "w").write("x" * 1000)
        os.mkdir("folder")
        print(sorted(os.listdir()))
    """
    for _ in range(2):
        result = run_homeless(loop, installation, code)
        assert result.stderr == b""
        assert result.text == "/home/student /home/student student [] ['student']\n['folder', 'left']\n"


def test_its_owner_is_not_seen(loop: Loop, installation: Installation) -> None:
    code = "import os; print(os.environ, open('/etc/passwd').read(), os.listdir('/home'))"
    assert FREE not in run_homeless(loop, installation, code).text


def test_no_home_of_anybody_is_there(loop: Loop, installation: Installation, jail: Jail) -> None:
    code = "import os; print([*os.listdir('/.homes'), *os.listdir('/home')])"
    assert run_homeless(loop, installation, code).text == "['student']\n"
    seen = jail.ask("import os, toolbox\ntoolbox.tell([*os.listdir('/.homes'), *os.listdir('/home')])")
    assert seen == [jail.owner]


@pytest.mark.everywhere
def test_its_home_is_no_larger_than_its_tmp(loop: Loop, installation: Installation) -> None:
    code = """if True:
        try:
            for number in range(100):
                open(str(number), "wb").write(bytes(1 << 20))
        except OSError as error:
            print(error.strerror, number)
    """
    limits = replace(CGI, tmp_bytes=4 << 20)
    assert run_homeless(loop, installation, code, limits).text == "No space left on device 4\n"


def test_a_job_with_a_home_still_needs_one(loop: Loop, installation: Installation) -> None:
    job = Job(FREE, ("/bin/true",), "/", CGI, entry="command")
    running = Running(loop, installation, job, b"", None)
    with pytest.raises(SandboxRefused, match="has no home"):
        running.outcome()
    running.close()
