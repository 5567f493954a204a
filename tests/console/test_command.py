"""manage.py consoles"""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sandbox.faults import SandboxError
from sandbox.outcome import Ended, Outcome


def said(*arguments: str, **options) -> str:
    out = StringIO()
    call_command("consoles", *arguments, stdout=out, **options)
    return out.getvalue()


def test_a_line_for_each(sandbox) -> None:
    sandbox.add(cpu_seconds=1.25)
    sandbox.add(session_id="s2", owner="classmate", outcome=Outcome(Ended.FINISHED, 0, None, 0.1, 1.0, None))
    first, second = said().splitlines()
    assert first.startswith("s1  student")
    assert "1.2/60 s" in first
    assert "ran to its end" in second


def test_of_one_person(sandbox) -> None:
    sandbox.add()
    sandbox.add(session_id="s2", owner="classmate")
    assert said("--owner", "classmate").startswith("s2")


def test_ending_some(sandbox) -> None:
    for session_id in ("s1", "s2", "s3"):
        sandbox.add(session_id=session_id)
    said("--end", "s1", "s3")
    assert sandbox.ended == ["s1", "s3"]


def test_one_that_is_not_there(sandbox) -> None:
    with pytest.raises(CommandError, match="no console s9"):
        said("--end", "s9")


def test_the_sandbox_is_away(sandbox) -> None:
    sandbox.fault = SandboxError("the sandbox does not answer")
    with pytest.raises(CommandError, match="does not answer"):
        said()
