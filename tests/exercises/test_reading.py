"""The text of an exercise: what is read from it, and what a lecturer is told who made a mistake."""

from __future__ import annotations

import textwrap

import pytest

from exercises.exercise import CallTask, Comparison, Counts, Late, ProgramTask
from exercises.reading import Faults, read
from tests.exercises.conftest import exercise_of

WHOLE = """\
---
points: 12
attempts: 3
counts: last
penalty: 5 %
late: 10 % a day, 4 days
---
# Greeting

Ask for a name.

## For example

It greets Ada.

## Code

```python greet.py
print("hello")
```
```python words.py
HELLO = "Hello"
```

## Files

```file names.txt
Ada
```

## Solution

```python
print("Hello,", input())
```

## Hint

First.

## Hint after 5 tries

Use `input()`.

## Test: Ada

- arguments: -x "two words"
- time: 2 s
- memory: 64 MB
- compare: ignore case, ignore spaces

```input
Ada
```
```output
Hello, Ada
```

## Test: values

- hidden
- points: 2

```calls
abs(-1) -> 1
abs("x") -> raises TypeError: bad operand
```
"""


def test_reads_everything() -> None:
    exercise = read("greet", WHOLE, {"picture.png": b"\x89"})
    assert (exercise.name, exercise.title) == ("greet", "Greeting")
    assert exercise.text.startswith("Ask for a name.")
    assert exercise.text.endswith("It greets Ada.")
    assert (exercise.policy.attempts_max, exercise.policy.counts) == (3, Counts.LAST)
    assert exercise.policy.penalty_percent == 5
    assert exercise.policy.late == Late(True, 10, 4)
    assert exercise.main == "greet.py"
    assert exercise.files == {"greet.py": 'print("hello")', "words.py": 'HELLO = "Hello"'}
    assert exercise.given == {"picture.png": b"\x89", "names.txt": b"Ada\n"}
    assert exercise.solution == {"greet.py": 'print("Hello,", input())\n'}
    assert [(hint.after_tries, hint.text) for hint in exercise.hints] == [(1, "First."), (5, "Use `input()`.")]
    program, first, second = exercise.tests
    assert program.task == ProgramTask("Ada\n", ("-x", "two words"), stdout="Hello, Ada\n")
    assert program.comparison == Comparison(ignores_case=True, ignores_space=True)
    assert (program.limits.cpu_seconds, program.limits.memory_bytes) == (2, 64 << 20)
    assert first.task == CallTask("abs(-1)", has_value=True, value=1)
    assert second.task == CallTask('abs("x")', exception="TypeError", message="bad operand")
    assert [test.title for test in exercise.tests] == ["Ada", "values (1)", "values (2)"]
    assert [test.hidden for test in exercise.tests] == [False, True, True]
    assert [test.points for test in exercise.tests] == [2.4, 4.8, 4.8]
    assert exercise.points == 12


def test_windows_line_ends_are_as_good() -> None:
    assert read("greet", WHOLE.replace("\n", "\r\n")) == read("greet", WHOLE)


def test_a_heading_in_a_block_begins_no_section() -> None:
    exercise = exercise_of("""
        ## Test: one

        ````output
        ## Test: two
        ```
        ````
    """)
    [test] = exercise.tests
    assert isinstance(test.task, ProgramTask)
    assert test.task.stdout == "## Test: two\n```\n"


FAULTS = {
    "no title": ("## Solution\n\n```\n1\n```\n\n## Test: a\n\n- exit: 1\n", 1, "title"),
    "no solution": ("# T\n\n## Test: a\n\n- exit: 1\n", 1, "solution"),
    "no test": ("# T\n\n## Solution\n\n```\n1\n```\n", 1, "no test"),
    "a setting of its own": ("---\ncolour: red\n---\n", 2, "'colour' is no setting"),
    "no number": ("---\npoints: many\n---\n", 2, "'many'"),
    "not counted so": ("---\ncounts: worst\n---\n", 2, "'worst'"),
    "a late rule": ("---\nlate: sometimes\n---\n", 2, "'sometimes'"),
    "an unknown section": ("## Tset: a\n", 1, "is no section"),
    "an unknown test setting": ("## Test: a\n\n- exit: 1\n- colour: red\n", 4, "'colour' is no setting"),
    "a stray line": ("## Test: a\n\n- exit: 1\n\npoints 3\n", 5, "only"),
    "an unknown block": ("## Test: a\n\n- exit: 1\n\n```stdout\n```\n", 5, "'stdout' is no block"),
    "a block twice": ("## Test: a\n\n```output\n```\n\n```output\n```\n", 6, "already"),
    "a block that never ends": ("## Test: a\n\n```output\nx\n", 3, "never ends"),
    "nothing expected": ("## Test: a\n\n```input\n1\n```\n", 1, "nothing is expected"),
    "no title of a test": ("## Test:\n\n- exit: 1\n", 1, "title"),
    "the same title": ("## Test: a\n\n- exit: 1\n\n## Test: a\n\n- exit: 1\n", 5, "already"),
    "no comparison": ("## Test: a\n\n- compare: nearly\n\n```output\n```\n", 3, "'nearly'"),
    "two comparisons": ("## Test: a\n\n- compare: exact, any order\n\n```output\n```\n", 3, "alone"),
    "no value": ("## Test: a\n\n```call\nf()\n```\n```value\nf(1)\n```\n", 7, "written as in Python"),
    "a call that is no Python": ("## Test: a\n\n```call\nx = 1\nf(\n```\n```value\n1\n```\n", 5, "no Python"),
    "a call without a value": ("## Test: a\n\n```call\nx = f()\n```\n```value\n1\n```\n", 4, "ends in an expression"),
    "no arrow": ("## Test: a\n\n```calls\nf(1) -> 1\nf(2)\n```\n", 5, "arrow"),
    "value and exception": (
        "## Test: a\n\n```call\nf()\n```\n```value\n1\n```\n```exception\nE\n```\n",
        3,
        "never both",
    ),
    "a file above": ("## Test: a\n\n- exit: 1\n\n```file ../x\n```\n", 5, "needs a name"),
    "a pattern": ("## Test: a\n\n- compare: pattern\n\n```output\n(\n```\n", 6, "regular expression"),
    "a checker without check": ("## Test: a\n\n```checker\nx = 1\n```\n", 3, "no function `check`"),
    "a checker that is no Python": ("## Test: a\n\n```checker\ndef check(\n```\n", 4, "no Python"),
    "a value that is none": ("## Test: a\n\n```call\nf()\n```\n```value\n[...]\n```\n", 7, "written as in Python"),
    "settings that never end": ("---\nattempts: 1\n# T\n", 1, "never end"),
    "settings that never end, lower": ("\n\n---\nattempts: 1\n# T\n", 3, "never end"),
    "settings below an empty line": ("\n---\ncolour: red\n---\n", 3, "'colour' is no setting"),
    "settings below a mark of the byte order": ("\ufeff---\ncolour: red\n---\n", 2, "'colour' is no setting"),
    "later than calendars go": ("---\nlate: 10 % a day, 9999999999 days\n---\n", 2, "from 0 to 3650"),
    "a hint after more tries than can be counted": (f"## Hint after {'9' * 5000} tries\n\nx\n", 1, "is no section"),
    "too long": ("## Test: a\n\n- time: 2 h\n- exit: 1\n", 3, "'2 h'"),
}
START = "# T\n\n## Solution\n\n```\n1\n```\n\n"


@pytest.mark.parametrize(("text", "line", "reason"), FAULTS.values(), ids=FAULTS)
def test_fault(text: str, line: int, reason: str) -> None:
    begins_in_the_middle = text.startswith("## ") and not text.startswith("## Solution")
    before = START if begins_in_the_middle else ""
    with pytest.raises(Faults) as raised:
        read("faulty", before + text)
    found = [fault for fault in raised.value.faults if reason in fault.reason]
    assert [fault.line for fault in found] == [line + before.count("\n")], raised.value.faults


def test_all_faults_are_told_at_once() -> None:
    text = textwrap.dedent("""\
        ---
        points: x
        ---
        # T
        ## Test: a
        - colour: red
        - exit: 1
    """)
    with pytest.raises(Faults) as raised:
        read("faulty", text)
    assert [fault.line for fault in raised.value.faults] == [2, 4, 6]
