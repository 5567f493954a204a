"""Courses that are tried in jails: what their code prints, and whether their exercises can be solved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.faults import SandboxError
from sandbox.limits import CGI
from tests.sandbox.installation import BEST, CannotIsolate, Installation
from tutorial.page import Fault
from tutorial.publishing import OWNER
from tutorial.trying import Progress, try_course

QUICK = replace(CGI, cpu_seconds=0.5, wall_seconds=3.0)
EXERCISE = """# Double

Write a function.

## Code

```python
def double(number):
    pass
```

## Solution

```python
def double(number):
    return {factor} * number
```

## Test: two

```call
double(2)
```

```value
4
```
"""


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    try:
        installation = Installation(BEST)
    except CannotIsolate as reason:
        pytest.skip(f"this machine cannot isolate: {reason}")
    yield installation
    installation.end()


async def faults_of(installation: Installation, text: str, **others: str) -> list[tuple[int, str]]:
    files = {"a.md": f"# T\n\n{text}".encode(), **{name: content.encode() for name, content in others.items()}}
    found: tuple[Fault, ...] = await try_course(files, "loops", str(installation.socket), owner=OWNER, limits=QUICK)
    return [(fault.line, fault.reason) for fault in found]


@pytest.mark.parametrize(
    "text",
    [
        "```python run\nprint(6 * 7)\n```\n\n```output\n42\n```",
        "```python\nprint(6 * 7)\n```\n\n```output\n42\n```",
        "```python run\nprint('Hi,', input('Who? '))\n```\n\n```input\nSam\n```\n\n```output\nWho? Sam\nHi, Sam\n```",
        "```python setup=s\nx = 3\n```\n\n```python run setup=s\nprint(x)\n```\n\n```output\n3\n```",
        "```text file=n.txt\nAda\n```\n\n```python run\nprint(open('n.txt').read())\n```\n\n```output\nAda\n```",
        "```python file=m.py\nx = 3\n```\n\n```python run\nimport m\nprint(m.x)\n```\n\n```output\n3\n```",
        "```python run\nprint('tried')\n```\n\n```input\n```",
        "```python run\nthis is not tried\n```",
        "```bash\nls\n```\n\n```output\na.py\n```",
    ],
)
async def test_nothing_is_wrong(installation: Installation, text: str) -> None:
    assert await faults_of(installation, text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```python run\nprint(41)\n```\n\n```output\n42\n```", "Line 1 of it is: 41"),
        ("```python run\nprint(1)\n```\n\n```output\n1\n2\n```", "This prints 1 lines"),
        ("```py\nprint(41)\n```\n\n```output\n42\n```", "Line 1 of it is: 41"),
        ("```python run\n1 / 0\n```\n\n```output\n42\n```", "ends with an error: ZeroDivisionError"),
        ("```python run\ninput()\n```\n\n```output\n42\n```", "ends with an error: EOFError"),
        ("```python run\nprint(int(input()))\n```\n\n```input\nx\n```", "ends with an error: ValueError"),
        ("```python run\nwhile True: pass\n```\n\n```output\n42\n```", "was stopped"),
        ("```python run\nwhile True: print('x' * 9999)\n```\n\n```output\n42\n```", "was stopped"),
        ("```python run\nimport os\nprint(os.listdir('/home'))\n```\n\n```output\n['lecturer']\n```", "something else"),
    ],
)
async def test_what_is_wrong(installation: Installation, text: str, words: str) -> None:
    [(line, reason)] = await faults_of(installation, text)
    assert line == 3
    assert words in reason


async def test_exercises(installation: Installation) -> None:
    assert await faults_of(installation, "", **{"exercises/double.md": EXERCISE.format(factor=2)}) == []
    [(line, reason)] = await faults_of(installation, "", **{"exercises/double.md": EXERCISE.format(factor=3)})
    assert line == EXERCISE[: EXERCISE.index("## Test")].count("\n") + 1
    assert "two" in reason
    found = await faults_of(installation, "", **{"exercises/double.md": "# No tests"})
    assert any("there is no test" in reason for _line, reason in found)


async def test_progress(installation: Installation) -> None:
    told: list[Progress] = []
    block = "```python run name={}\nprint(1)\n```\n\n```output\n1\n```\n\n"
    files = {"a.md": f"# T\n\n{''.join(block.format(name) for name in 'abcde')}".encode()}
    await try_course(files, "loops", str(installation.socket), owner=OWNER, told=told.append)
    assert [(one.done, one.total) for one in told] == [(count, 5) for count in range(6)]
    assert {one.what for one in told[1:]} == {f"T: {name}" for name in "abcde"}


async def test_no_sandbox_is_no_fault_of_the_course(tmp_path) -> None:
    files = {"a.md": b"# T\n\n```python\nprint(1)\n```\n\n```output\n2\n```"}
    with pytest.raises(SandboxError):
        await try_course(files, "loops", str(tmp_path / "none.sock"), owner=OWNER)
