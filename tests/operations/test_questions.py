"""What may never answer: it is given up in time, and not asked a second time meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.test import Client

from operations import questions, readiness
from operations.questions import Question


class Hanging:
    """Answers once it is let go."""

    def __init__(self) -> None:
        self.times = 0
        self.let_go = threading.Event()

    def __call__(self) -> str:
        self.times += 1
        self.let_go.wait(20)
        return "at last"


@pytest.fixture
def hanging(monkeypatch) -> Iterator[Hanging]:
    monkeypatch.setattr(questions, "ANSWER_SECONDS", 0.05)
    hanging = Hanging()
    yield hanging
    hanging.let_go.set()


def test_it_is_given_up_and_asked_once(hanging: Hanging, monkeypatch) -> None:
    question = Question(hanging)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            asyncio.run(question.answer())
    assert hanging.times == 1
    asked = question.asked
    assert asked is not None
    hanging.let_go.set()
    assert asked.result(20) == "at last"
    monkeypatch.setattr(questions, "ANSWER_SECONDS", 20)
    assert asyncio.run(question.answer()) == "at last"
    assert hanging.times == 2


def test_where_no_thread_can_be_begun_it_is_asked_anew(monkeypatch) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    question = Question(lambda: "at last")
    with monkeypatch.context() as short:
        short.setattr(threading.Thread, "start", fail)
        with pytest.raises(TimeoutError, match="no thread"):
            question.begin()
    assert asyncio.run(question.answer()) == "at last"


def test_what_it_raises() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(Question(fail).answer())


@pytest.mark.parametrize(("question", "sign"), [("data", "data"), ("warden", "warden"), ("database", "database")])
def test_what_does_not_answer_is_a_lack(
    db, supervisor, client: Client, monkeypatch, hanging: Hanging, question: str, sign: str
) -> None:
    monkeypatch.setattr(questions, "ANSWER_SECONDS", 1.0)  # which is enough for the others
    monkeypatch.setattr(readiness, question, Question(hanging))
    [lack] = asyncio.run(readiness.lacks(supervisor.reply({"kind": "status"})))
    assert lack.sign == sign
    assert "within 3 s" in lack.sentence
