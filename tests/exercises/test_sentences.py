"""What was said in English can be said in another language later, out of what is kept."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import exercises
from exercises.report import Feedback, Report, TestResult
from exercises.sentences import NOTHING, Sentence, in_words, sentence

GERMAN = {
    "%(it_printed)s nothing.": "%(it_printed)s nichts.",
    "Into %(name)s it wrote": "In %(name)s schrieb es",
    "Look at line %(line)s.": "Siehe Zeile %(line)s.",
}
SAID = sentence("%(it_printed)s nothing.", it_printed=sentence("Into %(name)s it wrote", name="50 %.txt")).then(
    sentence("Look at line %(line)s.", line=3)
)


def test_in_english() -> None:
    assert SAID == "Into 50 %.txt it wrote nothing. Look at line 3."
    assert not NOTHING
    assert SAID.then(NOTHING) == SAID
    assert sentence("100 % of it.") == "100 % of it."


def test_kept_and_said_in_another_language() -> None:
    kept = json.loads(json.dumps(SAID.to_message()))
    assert in_words(kept, lambda text: GERMAN[text]) == "In 50 %.txt schrieb es nichts. Siehe Zeile 3."


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda said: pickle.loads(pickle.dumps(said))])
def test_copies_stay_what_they_are(copied: Callable[[Sentence], Sentence]) -> None:
    assert copied(SAID).parts == SAID.parts


def test_a_report_there_and_back() -> None:
    report = Report((TestResult("one", False, False, 0.0, 1.0, Feedback(SAID, "given"), 0.1),), 0.0, 1.0)
    message = json.loads(json.dumps(report.to_message()))
    assert message["results"][0]["feedback"]["sentence"] == SAID
    assert Report.from_message(message) == report
    del message["results"][0]["feedback"]["parts"]  # of a report that an earlier version wrote
    assert Report.from_message(message) == report


def test_no_text_is_put_together_before_it_is_translated() -> None:
    found = []
    for path in Path(exercises.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                found += [] if isinstance(node.args[0], ast.Constant) else [f"{path.name}:{node.lineno}"]
    assert found == []
