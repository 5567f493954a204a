"""Attacks on what is particular to this grader: its channel, its jails, whoever reads what comes out of them."""

from __future__ import annotations

import json
import textwrap
import time
from dataclasses import replace
from typing import Any

import pytest

from exercises import jails, values
from exercises.marking import mark
from exercises.report import REPORT_MAX_CHARACTERS
from sandbox.job import Job
from sandbox.limits import CGI, Limits
from tests.exercises.conftest import Mark, exercise_of, result_of
from tests.sandbox.installation import Installation
from tests.sandbox.jail import until

CALL = "## Test: {0}\n\n```call\nanswer()\n```\n```value\n{1}\n```\n\n"
SHORT = replace(CGI, cpu_seconds=0.1)
WAITED_FOR = replace(CGI, cpu_seconds=0.6, wall_seconds=4.0)  # so long that a busy machine is not taken for the cause
TEST = CALL.format("one", "'zebra-4711'")
FORGE = """
    import json, os, socket
    def forge(packet, length=None):
        for number in range(64):
            try:
                channel = socket.socket(fileno=os.dup(number))
                channel.sendall((len(packet) if length is None else length).to_bytes(4, "big") + packet)
            except OSError:
                pass
        os._exit(0)
    def answer():
        forge({})
"""
FORGED = {
    "no JSON": "b'zebra-4711'",
    "no object": "b'[1, 2]'",
    "no value": """b'{"value": 5}'""",
    "a value of no kind": """b'{"value": ["zebra", 1]}'""",
    "a number that is none": """b'{"value": ["int", "zebra"]}'""",
    "a nested one": """b'{"value": ' + b'["list", [' * 50000 + b']]' * 50000 + b'}'""",
    "a dictionary without pairs": """b'{"value": ["dict", [1, 2]]}'""",
    "a verdict": """b'{"passed": true, "points": 100}'""",
    "an exception of no kind": """b'{"raised": {"kinds": [], "message": 1}}'""",
    "a file of no kind": """b'{"files": 5}'""",
    "half of one": """b'{"value"', 1000""",
    "a very long one": """b'x' * 100, 0xffffffff""",
    "more than is heard": """b'x' * 20_000_000""",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_a_forged_message_is_a_wrong_answer(marked: Mark, forged: str) -> None:
    result = await result_of(marked, TEST, FORGE.replace("forge({})", f"forge({forged})"))
    assert not result.passed


async def test_whoever_knows_the_answer_may_forge_it(marked: Mark) -> None:
    """The other tests of forging would tell nothing if the forged message did not arrive."""
    forged = """b'{"value": ["str", "zebra-4711"]}'"""
    assert (await result_of(marked, TEST, FORGE.replace("forge({})", f"forge({forged})"))).passed


async def test_what_is_not_checked_for_its_shape_breaks_the_marking(
    marked: Mark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "is_tree", lambda tree: True)
    with pytest.raises((ValueError, TypeError, KeyError, IndexError)):
        await marked(TEST.replace("'zebra-4711'", "5"), FORGE.replace("{}", """b'{"value": ["int", "zebra"]}'"""))


ONCE = FORGE.replace("+ packet)", "+ packet); os._exit(0)")  # more than once would be too much
LONG = {
    "that could not be imported": """b'{"import": {"kinds": ["E"], "message": "%s", "traceback": "%s"}}' % (x, x)""",
    "that was raised": """b'{"raised": {"kinds": ["%s"], "message": "%s", "traceback": ""}}' % (x, x)""",
    "of kinds": """b'{"raised": {"kinds": ["%s"], "message": "", "traceback": ""}}' % b'","'.join([b"x"] * 9**5)""",
    "that has a value": """b'{"value": ["other", "%s", "%s"]}' % (x, x)""",
}
WANTED = {"a value": "```value\n5\n```", "an exception": "```exception\nValueError: no\n```"}


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
@pytest.mark.parametrize("forged", LONG.values(), ids=LONG)
async def test_a_long_forged_message_is_not_kept(marked: Mark, forged: str, wanted: str) -> None:
    text = f"## Test: one\n\n```call\nanswer()\n```\n{wanted}\n"
    code = ONCE.replace("forge({})", f"x = b'x' * 1_500_000\n        forge({forged})")
    result = await result_of(marked, text, code)
    assert not result.passed
    assert result.feedback is not None
    assert "printed too much" not in result.feedback.sentence
    assert len(json.dumps(result.to_message())) < 40_000


async def test_a_report_of_many_tests_is_bounded(marked: Mark) -> None:
    long = "x" * 5_000
    text = "".join(
        f"## Test: test {number}\n\n```input\n{long}\n```\n```output\n{long}\n```\n\n" for number in range(60)
    )
    report = await marked(text, "print('y' * 5_000)")
    assert not any(result.passed for result in report.results)
    assert len(json.dumps(report.to_message())) < 1.5 * REPORT_MAX_CHARACTERS
    assert all(result.feedback and result.feedback.sentence for result in report.results)


DEEP = "def answer():\n    value = 1\n    for _ in range(45): value = (value,)\n    return {}"


@pytest.mark.parametrize("value", ["{value: 1}", "{value}", "[value, value]"])
async def test_putting_a_deep_value_in_order_keeps_nobody_busy(marked: Mark, value: str) -> None:
    expected = {"{value: 1}": "{'x': 1}", "{value}": "{1}", "[value, value]": "[1, 2]"}[value]
    began = time.monotonic()
    test = CALL.format("one\n\n- compare: any order", expected)
    assert not (await result_of(marked, test, DEEP.replace("{}", value))).passed
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("status", ["\\xb2\\xb2\\xb2", "\\xb9\\xb2\\xb3 x", "20\\xb2"])
async def test_digits_that_are_no_number_are_no_status(marked: Mark, status: str) -> None:
    text = "## Test: page\n\n```request\nGET /\n```\n```response\n404\n```\n"
    code = f"import sys\nsys.stdout.buffer.write(b'Content-Type: text/html\\nStatus: {status}\\n\\nx')"
    result = await result_of(marked, text, code)
    assert result.feedback is not None
    assert result.feedback.sentence.startswith("The status was 200")


REPRS = {
    "huge": "return 'x' * 100_000_000",
    "without end": "return repr(self)",
    "that raises": "raise ValueError",
    "that leaves": "raise SystemExit",
    "that is no text": "return 5",
    "that lies": "return repr('zebra-4711')",
    "half a pair": "return '\\ud800'",
    "that prints": "print('zebra-4711'); return ''",
}


@pytest.mark.parametrize("body", REPRS.values(), ids=REPRS)
async def test_reprs(marked: Mark, body: str) -> None:
    code = f"class Thing:\n    def __repr__(self):\n        {body}\ndef answer(): return Thing()"
    result = await result_of(marked, TEST, code)
    assert not result.passed
    assert result.feedback is not None
    assert len(str(result.to_message())) < 20_000


VALUES = {
    "holds itself": "x = []\n    x.append(x)\n    return x",
    "is wide": "return [[0] * 1000] * 1000",
    "is deep": "x = 1\n    for _ in range(100000): x = [x]\n    return x",
    "is a large number": "return 1 << 100_000_000",
    "is a long text": "return 'x' * 100_000_000",
    "is half a pair": "return '\\ud800'",
    "is a generator": "return (x for x in 'zebra-4711')",
    "is a module": "import os; return os",
    "is a class that lies": "return type('str', (), {'__repr__': lambda self: repr('zebra-4711')})()",
    "has a metaclass that lies": (
        "class Meta(type):\n        mro = lambda cls: [cls, object]\n        __name__ = property(lambda cls: 'str')\n"
        "        __instancecheck__ = __subclasscheck__ = lambda *_: True\n"
        "    class A(metaclass=Meta): pass\n    return A()"
    ),
}


@pytest.mark.parametrize("body", VALUES.values(), ids=VALUES)
async def test_values(marked: Mark, body: str) -> None:
    result = await result_of(marked, TEST, f"def answer():\n    {body}")
    assert not result.passed
    assert len(str(result.to_message())) < 20_000


async def test_subclasses_are_worth_what_they_hold(marked: Mark) -> None:
    text = "".join(CALL.format(n, value) for n, value in enumerate(["5", "'a'", "[1]", "{'a': 1}", "2.5"]))
    text = text.replace("answer()", "answer({})")
    for number in range(5):
        text = text.replace("answer({})", f"answer({number})", 1)
    code = """
        import collections, enum
        class Five(enum.IntEnum):
            FIVE = 5
        class Text(str): pass
        class Items(list):
            __iter__ = lambda self: iter([2])
            __len__ = lambda self: 9
        class Real(float): pass
        def answer(n):
            return [Five.FIVE, Text("a"), Items([1]), collections.Counter("a"), Real(2.5)][n]
    """
    report = await marked(text, code)
    assert report.passed, report


SEARCH = """
    import re
    def found(pattern):
        wanted = re.compile(pattern)  # in which a letter is in brackets: it shall not find itself
        for row in open("/proc/self/maps"):
            span, rights = row.split()[:2]
            if rights.startswith("rw") and "[v" not in row:
                low, high = (int(end, 16) for end in span.split("-"))
                with open("/proc/self/mem", "rb", 0) as memory:
                    memory.seek(low)
                    if wanted.search(memory.read(high - low) or b""):
                        return True
        return False
"""
SEARCHES = """
    ## Test: of the call

    ```call
    [found(b"[k]nown-8152"), "known-8152"][0]
    ```
    ```value
    True
    ```

    ## Test: expected

    ```call
    [found(b"[z]ebra-4711"), found(b"[o]ther-6093"), found(b"[p]attern-3355")]
    ```
    ```value
    [False, False, False]
    ```
    ```output
    zebra-4711
    ```

    ## Test: other

    - hidden
    - compare: pattern

    ```call
    "other-6093"
    ```
    ```output
    pattern-3355
    ```
"""


async def test_what_is_expected_is_not_in_the_jail(marked: Mark) -> None:
    """A text of the call is found in memory; one that is expected is not, nor one of another test."""
    of_call, expected, _ = (await marked(SEARCHES, SEARCH)).results
    assert of_call.passed, of_call
    assert expected.feedback is not None
    assert expected.feedback.sentence == "It printed nothing.", expected


async def test_what_a_jail_is_told_is_found_there(marked: Mark, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would notice if what is expected were sent along."""
    plain = jails.run

    async def run(place: jails.Place, entry: str, kind: str, work: dict[str, Any], limits: Limits) -> jails.Ran:
        return await plain(place, entry, kind, {**work, "expected": "zebra-4711"}, limits)

    monkeypatch.setattr(jails, "run", run)
    _, expected, _ = (await marked(SEARCHES, SEARCH)).results
    assert expected.feedback is not None
    assert expected.feedback.actual == "[True, False, False]"


LEAVE = """
    import os, time
    def answer():
        folders = (os.path.expanduser("~"), "/tmp", "/dev/shm", "/home", "/run")
        paths = [os.path.join(folder, "left") for folder in folders]
        for path in paths:
            if os.path.exists(path):
                return open(path).read()
        for path in paths:
            try:
                open(path, "w").write("zebra-4711")
            except OSError:
                pass
"""
TWICE = TEST + TEST.replace("one", "two") + TEST.replace("one", "three") + TEST.replace("one", "four")


async def test_nothing_is_left_for_the_next_test(marked: Mark) -> None:
    report = await marked(TWICE, LEAVE)
    assert not any(result.passed for result in report.results)


async def test_with_a_home_something_is_left_for_the_next_test(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a real home would do: the test above is one."""
    owner, _ = installation.add_home()

    def with_home(*words: Any, **options: Any) -> Job:
        return Job(owner, words[1], f"/home/{owner}", words[3], entry=options["entry"])

    monkeypatch.setattr(jails, "Job", with_home)
    report = await mark(exercise_of(TWICE), {"main.py": textwrap.dedent(LEAVE)}, str(installation.socket), hidden=True)
    assert any(result.passed for result in report.results)


async def test_nobody_lives_on_when_a_test_is_over(marked: Mark, installation: Installation) -> None:
    code = """
        import os, signal, time
        def answer():
            for _ in range(5):
                if not os.fork():
                    os.setsid()
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    time.sleep(600)
    """
    until(lambda: installation.status()["spares"] == 8, "quiet")
    before = len(installation.processes())
    assert not (await result_of(marked, TEST, code)).passed
    until(lambda: len(installation.processes()) == before, "as before")


ENDLESS = {
    "standard output": "while True: os.write(1, b'x' * 65536)",
    "standard error": "while True: os.write(2, b'x' * 65536)",
    "the channel": "while True: [write(n) for n in range(3, 64)]",
    "all from children": "[os.fork() for _ in range(4)]\n    while True: os.write(1, b'x' * 65536)",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
async def test_output_without_end_is_stopped(marked: Mark, body: str) -> None:
    code = (
        "import os\ndef write(n):\n    try: os.write(n, b'x' * 65536)\n    except OSError: pass\n"
        f"def answer():\n    {body}"
    )
    began = time.monotonic()
    result = await result_of(marked, TEST, code)
    assert not result.passed
    assert time.monotonic() - began < 8
    assert len(str(result.to_message())) < 40_000


async def test_sleeping_is_stopped(marked: Mark) -> None:
    result = await result_of(marked, TEST, "import time\ndef answer():\n    time.sleep(60)", WAITED_FOR)
    assert result.feedback is not None
    assert result.feedback.sentence.startswith("It was stopped after 4 s. Does it wait")


async def test_the_clock_cannot_be_put_back(marked: Mark) -> None:
    code = """
        import time
        for name in ("CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_PROCESS_CPUTIME_ID"):
            try:
                time.clock_settime(getattr(time, name), 0)
            except OSError:
                pass
        time.time = time.monotonic = time.process_time = lambda: 0
        def answer():
            while True: pass
    """
    result = await result_of(marked, TEST, code, replace(SHORT, wall_seconds=9))
    assert result.feedback is not None
    assert result.feedback.sentence.startswith("It was stopped after 0.1 s of computing.")


WRITTEN = "## Test: file\n\n```written out.txt\nzebra-4711\n```\n"
PLACES = {
    "a device without end": "os.symlink('/dev/zero', 'out.txt')",
    "a pipe nobody writes to": "os.mkfifo('out.txt')",
    "a folder": "os.mkdir('out.txt')",
    "a link to nothing": "os.symlink('nothing', 'out.txt')",
    "a link to itself": "os.symlink('out.txt', 'out.txt')",
    "its memory": "os.symlink('/proc/self/mem', 'out.txt')",
    "its environment": "os.symlink('/proc/self/environ', 'out.txt')",
    "a large one": "open('out.txt', 'wb').truncate(10_000_000)",
}


@pytest.mark.parametrize("code", PLACES.values(), ids=PLACES)
async def test_what_stands_in_place_of_a_file(marked: Mark, code: str) -> None:
    result = await result_of(marked, WRITTEN, f"import os\n{code}")
    assert not result.passed
    assert len(str(result.to_message())) < 40_000


async def test_the_one_who_collects_files_is_not_to_be_had(marked: Mark) -> None:
    for code in ("os.kill(os.getppid(), 9)", "os.kill(os.getppid(), 19)\nos._exit(0)"):
        assert not (await result_of(marked, WRITTEN, f"import os\n{code}", WAITED_FOR)).passed


LIKE = {
    "another alphabet": "zebrа-4711",
    "a space of no width": "zebra\u200b-4711",
    "another hyphen": "zebra\u20114711",
    "full width": "ｚebra-4711",
    "backwards": "\u202ezebra-4711",
    "a control": "zebra-4711\\x00",
    "an escape": "\\x1b[2Kzebra-4711",
    "what was typed before": "no\\rzebra-4711",
}


@pytest.mark.parametrize("text", LIKE.values(), ids=LIKE)
@pytest.mark.parametrize("how", ["", "- compare: ignore spaces, ignore case\n\n", "- compare: pattern\n\n"])
async def test_texts_that_look_alike(marked: Mark, text: str, how: str) -> None:
    test = f"## Test: a\n\n{how}```output\nzebra-4711\n```\n"
    assert (await marked(test, "print('zebra-4711')")).passed
    assert not (await marked(test, f"print('{text}')")).passed


async def test_names_that_look_alike_are_the_same_to_python(marked: Mark) -> None:
    text = "## Test: rule\n\n- must not use: sum()\n"
    assert not (await marked(text, "print(ｓum([1]))")).passed
    assert not (await marked(text, "print(\U0001d42c\U0001d42e\U0001d426([1]))")).passed


RULE = "## Test: rule\n\n- must not use: sum(), math.sqrt(), recursion\n"
AROUND = {
    "by the globals": "getattr(globals()['__built' + 'ins__'], 's' + 'um')([1])",
    "by the modules": "import sys\nvars(sys.modules['builtins'])['sum']([1])",
    "by a file it writes": "open('h.py', 'w').write('g = sum')\nfrom h import g\ng([1])",
    "by another name of the module": "import math as m\nm.sqrt(2)",
    "by everything of it": "from math import *\nsqrt(2)",
    "by getattr": "import math\ngetattr(math, 'sqrt')(2)",
    "by a computed name": "import math\ngetattr(math, 'sq' + 'rt')(2)",
    "by the module of a function": "print.__self__.sum([1])",
    "by two functions": "def f(n): return n and g(n - 1)\ndef g(n): return f(n)\nf(3)",
}


@pytest.mark.parametrize("code", AROUND.values(), ids=AROUND)
async def test_ways_around_a_rule(marked: Mark, code: str) -> None:
    """They do work: what they come to is right, and the rule is broken."""
    rule, runs = (await marked(f"{RULE}\n## Test: runs\n\n- exit: 0\n", code)).results
    assert (rule.passed, runs.passed) == (False, True)


LONG_TO_FOLLOW = {
    "names of names": "'a = b.x\\nb = a.y\\n' * 20_000",
    "functions that name each other": (
        "'\\n'.join('def f%d(): ' % n + '; '.join('f%d()' % m for m in range(150)) for n in range(150))"
    ),
}


@pytest.mark.parametrize("source", LONG_TO_FOLLOW.values(), ids=LONG_TO_FOLLOW)
async def test_a_program_that_is_long_to_follow_fails_in_time(marked: Mark, source: str) -> None:
    began = time.monotonic()
    await result_of(marked, RULE, eval(source))
    assert time.monotonic() - began < 8


HARD_TO_PARSE = {
    "deep": "'(' * 100_000",
    "wide": "'1 + ' * 100_000 + '1'",
    "minus": "'-' * 200_000 + '1'",
    "not": "'not ' * 100_000 + '1'",
    "no text": "'\\x00'",
    "bytes that are no text": "'x = 1  # \\udcff'",
    "half a pair": "'x = 1  # \\ud800'",
}


@pytest.mark.parametrize("source", HARD_TO_PARSE.values(), ids=HARD_TO_PARSE)
async def test_a_text_that_breaks_a_parser_fails(marked: Mark, source: str) -> None:
    result = await result_of(marked, "## Test: rule\n\n- must use: while\n", eval(source))
    assert not result.passed


HARD_TO_READ = {
    "deep": "'<div>' * 100_000",
    "wide": "'<p a=b>' * 100_000",
    "attributes": "'<p ' + 'a ' * 100_000 + '>'",
    "never closed": "'<' * 200_000",
    "comment": "'<!--' * 50_000",
    "no text": "'\\x00\\xff' * 1000",
}


@pytest.mark.parametrize("page", HARD_TO_READ.values(), ids=HARD_TO_READ)
async def test_a_page_that_is_hard_to_read_fails(marked: Mark, page: str) -> None:
    text = "## Test: page\n\n```request\nGET /\n```\n```response\nhas: h1 => Welcome\ntext: Welcome\n```\n"
    result = await result_of(marked, text, f"print('Content-Type: text/html\\n\\n' + {page})")
    assert not result.passed


async def test_a_page_cannot_forge_the_next_step(marked: Mark) -> None:
    code = """
        import json, os, socket
        forged = json.dumps({"exit": 0, "output": "zebra", "errors": ""}).encode()
        for number in range(3, 64):
            try:
                socket.socket(fileno=os.dup(number)).sendall(len(forged).to_bytes(4, "big") + forged)
            except OSError:
                pass
        print("nothing")
    """
    steps = "```request\nGET /\n```\n```response\ntext: zebra-4711\n```\n"
    assert not (await marked(f"## Test: page\n\n{steps}{steps}", code)).passed


async def test_a_checker_is_out_of_reach(marked: Mark) -> None:
    text = """
        ## Test: checked

        ```call
        answer()
        ```
        ```checker
        def check(ran):
            return ran.value == "zebra-4711"
        ```
    """
    values = [
        "type('Yes', (), {'__eq__': lambda *_: True, '__hash__': None})()",
        "type('Yes', (str,), {'__eq__': lambda *_: True, '__hash__': None})('')",
        "{1: ['x']}",
    ]
    forged = """b'{"value": ["dict", [[["list", []], ["none"]]]]}'"""
    codes = [f"def answer(): return {value}" for value in values] + [FORGE.replace("forge({})", f"forge({forged})")]
    for code in codes:
        assert not (await marked(text, code)).passed
    assert (await marked(text, "def answer(): return 'zebra-4711'")).passed


async def test_files_of_the_exercise_are_not_to_be_replaced(marked: Mark) -> None:
    text = "## Files\n\n```file data.py\nVALUE = 1\n```\n\n" + CALL.format("one", "2").replace(
        "answer()", "__import__('data').VALUE"
    )
    assert not (await marked(text, "", **{"data.py": "VALUE = 2"})).passed


async def test_a_submission_has_no_files_elsewhere(installation: Installation) -> None:
    exercise = exercise_of(CALL.format("one", "[]"))
    names = ["/tmp/x", "../x", "a/../../x", ".x", "a/.x", "x\0y", ""]
    code = "import os\ndef answer():\n    return [name for name in os.listdir('/tmp') + os.listdir() if 'x' in name]"
    submission = {"main.py": code, **dict.fromkeys(names, "here")}
    report = await mark(exercise, submission, str(installation.socket), hidden=True)
    assert report.passed, report


REACH = {
    "the supervisor": "import socket, glob\ndef answer(): return glob.glob('/run/**/*.sock', recursive=True)",
    "other homes": "import os\ndef answer(): return [n for n in os.listdir('/home') if n != 'student']",
    "code of the harness": "import glob\ndef answer(): return glob.glob('/.ivle/*/*')",
}


@pytest.mark.parametrize("code", REACH.values(), ids=REACH)
async def test_there_is_nothing_to_reach(marked: Mark, code: str) -> None:
    result = await result_of(marked, CALL.format("one", "[]"), code)
    assert result.passed, result
