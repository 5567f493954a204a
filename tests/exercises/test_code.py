"""What a program uses, by its syntax."""

from __future__ import annotations

import ast

import pytest

from exercises import rules
from exercises.exercise import Exercise
from exercises.judging import HIDING
from exercises.proving import prove
from guest import syntax
from guest.origins import Program
from guest.syntax import places_of
from tests.exercises.conftest import Mark, exercise_of, result_of

USES = {
    "for": "for x in y: pass",
    "while": "while x: pass",
    "loop": "while x: pass",
    "if": "x = 1 if y else 2",
    "else": "if x: pass\nelse: pass",
    "def": "def f(): pass",
    "class": "class A: pass",
    "lambda": "f = lambda: 1",
    "try": "try: pass\nexcept E: pass",
    "with": "with x: pass",
    "yield": "def f(): yield 1",
    "import": "from a import b",
    "import math": "import os, math",
    "import os.path": "from os.path import join",
    "import os": "import os.path as p",
    "import re": "re = __import__('re')",
    "sum()": "total = sum(x)",
    "max()": "f = max",
    "math.sqrt()": "import math\nmath.sqrt(2)",
    "math.sin()": "from math import sin",
    ".sort()": "x.sort()",
    "recursion": "def f(n): return f(n - 1)",
    "list comprehension": "x = [a for a in b]",
    "comprehension": "x = {a for a in b}",
    "f-string": "x = f'{y}'",
    "slice": "x = y[1:]",
    "//": "x = y // 2",
    "**": "x **= 2",
    "in": "x = y in z",
    "not": "x = not y",
    "and": "x = y and z",
    "total": "total = 3",
    "Account": "class Account: pass",
    "amount": "def f(amount): pass",
    "elif": "if x: pass\nelif y: pass",
    "except": "try: pass\nexcept E: pass",
    "finally": "try: pass\nfinally: pass",
    "async": "async def f(): pass",
    "await": "async def f(): await x",
    "pass": "pass",
    "from": "from a import b",
    "nonlocal": "def f():\n x = 1\n def g(): nonlocal x",
    "case": "match x:\n case 1: pass",
    "dict comprehension": "x = {a: 1 for a in b}",
    "set comprehension": "x = {a for a in b}",
    "generator expression": "x = sum(a for a in b)",
    "!=": "x = y != z",
    "<=": "x = y <= z",
    ">=": "x = y >= z",
    "is": "x = y is None",
    "is not": "x = y is not None",
    "not in": "x = y not in z",
    "&": "x = y & z",
    "|": "x |= y",
    "@": "x = y @ z",
    "~": "x = ~y",
    "<<": "x = y << 2",
    "+=": "x += 1",
    ":=": "print(x := 1)",
    "None": "x = None",
    "True": "while True: pass",
    "math.pi": "import math\nmath.pi",
}


def is_used(name: str, code: str, **others: str) -> bool:
    trees = {f"{file}.py": ast.parse(text) for file, text in {"main": code, **others}.items()}
    return bool(places_of(Program(trees, frozenset({"main", *others})), name))


@pytest.mark.parametrize(("name", "code"), USES.items())
def test_finds(name: str, code: str) -> None:
    assert is_used(name, code)


UNUSED = {
    "for": "x = 'for'  # for",
    "sum()": "summe = 1",
    "import math": "import mathematics",
    "while": "for x in y: pass",
    "recursion": "def f(): return g()\ndef g(): pass",
    "else": "if x: pass",
    ".sort()": "sorted(x)",
    "in": "for x in y: pass",
    "max()": "max = 3",
    "elif": "if x: pass\nelse:\n if y: pass",
    "finally": "try: pass\nexcept E: pass",
    "async": "def f(): return [x for x in y]",
    "is": "x = y is not z",
    "not": "x = y not in z",
    "True": "x = 1",
    "+=": "x = x + 1",
    "math.sqrt()": "import math, numpy as np\nnp.sqrt(math.pi)\nvector.sqrt()",
    "re.split()": "import re\nx = line.split()",
    "random.choice()": "import numpy as np\nnp.random.choice(x)",
    "import random": "import numpy as np\nnp.random.choice(x)",
}
MORE_UNUSED = [
    ("else", "if x: pass\nelif y: pass"),
    ("recursion", "def total(numbers):\n total = 0\n for n in numbers: total += n\n best = total\n return best"),
    ("recursion", "def f(): return g()\ndef g(): return h()\ndef h(): return 1"),
    ("recursion", "def digit(s): return [int(digit) for digit in s]"),
    ("recursion", "def digit(s): return sum(int(digit) for digit in s)"),
    ("recursion", "def digit(s): return sorted(s, key=lambda digit: -digit)"),
    ("recursion", "def error():\n try: pass\n except ValueError as error: print(error)"),
    ("recursion", "def v(x):\n match x:\n  case [v]: return v"),
    ("recursion", "def v(x):\n match x:\n  case [1, *v]: return v"),
    ("recursion", "def v(x):\n match x:\n  case {'a': 1, **v}: return v"),
    ("recursion", "class A:\n def clear(self): self.reset()\n def reset(self): self.items.clear()"),
    (
        "recursion",
        "class A:\n def add(self, x): self.items.append(x)\nclass B:\n def append(self, x): self.a.add(x)",
    ),
    ("recursion", "class B(A):\n def __init__(self): super().__init__()"),
    ("recursion", "import math\ndef sqrt(x): return math.sqrt(x)"),
    ("recursion", "import math as m\ndef sqrt(x): return m.sqrt(x)"),
    ("recursion", "from math import sqrt as root\ndef sqrt(x): return root(x)"),
    ("recursion", "import os.path\ndef join(a, b): return os.path.join(a, b)"),
    ("recursion", "def join(words): return ', '.join(words)"),
    ("getattr() of a computed name", "getattr(x, 'name', None)"),
    ("import of a file that was not handed in", "import os.path, math\nfrom __future__ import annotations"),
    ("sys.modules", "import sys\nsys.argv"),
    ("sum()", "class A:\n def f(self): return self.sum"),
]


@pytest.mark.parametrize(("name", "code"), UNUSED.items())
def test_does_not_find(name: str, code: str) -> None:
    assert not is_used(name, code)


@pytest.mark.parametrize(("name", "code"), MORE_UNUSED)
def test_does_not_find_either(name: str, code: str) -> None:
    assert not is_used(name, code)


EVASIONS = [
    ("math.sqrt()", "import math as m\nm.sqrt(2)"),
    ("math.sqrt()", "from math import *\nsqrt(2)"),
    ("math.sqrt()", "from math import sqrt as root\nroot(2)"),
    ("math.sqrt()", "import math\nm = math\nm.sqrt(2)"),
    ("math.sqrt()", "import math\na, b = math, 1\na.sqrt(2)"),
    ("math.sqrt()", "import math\n(m := math).sqrt(2)"),
    ("math.sqrt()", "import math\ndef f(x, m=math): return m.sqrt(x)"),
    ("math.sqrt()", "import math\ndef f(m): return m.sqrt(2)\nf(math)"),
    ("math.sqrt()", "import math\n[math][0].sqrt(2)"),
    ("math.sqrt()", "import math\ngetattr(math, 'sqrt')(2)"),
    ("math.sqrt()", "__import__('math').sqrt(2)"),
    ("math.sqrt()", "import math\nclass A: m = math\nA().m.sqrt(2)"),
    ("math.sqrt()", "class A: import math\nA().math.sqrt(2)"),
    ("math.sqrt()", "import math\nx.m = math\nx.m.sqrt(2)"),
    ("math.sqrt()", "import math\n(lambda m=math: m)().sqrt(2)"),
    ("math.sqrt()", "import math\nfor m in [math]: m.sqrt(2)"),
    ("math.sqrt()", "import math\n*m, n = math, 1\nm[0].sqrt(2)"),
    ("math.sqrt()", "import statistics\nstatistics.math.sqrt(2)"),
    (".sort()", "getattr(x, 'sort')()"),
    (".sort()", "match x:\n case list(sort=f): f()"),
    ("sum()", "import builtins as b\nb.sum(x)"),
    ("__builtins__", "globals()\n__builtins__['sum']"),
    ("globals()", "g = globals\ng()"),
    ("vars()", "vars(x)"),
    ("getattr() of a computed name", "getattr(x, 'so' + 'rt')"),
    ("getattr() of a computed name", "get = getattr\nget(x, 'sort')"),
    ("__dict__", "import math\nmath.__dict__['sqrt'](2)"),
    ("__self__", "print.__self__.sum(x)"),
    ("sys.modules", "import sys as s\ns.modules"),
    ("sys.modules", "from sys import modules"),
    ("sys.modules", "import os\nos.sys.modules"),
    (".f_builtins", "frame.f_builtins['sum']"),
    ("import importlib", "from importlib import import_module"),
    ("import of a file that was not handed in", "open('h.py', 'w').write('g = sum')\nfrom h import g"),
    ("import of a file that was not handed in", "from . import h"),
    ("import of a file that was not handed in", "import math, h"),
    ("import of a file that was not handed in", "__import__('h')"),
    ("recursion", "def f(n): return g(n - 1)\ndef g(n): return f(n - 1)"),
    ("recursion", "def f(n): return g(n)\ndef g(n): return h(n)\ndef h(n): return f(n)"),
    ("recursion", "def f(n):\n again = f\n return again(n - 1)"),
    ("recursion", "f = lambda n: n and f(n - 1)"),
    ("recursion", "def f(n): return list(map(f, n))"),
    ("recursion", "class A:\n def f(self): return self.g()\n def g(self): return self.f()"),
    ("recursion", "class A:\n def insert(self, x): self.left.insert(x)"),
    ("recursion", "def f(n): return [f(f) for f in f(n - 1)]"),
    ("recursion", "def f(n): return [f for f in n] or f(n - 1)"),
    ("recursion", "def f(n): return sum(f for f in n) or f(n - 1)"),
    ("recursion", "def f(n): return (lambda f=f: f)()(n - 1)"),
    ("recursion", "import math\nmath.f = 1\ndef f(n): return math.f(n - 1)"),
    ("recursion", "import math as self\nclass A:\n def f(self): return self.f()"),
    ("recursion", "import math as m\nm = A()\ndef f(n): return m.f()"),
    ("recursion", "import main as m\ndef f(n): return m.f(n - 1)"),
    ("recursion", "from math import sqrt\ndef sqrt(x): return sqrt(x)"),
]


@pytest.mark.parametrize(("name", "code"), EVASIONS)
def test_ways_around_a_rule_are_found(name: str, code: str) -> None:
    assert is_used(name, code)


def test_rules_hold_for_all_files_together() -> None:
    assert is_used("math.sqrt()", "from mine import m as n\nn.sqrt(2)", mine="import math\nm = math")
    assert is_used("math.sqrt()", "import mine\nmine.math.sqrt(2)", mine="import math")
    assert is_used(
        "recursion", "import mine\ndef f(n): return mine.g(n)", mine="import main\ndef g(n): return main.f(n)"
    )
    assert not is_used("import of a file that was not handed in", "import mine\nfrom mine import f", mine="")


def test_whatever_is_looked_for_may_be_named() -> None:
    for name in [*USES, *UNUSED, *HIDING]:
        rules.check(name)


def test_every_word_that_may_be_named_is_looked_for() -> None:
    words = {*syntax.WORDS, *syntax.KINDS, *syntax.OPERATORS, *syntax.CONSTANTS}
    assert words | {f"{operator}=" for operator in rules.OPERATORS} == rules.KNOWN


NOTHING = ["While", "List comprehension", "sort()", "append()", "a b", "<>", "sum(x)", "3", "math.", "as", "x.if"]


RULE = """\
# Numbers

## Code

```python
{code}
```

## Solution

```python
{solution}
```

## Test: rules

- {setting}: for, {name}
"""


def rule_of(name: str, setting: str = "must use", code: str = "", solution: str = "pass") -> Exercise:
    return exercise_of(RULE.format(setting=setting, name=name, code=code, solution=solution))


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("setting", ["must use", "must not use"])
async def test_what_no_program_could_use_is_told_before_it_is_published(setting: str, name: str) -> None:
    """At once, without a sandbox. One that is published already can be read."""
    [fault] = await prove(rule_of(name, setting), "/nowhere/socket")
    assert fault.line == 15
    assert fault.reason.startswith(f"{name!r} is nothing that a program can use")


OWN = [
    ("add()", "def add(a, b): return a + b"),
    ("index()", "class A:\n    x = 1\n\nfrom tools import index"),
    ("Match", "class Match: pass"),
]


@pytest.mark.parametrize(("name", "code"), OWN)
def test_what_an_exercise_has_itself_may_be_named(name: str, code: str) -> None:
    for exercise in (rule_of(name, code=code), rule_of(name, solution=code)):
        assert list(rules.faults(exercise)) == []


def test_files_beside_it_count_too() -> None:
    text = RULE.format(setting="must use", name="add()", code="", solution="pass")
    assert list(rules.faults(exercise_of(text, {"tools.py": b"def add(): pass", "photo.jpg": b"\xff\xd8"}))) == []


@pytest.mark.parametrize("code", ["numbers.add(1)", "def add_all(): pass", "def readd(): pass"])
def test_a_method_is_no_function_of_that_name(code: str) -> None:
    [fault] = rules.faults(rule_of("add()", solution=code))
    assert "do you mean `.add()`?" in fault.reason


RULES = "## Test: rules\n\n- must use: for\n- must not use: sum(), import math\n"


async def test_a_program_that_keeps_to_the_rules(marked: Mark) -> None:
    assert (await marked(RULES, "for x in y:\n    pass  # sum()")).passed


@pytest.mark.parametrize(
    ("code", "sentence", "where"),
    [
        ("x = 1", "Your program does not use `for`.", ""),
        ("for x in y:\n    print(sum(x))", "Your program uses `sum()`.", "main.py, line 2"),
        ("import math\nfor x in y: pass", "Your program uses `import math`.", "main.py, line 1"),
        (
            "for x in y: eval('su' + 'm')(x)",
            "Your program uses `eval()`, which could hide anything.",
            "main.py, line 1",
        ),
        (
            "for x in globals()['__builtins__']['sum'](y): pass",
            "Your program uses `globals()`, which could hide anything.",
            "main.py, line 1",
        ),
        ("for x in", "Your file is no Python: invalid syntax (main.py, line 1).", ""),
    ],
)
async def test_says_which_rule_is_broken(marked: Mark, code: str, sentence: str, where: str) -> None:
    result = await result_of(marked, RULES, code)
    assert result.feedback is not None
    assert (result.feedback.sentence, result.feedback.actual) == (sentence, where)


async def test_other_files_keep_to_them_too(marked: Mark) -> None:
    report = await marked(RULES, "import mine\nfor x in y: pass", **{"mine.py": "add = sum"})
    assert not report.passed


async def test_files_of_the_exercise_need_not(marked: Mark) -> None:
    text = f"## Files\n\n```file tools.py\nimport math\n```\n\n{RULES}"
    assert (await marked(text, "import tools\nfor x in y: pass")).passed


async def test_files_of_another_test_are_there(marked: Mark) -> None:
    other = "## Test: other\n\n```file numbers_there.py\nX = 1\n```\n```output\n```\n\n"
    assert (await marked(other + RULES, "import numbers_there\nfor x in (): pass")).results[1].passed


async def test_what_is_asked_for_hides_nothing(marked: Mark) -> None:
    text = "## Test: rules\n\n- must use: getattr() of a computed name, vars()\n- must not use: sum()\n"
    assert (await marked(text, "x = getattr(1, 're' + 'al'), vars(int)")).passed
    assert not (await marked(text, "x = getattr(1, 're' + 'al'), vars(int), locals()")).passed


async def test_a_file_that_a_program_writes_is_not_to_be_imported(marked: Mark) -> None:
    text = f"{RULES}\n## Test: adds\n\n```call\ntotal([1, 2])\n```\n```value\n3\n```\n"
    code = """
        open("h.py", "w").write("g = sum")
        from h import g
        def total(numbers):
            for number in numbers:
                return g(numbers)
    """
    rules, adds = (await marked(text, code)).results
    assert (rules.passed, adds.passed) == (False, True)
