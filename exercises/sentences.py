"""Sentences for people, made where nobody knows their language: in English, with all it takes to say them in another.

`from exercises.sentences import sentence as _`, so that the texts are found by whoever translates (makemessages).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

Parts = tuple[tuple[str, Mapping[str, object]], ...]
VALUE_MAX_CHARACTERS = 1_000


class Sentence(str):
    """`parts`: each text that is translated by itself, and what goes into it. They are said one after the other."""

    __slots__ = ("parts",)
    parts: Parts

    def __new__(cls, parts: Parts) -> Self:
        made = super().__new__(cls, " ".join(filled(text, values) for text, values in parts))
        made.parts = parts
        return made

    def __getnewargs__(self) -> tuple[Parts]:  # type: ignore[override]
        return (self.parts,)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def then(self, other: Sentence) -> Sentence:
        return Sentence(self.parts + other.parts)

    def to_message(self) -> list[list[Any]]:
        return [[text, {name: told(value) for name, value in values.items()}] for text, values in self.parts]


NOTHING = Sentence(())


def sentence(text: str, /, **values: object) -> Sentence:
    """With %(name)s for each of the values, which may be sentences themselves. Other texts are cut."""
    return Sentence(((text, {name: bounded(value) for name, value in values.items()}),))


def bounded(value: object) -> object:
    if isinstance(value, Sentence) or not isinstance(value, str) or len(value) <= VALUE_MAX_CHARACTERS:
        return value
    return f"{value[:VALUE_MAX_CHARACTERS]} ..."


def filled(text: str, values: Mapping[str, object]) -> str:
    return text % values if values else text


def told(value: object) -> object:
    return {"parts": value.to_message()} if isinstance(value, Sentence) else value


def in_words(message: Sequence[Any], translate: Callable[[str], str]) -> str:
    """What to_message gave, in the language of `translate`, which is gettext or the like."""
    pieces = []
    for text, values in message:
        words = {
            name: in_words(value["parts"], translate) if isinstance(value, dict) else value
            for name, value in values.items()
        }
        pieces.append(filled(translate(text), words))
    return " ".join(pieces)
