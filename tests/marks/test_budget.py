"""What a person's programs may have together bounds the tests that run in their name."""

from __future__ import annotations

import pytest

from allowances.models import Allowance
from sandbox.limits import MIB
from tests.marks.conftest import exercise

pytestmark = pytest.mark.django_db


def test_whoever_marks_is_told_the_budget(
    publish, hand_in, work, examiner, script_of, student, settings, monkeypatch
) -> None:
    settings.IVLE_PERSON_MEMORY_MB = 512
    heard: list[int] = []

    async def mark(*what, budget_bytes: int, **how):
        heard.append(budget_bytes)
        return await examiner.mark(*what, **how)

    monkeypatch.setattr("exercises.marking.mark", mark)
    publish(exercise())
    hand_in(student, "12")
    work()
    script_of(student).post("intro/hello/check", files={"hello.py": "12"})
    assert heard == [512 * MIB] * 2
    Allowance.objects.create(person=student, memory_mib=128)
    script_of(student).post("intro/hello/check", files={"hello.py": "1"})
    assert heard[2:] == [128 * MIB]
