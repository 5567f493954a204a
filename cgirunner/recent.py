"""What the database said a moment ago of who may see what: a page's next request need not ask again. For visit.py.

Remembered for REMEMBER_SECONDS in each web process, and forgotten at once where a process of this machine changes a
person, a session, a token, a published folder or a mapping: sign.py tells. A right taken away on another machine ends
here that much later (docs/decisions/0015).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.models import Token
from cgirunner import sign
from files.models import PublishedFolder, StaticMapping

REMEMBER_SECONDS: Final = 1.0
ENTRIES_MAX: Final = 2048
QUESTION_MAX_CHARACTERS: Final = 512  # a visitor does not choose how much is remembered

Answer = TypeVar("Answer")
_answers: dict[Hashable, tuple[float, Any]] = {}
_seen = b""  # the sign, when they were asked


def remembered(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """The answer to the question, from `ask` where it is not known. On the event loop a question that has to be asked
    raises django.core.exceptions.SynchronousOnlyOperation, as every use of the database there does."""
    global _seen
    if (mark := sign.read()) != _seen:
        _seen = mark
        _answers.clear()
    now = time.monotonic()
    known = _answers.get(question)
    if known is not None and known[0] > now:
        answer: Answer = known[1]
        return answer
    if len(repr(question)) > QUESTION_MAX_CHARACTERS:
        return ask()
    if len(_answers) >= ENTRIES_MAX:
        _answers.clear()
    asking = _answers[question] = now, object()
    answer = ask()
    if _answers.get(question) is asking:  # else all was forgotten while we asked, and this may be old
        _answers[question] = now + REMEMBER_SECONDS, answer
    return answer


def forget() -> None:
    _answers.clear()
    sign.change()


def on_change(**_kinds: object) -> None:
    """Now, and again when others can see what has changed."""
    forget()
    transaction.on_commit(forget)


def forget_on_changes() -> None:
    """Called once, when the site starts."""
    for model in (PublishedFolder, StaticMapping, Session, Token, get_user_model()):
        for signal in (post_save, post_delete):
            signal.connect(on_change, sender=model, dispatch_uid=f"cgirunner.recent.{model.__name__}")
