"""Marking in real jails: programs and calls, what counts as the same, and what a student is told."""

from __future__ import annotations

import asyncio

import pytest

from exercises import marking
from exercises.exercise import Exercise, Test
from exercises.jails import Place
from exercises.marking import Files, mark
from exercises.report import Report, TestResult
from exercises.turns import Turns
from sandbox.faults import SandboxError
from sandbox.limits import MIB
from tests.exercises.conftest import Mark, exercise_of, result_of
from tests.sandbox.installation import Installation
from tests.sandbox.jail import until

GREET = """
    ## Test: greets

    ```input
    Ada
    ```
    ```output
    Hello, Ada
    ```
"""
DOUBLE = """
    ## Test: doubles

    ```call
    double(21)
    ```
    ```value
    42
    ```
"""


async def test_a_right_program_passes(marked: Mark) -> None:
    report = await marked(GREET, "print('Hello,', input())")
    assert report.passed
    assert (report.points, report.of_points) == (1, 1)


async def test_a_wrong_program_sees_the_difference(marked: Mark) -> None:
    result = await result_of(marked, GREET, "print('Hallo,', input())")
    assert not result.passed
    assert result.points == 0
    assert result.feedback is not None
    assert result.feedback.sentence == "It printed something else from line 1 on."
    assert result.feedback.diff == (("-", "Hello, Ada"), ("+", "Hallo, Ada"))
    assert "Ada" in result.feedback.given


async def test_a_right_function_passes(marked: Mark) -> None:
    assert (await marked(DOUBLE, "def double(x): return x * 2")).passed


SENTENCES = {
    "nothing returned": ("def double(x): x * 2", "It gave None. Is a `return` missing?"),
    "another value": ("def double(x): return x", "It gave another value."),
    "another kind": ("def double(x): return str(x * 2)", "It gave a text, and a whole number was expected."),
    "raises": ("def double(x): raise ValueError('no')", "It raised ValueError: no."),
    "not there": ("def triple(x): return x", "It raised NameError: name 'double' is not defined."),
    "no Python": ("def double(x:", "Your file could not be imported: SyntaxError"),
    "fails on import": ("1 / 0", "Your file could not be imported: ZeroDivisionError"),
    "too large": ("def double(x): return [0] * 100_000", "What it gave is too large to compare."),
    "never ends": ("def double(x):\n    while True: pass", "It was stopped after 1 s of computing."),
    "leaves": ("import os\ndef double(x): os._exit(0)", "It ended before the call gave a value."),
    "wants memory": ("def double(x): return len(bytearray(1 << 40))", "It raised MemoryError."),
    "prints too much": ("def double(x):\n    while True: print('x' * 10000)", "It was stopped because it printed"),
    "crashes": ("import os\ndef double(x): os.abort()", "It crashed: Aborted."),
}


@pytest.mark.parametrize(("code", "sentence"), SENTENCES.values(), ids=SENTENCES)
async def test_says_what_went_wrong(marked: Mark, code: str, sentence: str) -> None:
    result = await result_of(marked, DOUBLE, code)
    assert not result.passed
    assert result.feedback is not None
    assert result.feedback.sentence.startswith(sentence)


async def test_a_traceback_shows_no_line_of_ours(marked: Mark) -> None:
    result = await result_of(marked, DOUBLE, "def double(x):\n    return y")
    assert result.feedback is not None
    assert "main.py" in result.feedback.actual
    assert ".ivle" not in result.feedback.actual


async def test_hidden_tests_tell_their_title_only(marked: Mark) -> None:
    text = DOUBLE.replace("## Test: doubles", "## Test: secret\n\n    - hidden")
    result = await result_of(marked, text, "def double(x): return 3")
    assert (result.title, result.hidden, result.passed, result.feedback) == ("secret", True, False, None)


async def test_check_leaves_hidden_tests_out(marked: Mark) -> None:
    text = DOUBLE + DOUBLE.replace("## Test: doubles", "## Test: secret\n\n    - hidden")
    report = await marked(text, "def double(x): return x * 2", hidden=False)
    assert [result.title for result in report.results] == ["doubles"]
    assert (report.points, report.of_points) == (1, 1)


async def test_files_arguments_and_what_is_written(marked: Mark) -> None:
    text = """
        ## Test: copies

        - arguments: in.txt "out put.txt"

        ```file in.txt
        one
        ```
        ```written folder/copy.txt
        ONE
        ```
        ```output
        out put.txt
        ```
    """
    code = """
        import os, sys
        os.mkdir("folder")
        open("folder/copy.txt", "w").write(open(sys.argv[1]).read().upper())
        print(sys.argv[2])
        {}
    """
    assert (await marked(text, code.format(""))).passed
    assert (await marked(text, code.format("sys.stdout.flush(); os._exit(0)"))).passed
    result = await result_of(marked, text, "print('out put.txt')")
    assert result.feedback is not None
    assert result.feedback.sentence == "It did not write the file folder/copy.txt."


async def test_exit_status(marked: Mark) -> None:
    text = "## Test: leaves\n\n- exit: 3\n"
    assert (await marked(text, "raise SystemExit(3)")).passed
    assert not (await marked(text, "pass")).passed
    assert (await marked(text.replace("3", "any"), "raise SystemExit(7)")).passed


async def test_errors_go_their_own_way(marked: Mark) -> None:
    text = "## Test: complains\n\n```errors\noh\n```\n"
    assert (await marked(text, "import sys\nprint('oh', file=sys.stderr)")).passed
    assert not (await marked(text, "print('oh')")).passed


async def test_what_is_printed_on_import_does_not_count(marked: Mark) -> None:
    text = "## Test: says\n\n```call\nsay()\n```\n```output\nhello\n```\n"
    assert (await marked(text, "print('testing')\ndef say(): print('hello')")).passed


async def test_the_main_part_does_not_run_on_import(marked: Mark) -> None:
    code = "def double(x): return x * 2\nif __name__ == '__main__':\n    double(input())"
    assert (await marked(DOUBLE, code)).passed


async def test_other_files_can_be_imported(marked: Mark) -> None:
    code = "from numbers_of_mine import TWO\ndef double(x): return x * TWO"
    assert (await marked(DOUBLE, code, **{"numbers_of_mine.py": "TWO = 2"})).passed


async def test_limits_of_a_test(marked: Mark) -> None:
    busy = "import time\ndef double(x):\n    while time.process_time() < 1.2: pass\n    return 42"
    assert not (await marked(DOUBLE, busy)).passed
    assert (await marked(DOUBLE.replace("## Test: doubles", "## Test: doubles\n\n    - time: 3 s"), busy)).passed


async def test_memory_of_a_test(marked: Mark) -> None:
    large = "def double(x):\n    large = bytearray(100 << 20)\n    return 42"
    assert (await marked(DOUBLE, large)).passed
    assert not (
        await marked(DOUBLE.replace("## Test: doubles", "## Test: doubles\n\n    - memory: 50 MB"), large)
    ).passed


async def test_names_with_spaces(marked: Mark) -> None:
    text = "## Test: reads\n\n```file my data.txt\nhello\n```\n```output\nhello\n```\n"
    assert (await marked(text, "print(open('my data.txt').read())")).passed


async def test_results_are_told_as_they_come(installation: Installation) -> None:
    heard: list[TestResult] = []
    exercise = exercise_of(DOUBLE + DOUBLE.replace("doubles", "again"))
    code = {"main.py": "def double(x): return 42"}
    report = await mark(exercise, code, str(installation.socket), hidden=True, told=heard.append)
    assert sorted(result.title for result in heard) == ["again", "doubles"]
    assert [result.title for result in report.results] == ["doubles", "again"]


async def test_when_hidden_tests_end_is_not_told(installation: Installation) -> None:
    """Nor may they hold up what is told."""
    hidden = DOUBLE.replace("## Test: doubles", "## Test: secret\n\n    - hidden")
    heard: list[str] = []
    exercise = exercise_of(hidden + DOUBLE)
    code = {"main.py": "def double(x): return 42"}
    report = await mark(
        exercise, code, str(installation.socket), hidden=True, told=lambda result: heard.append(result.title)
    )
    assert heard == ["doubles"]
    assert [result.title for result in report.results] == ["secret", "doubles"]


async def test_tests_that_are_shown_come_first(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    plain = marking.mark_test

    async def begin(exercise: Exercise, test: Test, files: Files, place: Place) -> TestResult:
        begun.append(test.title)
        return await plain(exercise, test, files, place)

    monkeypatch.setattr(marking, "mark_test", begin)
    hidden = DOUBLE.replace("## Test: doubles", "## Test: secret\n\n    - hidden")
    await mark(exercise_of(hidden + DOUBLE), {"main.py": ""}, str(installation.socket), hidden=True)
    assert begun == ["doubles", "secret"]


@pytest.mark.parametrize(("memory_mib", "at_once"), [(100, 3), (1024, 2), (1500, 1), (2048, 1)])
async def test_tests_at_once_fit_into_the_budget(memory_mib: int, at_once: int) -> None:
    turns, inside, most = Turns(2048 * MIB), 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with turns.one(memory_mib * MIB):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with asyncio.timeout(5):
        await asyncio.gather(*(one() for _ in range(9)))
    assert most == at_once


async def test_a_turn_that_is_given_up_is_free_for_others() -> None:
    turns = Turns(2048 * MIB)
    async with turns.one(2048 * MIB):
        waiting = asyncio.ensure_future(turns.one(2048 * MIB).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
    async with asyncio.timeout(5), turns.one(2048 * MIB):
        pass


async def test_more_memory_than_its_owner_may_have_is_a_failed_test(installation: Installation) -> None:
    exercise = exercise_of(DOUBLE.replace("## Test: doubles", "## Test: doubles\n\n    - memory: 1024 MB"))
    code = {"main.py": "def double(x):\n    large = bytearray(200 << 20)\n    return 42"}
    report = await mark(exercise, code, str(installation.socket), hidden=True, budget_bytes=100 * MIB)
    [result] = report.results
    assert result.feedback is not None
    assert "100 MB" in result.feedback.sentence or "MemoryError" in result.feedback.sentence


async def test_a_report_survives_being_kept(marked: Mark) -> None:
    report = await marked(DOUBLE + GREET, "def double(x): return 1")
    assert Report.from_message(report.to_message()) == report


async def test_no_sandbox_is_our_fault(installation: Installation) -> None:
    with pytest.raises(SandboxError):
        await mark(exercise_of(DOUBLE), {"main.py": ""}, "/nowhere/socket", hidden=True)


async def test_marking_that_is_given_up_leaves_no_jail(installation: Installation) -> None:
    exercise = exercise_of("## Test: waits\n\n```output\n```\n")
    begun = asyncio.ensure_future(
        mark(exercise, {"main.py": "import time\ntime.sleep(9)"}, str(installation.socket), hidden=True)
    )
    await asyncio.to_thread(until, lambda: installation.status()["running"], "running")
    begun.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begun
    await asyncio.to_thread(until, lambda: not installation.status()["running"], "over")
