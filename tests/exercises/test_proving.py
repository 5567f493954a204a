"""What keeps an exercise from being published."""

from __future__ import annotations

import pytest

from exercises.proving import prove
from sandbox.faults import SandboxError
from tests.exercises.conftest import exercise_of
from tests.sandbox.installation import Installation

TEXT = """\
# Coin

## Code

```python
{start}
```

## Solution

```python
{solution}
```

## Test: heads

- hidden

```call
coin()
```
```value
1
```

## Test: there

```call
2
```
```value
2
```
"""


async def reasons(installation: Installation, solution: str, start: str = "") -> list[str]:
    exercise = exercise_of(TEXT.format(solution=solution, start=start))
    return [f"{fault.line}: {fault.reason}" for fault in await prove(exercise, str(installation.socket))]


async def test_all_is_well(installation: Installation) -> None:
    assert await reasons(installation, "def coin(): return 1") == []


async def test_a_wrong_solution_is_told_with_the_reason_of_hidden_tests_too(installation: Installation) -> None:
    found = await reasons(installation, "def coin(): return 0")
    assert found == ["15: the solution fails the test 'heads': It gave another value."]


async def test_a_solution_that_is_right_now_and_then(installation: Installation) -> None:
    solution = "import random\ndef coin(): return random.randrange(2)"
    for _ in range(60):
        found = await reasons(installation, solution)
        if found and "sometimes" in found[0]:
            break
    assert found == ["16: the solution sometimes fails the test 'heads': It gave another value."]


async def test_what_students_begin_with_is_no_solution(installation: Installation) -> None:
    solution = "def coin(): return 1"
    found = await reasons(installation, solution, start=solution)
    assert found == ["1: what students begin with passes every test already"]


async def test_no_sandbox_proves_nothing() -> None:
    exercise = exercise_of(TEXT.format(solution="def coin(): return 1", start=""))
    with pytest.raises(SandboxError):
        await prove(exercise, "/nowhere/socket")


SETS = """\
# Letters

## Solution

```python
{solution}
```

{test}
"""
PROGRAM = "## Test: all\n\n```output\n['a', 'b', 'c', 'd', 'e']\n```\n"
CALL = "## Test: all\n\n```calls\nletters() -> ['a', 'b', 'c', 'd', 'e']\n```\n"
WEB = "## Test: all\n\n```request\nGET /\n```\n```response\ntext: ['a', 'b', 'c', 'd', 'e']\n```\n"
IN_SOME_ORDER, IN_ORDER = "list({'a', 'b', 'c', 'd', 'e'})", "sorted({'a', 'b', 'c', 'd', 'e'})"


@pytest.mark.parametrize(
    ("test", "solution"),
    [
        (PROGRAM, "print({})"),
        (CALL, "def letters():\n    return {}"),
        (WEB, "print('Content-Type: text/plain\\n')\nprint({})"),
    ],
)
async def test_the_order_of_a_set_is_no_solution(installation: Installation, test: str, solution: str) -> None:
    async def faults(order: str) -> int:
        exercise = exercise_of(SETS.format(test=test, solution=solution.format(order)))
        return len(await prove(exercise, str(installation.socket)))

    assert (await faults(IN_ORDER), await faults(IN_SOME_ORDER)) == (0, 1)


async def test_large_files_beside_a_web_page(installation: Installation) -> None:
    exercise = exercise_of(SETS.format(test=WEB, solution="print(sorted('edcba'))"), {"large.csv": b"x" * 3_000_000})
    assert await prove(exercise, str(installation.socket)) == ()
