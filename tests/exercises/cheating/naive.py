"""A grader as most are: tests and submission in one process, expected values at hand, results printed. Test code takes
it for guest/attempt.py, to see that a trick is one."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

from guest import script
from guest.channel import Channel


def run(argv: list[str]) -> int:
    work = Channel().hear()
    assert work is not None
    script.renew_streams()
    sys.modules["pickle"] = pickle
    tests = work["tests"]
    Path("tests.json").write_text(json.dumps(tests))
    Path("main.py").write_text(work["source"])
    os.environ["TESTS"] = json.dumps(tests)
    sys.path.insert(0, str(Path.cwd()))
    import main  # type: ignore[import-not-found]

    results: dict[str, Any] = {}
    for test in tests:
        actual = eval(test["code"], vars(main))
        results[test["title"]] = bool(verdict(pickle.loads(pickle.dumps(actual)), test["expected"]))
    with open("result.json", "w") as file:  # noqa: PTH123 - a name of builtins, as in most programs
        file.write(json.dumps(results))
    with open("result.json") as file:  # noqa: PTH123
        for title, passed in json.load(file).items():
            print("PASS" if passed else "FAIL", title)
    sys.stdout.flush()
    atexit._run_exitfuncs()
    return 0


def verdict(actual: object, expected: object) -> bool:
    from operator import eq

    return bool(eq(actual, expected))
