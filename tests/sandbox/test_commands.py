"""Programs that are not Python, in a jail: the entry "command", and those that the students' environment has."""

from __future__ import annotations

from pathlib import Path

from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.runtime import find_programs
from tests.sandbox.jail import Jail, Result, Running


def command(jail: Jail, *argv: str, stdin: bytes = b"") -> Result:
    job = Job(owner=jail.owner, argv=argv, directory=jail.home_inside, limits=CGI, entry="command")
    return Running(jail.loop, jail.installation, job, stdin, None).result()


def test_it_runs_in_the_home_with_its_streams(jail: Jail) -> None:
    jail.write("a.txt", "from the home\n")
    result = command(jail, "/bin/cat", "a.txt", "-", stdin=b"from outside\n")
    assert result.stdout == b"from the home\nfrom outside\n"
    assert result.outcome.exit_status == 0


def test_one_that_is_not_there(jail: Jail) -> None:
    result = command(jail, "/opt/runtime/bin/none")
    assert result.outcome.exit_status == 127
    assert b"/opt/runtime/bin/none cannot be started" in result.stderr


def test_it_is_in_the_same_cage(jail: Jail) -> None:
    """What a program of Python's may not, another may not either."""
    result = command(
        jail, "/bin/sh", "-c", "grep -E '^(Seccomp|NoNewPrivs|CapEff):' /proc/self/status; echo x > /opt/x"
    )
    assert result.stdout.split() == [b"CapEff:", b"0000000000000000", b"NoNewPrivs:", b"1", b"Seccomp:", b"2"]
    assert b"cannot create /opt/x" in result.stderr


def test_the_environments_own_programs(jail: Jail) -> None:
    """They are there and cannot be changed; Python's links and scripts with somebody's path are not among them."""
    runtime = jail.installation.runtime
    names = [program.name for program in find_programs(runtime / "bin")] if runtime else []
    assert jail.ask("import os, toolbox; toolbox.tell(sorted(os.listdir('/opt/runtime/bin')))") == sorted(
        [*names, "python", "python3", f"python{version(jail)}"]
    )
    for name in names:
        report = jail.ask(f"import toolbox; toolbox.tell(toolbox.attempt(open, '/opt/runtime/bin/{name}', 'r+b'))")
        assert report in ("EROFS", "EACCES"), name


def version(jail: Jail) -> str:
    return jail.ask("import sys, toolbox; toolbox.tell('%d.%d' % sys.version_info[:2])")


def test_which_programs_an_environment_has(tmp_path: Path) -> None:
    (tmp_path / "native").write_bytes(b"\x7fELF and so on")
    (tmp_path / "script").write_text("#!/home/somebody/python\n")
    (tmp_path / "empty").touch()
    (tmp_path / "python").symlink_to("native")
    (tmp_path / "python3.11").write_bytes(b"\x7fELF, as copied by some environments")
    (tmp_path / "__pycache__").mkdir()
    assert find_programs(tmp_path) == (tmp_path / "native",)
    assert find_programs(tmp_path / "none") == ()
