"""manage.py runtime: what administrators read. What it does is tests/sandbox/test_installing.py's."""

from __future__ import annotations

import sys
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from ivle.management.commands import runtime as command
from sandbox.environments import Environments
from sandbox.faults import SandboxError
from sandbox.installing import Changed
from sandbox.proving import Proof
from tests.sandbox.wheels import write_wheel


def runtime(*arguments: str) -> str:
    said = StringIO()
    call_command("runtime", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
def test_one_from_its_beginning_to_its_end(course, tmp_path) -> None:
    write_wheel(tmp_path / "wheels", "snails", "1.0", {"snails.py": ""})
    assert "art is ready: Python" in runtime("add", "art", "--python", sys.executable)
    assert "+ snails 1.0\nart is ready" in runtime("install", "art", "snails", "--find-links", str(tmp_path / "wheels"))
    assert runtime("check", "art").startswith("Programs run in it: Python 3.")
    type(course).objects.update(environment="art")
    assert runtime("list").splitlines()[1] == f"art  Python 3.{sys.version_info[1]}  1 packages  python"
    with pytest.raises(CommandError, match="art is the environment of python"):
        runtime("remove", "art")
    assert "- snails 1.0\nart is ready" in runtime("back", "art")
    assert "art is gone." in runtime("remove", "art", "--anyway")
    with pytest.raises(CommandError, match="There is no environment art"):
        runtime("check", "art")


@pytest.mark.django_db
def test_one_whose_python_is_gone_is_told_among_the_others(settings, tmp_path) -> None:
    """A new system takes the old one's Python away. The line of its name says so, and the others are there too."""
    settings.ENVIRONMENTS = Environments(tmp_path, None)
    for name in ("art", "science"):
        (tmp_path / name / "1").mkdir(parents=True)
        (tmp_path / name / "current").symlink_to("1")
    (tmp_path / "art" / "1" / "pyvenv.cfg").write_text("home = /nowhere/bin\nversion = 3.9.2\n")
    assert runtime("list").splitlines()[1:] == ["art  Python 3.9, which is gone  -", "science  no Python in it  -"]
    for name in ("art", "science"):
        with pytest.raises(CommandError, match=r"Nothing can run in it: .* Python environment"):
            runtime("check", name)


@pytest.mark.django_db
def test_a_change_that_does_not_start_is_told_with_the_way_back(monkeypatch) -> None:
    async def renew(_socket, _name) -> None:
        raise SandboxError("IPython does not start in it")

    monkeypatch.setattr(command, "connect", lambda _socket: BytesIO())
    monkeypatch.setattr(command, "renew", renew)
    with pytest.raises(CommandError, match=r"art is changed, but IPython does not .*: manage.py runtime back art"):
        command.Command().tell("art", Changed({}, {}, Proof("3.11.2")))


@pytest.mark.django_db
def test_what_is_refused_is_one_sentence_and_no_traceback(tmp_path) -> None:
    for arguments, said in (
        (("add", "../x"), "cannot be the name of an environment"),
        (("remove", "standard"), "is as it was installed"),
        (("install", "standard", "./x.whl"), "is no name of a package"),
    ):
        with pytest.raises(CommandError, match=said):
            runtime(*arguments)
