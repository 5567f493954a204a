"""A report is kept in English, and said in the language of whoever reads it."""

from __future__ import annotations

from exercises.report import Feedback, Report, TestResult
from exercises.sentences import sentence
from marks import showing


def test_a_report_in_another_language(monkeypatch) -> None:
    monkeypatch.setattr(showing, "gettext", {"It crashed: %(signal)s.": "Es stürzte ab: %(signal)s."}.__getitem__)
    feedback = Feedback(sentence("It crashed: %(signal)s.", signal="SIGSEGV"))
    plain = Feedback("What a lecturer's checker said.")
    results = tuple(TestResult("one", False, False, 0.0, 1.0, one) for one in (feedback, plain))
    shown = showing.report_for_student(Report(results, 0.0, 1.0).to_message())
    assert shown is not None
    said = [result["feedback"]["sentence"] for result in shown["results"]]
    assert said == ["Es stürzte ab: SIGSEGV.", "What a lecturer's checker said."]
