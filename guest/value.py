"""A value of student code as plain data, for whoever compares it outside. Used by attempt.py.

Whatever its class overrides is passed over: the numbers, characters and items come from the built-in types themselves.
What is no built-in value is told by the name of its type and its repr.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

ITEMS_MAX = 10_000  # in all
DEPTH_MAX, KEY_DEPTH_MAX = 50, 20
TEXT_MAX_CHARACTERS = 200_000
REPR_MAX_CHARACTERS = 2_000


class TooLarge(Exception):
    """It has more items, or is deeper, than is compared."""


def encode(value: object) -> list[Any]:
    """["int", "2a"] and so on: a type and what it holds. Raises TooLarge."""
    return Encoder().encode(value, 0)


class Encoder:
    def __init__(self) -> None:
        self.left_items = ITEMS_MAX

    def encode(self, value: object, depth: int) -> list[Any]:
        self.left_items -= 1
        if depth > DEPTH_MAX or self.left_items < 0:
            raise TooLarge
        if value is None:
            return ["none"]
        mro = kinds_of(type(value))
        for kind, write in SCALARS.items():
            if kind in mro:
                return write(value)
        for kind, name in ITEMS.items():
            if kind in mro:
                inside = in_key(depth) if name == "set" else depth + 1
                return [name, [self.encode(item, inside) for item in kind.__iter__(value)]]
        if dict in mro:
            pairs = list(vars(dict)["items"](value))
            return ["dict", [[self.encode(key, in_key(depth)), self.encode(item, depth + 1)] for key, item in pairs]]
        return other(value)


def in_key(depth: int) -> int:
    """How deep that counts: keys are put in order, and are not as deep as other values."""
    return max(depth + 1, DEPTH_MAX - KEY_DEPTH_MAX)


def other(value: object) -> list[Any]:
    """Numbers of libraries, such as NumPy's, say what they are as built-in ones."""
    kind = type(value)
    for method, convert, write in CONVERSIONS:
        if any(method in vars(one) for one in kinds_of(kind)):
            try:
                return write(convert(value))
            except Exception:  # not one number, as an array
                break
    return ["other", name_of(kind), text_of(value)]


def kinds_of(kind: type) -> tuple[type, ...]:
    """What it is a kind of, whatever its metaclass says."""
    found: tuple[type, ...] = vars(type)["__mro__"].__get__(kind)
    return found


def name_of(kind: type) -> str:
    return clean(vars(type)["__name__"].__get__(kind)[:REPR_MAX_CHARACTERS])


def text_of(value: object) -> str:
    """Its repr, cut; student code may run in there, and fail."""
    try:
        return clean(str.__getitem__(repr(value), slice(0, REPR_MAX_CHARACTERS)))
    except RecursionError:
        return "(its repr never ends)"
    except Exception as error:
        return f"(its repr raises {name_of(type(error))})"


def clean(text: str) -> str:
    """Half a surrogate pair is no text that JSON could carry outside of escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def text(value: Any) -> list[Any]:
    length = str.__len__(value)
    if length > TEXT_MAX_CHARACTERS:
        raise TooLarge
    return ["str", clean(str.__getitem__(value, slice(0, length)))]


def data(value: Any) -> list[Any]:
    kind: Any = bytes if bytes in kinds_of(type(value)) else bytearray
    if kind.__len__(value) > TEXT_MAX_CHARACTERS:
        raise TooLarge
    return ["bytes", bytes.hex(bytes(kind.__getitem__(value, slice(None))))]


def whole(value: Any) -> list[Any]:
    """In hexadecimal, which takes no longer for large ones."""
    if int.bit_length(value) > TEXT_MAX_CHARACTERS:
        raise TooLarge
    return ["int", int.__format__(value, "x")]


SCALARS: dict[type, Callable[[Any], list[Any]]] = {
    bool: lambda value: ["bool", value is True],
    int: whole,
    float: lambda value: ["float", float.__repr__(value)],
    complex: lambda value: ["complex", complex.__repr__(value)],
    str: text,
    bytes: data,
    bytearray: data,
}
ITEMS: dict[Any, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "set"}
CONVERSIONS: tuple[tuple[str, Callable[[Any], Any], Callable[[Any], list[Any]]], ...] = (
    ("__index__", operator.index, whole),
    ("__float__", lambda value: float(value), SCALARS[float]),
)
