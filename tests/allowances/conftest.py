"""What somebody had of the processor, as a test says it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import Person
from allowances.counting import count
from allowances.models import CpuDay


@pytest.fixture
def used() -> Callable[..., None]:
    """used(student, 60.0): a supervisor of its own has counted that, now."""
    boots = iter(range(1000))

    def use(person: Person, seconds: float) -> None:
        count(f"boot {next(boots)}", {person.username: seconds}, timezone.now())

    return use


@pytest.fixture
def sums() -> Callable[[Person], list[float]]:
    """All days of somebody, the latest first."""

    def read(person: Person) -> list[float]:
        return list(CpuDay.objects.filter(person=person).order_by("-day").values_list("seconds", flat=True))

    return read
