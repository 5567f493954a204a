"""Values of student code as the jail tells them (guest/value.py), and of expectations: trees such as ["int", "2a"].

What comes from a jail is hostile: it never becomes an object of ours, and is only compared and shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeGuard

from exercises.exercise import Comparison
from exercises.texts import is_same_text, line_order, normal

DEPTH_MAX, KEY_DEPTH_MAX, PARTS_MAX = 60, 30, 20_000
Tree = list[Any]
Order = tuple[Any, ...]
NUMBERS = ("int", "float")
BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}")}
DIGITS_MAX = 3_000  # beyond which Python does not write a number out
CONTAINERS = (*BRACKETS, "dict")
RELATIVE, ABSOLUTE = 1e-9, 1e-12
AS_WRITTEN = Comparison()


def of(value: object) -> Tree:
    """The tree of a Python literal."""
    if value is None:
        return ["none"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", format(value, "x")]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, str):
        return ["str", value]
    if isinstance(value, dict):
        return ["dict", [[of(key), of(item)] for key, item in value.items()]]
    if isinstance(value, list | tuple | set):
        return [type(value).__name__, [of(item) for item in value]]
    return [type(value).__name__, repr(value)]


def is_tree(tree: object) -> TypeGuard[Tree]:
    """Of something that a jail told: no larger than a harness of ours would tell, and every part of it well."""
    found = [(tree, DEPTH_MAX)]
    for part, left in found:
        if isinstance(part, list) and part and part[0] in CONTAINERS:
            items = items_of(part)
            if items is None or left <= 0 or len(found) + len(items) > PARTS_MAX:
                return False
            found += [(item, left_inside(part[0], place, left)) for place, item in enumerate(items)]
        elif not is_scalar(part):
            return False
    return True


def left_inside(kind: str, place: int, left: int) -> int:
    """How much deeper one of its items may go. Keys are put in order, and are not as deep as other values."""
    is_key = kind == "set" or (kind == "dict" and place % 2 == 0)
    return min(left - 1, KEY_DEPTH_MAX) if is_key else left - 1


def items_of(tree: Tree) -> list[object] | None:
    """None where it is no container after all."""
    match tree:
        case ["dict", list(pairs)]:
            if all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
                return [item for pair in pairs for item in pair]
        case [_, list(items)]:
            return items
    return None


def is_scalar(tree: object) -> bool:
    match tree:
        case ["none"] | ["bool", True | False] | ["str" | "bytes", str()] | ["other", str(), str()]:
            return True
        case ["int", str(digits)]:
            return is_read(lambda: int(digits, 16))
        case ["float", str(digits)]:
            return is_read(lambda: float(digits))
        case ["complex", str(digits)]:
            return is_read(lambda: complex(digits))
    return False


def is_read(reader: Callable[[], object]) -> bool:
    try:
        reader()
    except ValueError:
        return False
    return True


def is_same(expected: Tree, actual: Tree, how: Comparison) -> bool:
    if expected[0] in NUMBERS and actual[0] in NUMBERS:
        return is_same_number(expected, actual, how)
    if expected[0] != actual[0] or expected[0] == "other":
        return False
    if expected[0] == "str":
        return is_same_string(expected[1], actual[1], how)
    if expected[0] == "complex":
        return is_near(complex(expected[1]), complex(actual[1]), how)
    if expected[0] in BRACKETS or expected[0] == "dict":
        return are_same(expected, actual, how)
    return expected == actual


def is_same_number(expected: Tree, actual: Tree, how: Comparison) -> bool:
    if how.is_exact and expected[0] != actual[0]:
        return False
    first, second = number(expected), number(actual)
    if "float" in (expected[0], actual[0]) or how.within is not None:
        return is_near(first, second, how)
    return first == second


def is_near(first: complex, second: complex, how: Comparison) -> bool:
    if first == second or (first != first and second != second):  # nan is as good as nan
        return True
    if how.is_exact:
        return False
    try:
        far = abs(first - second)
        most = how.within if how.within is not None else max(RELATIVE * max(abs(first), abs(second)), ABSOLUTE)
    except OverflowError:
        return False
    return far <= most and math.isfinite(far)


def is_same_string(expected: str, actual: str, how: Comparison) -> bool:
    return is_same_text(expected, actual, how) if is_lenient(how) else expected == actual


def is_lenient(how: Comparison) -> bool:
    """To texts."""
    return how.ignores_space or how.ignores_case or how.within is not None


def are_same(expected: Tree, actual: Tree, how: Comparison) -> bool:
    if len(expected[1]) != len(actual[1]):
        return False
    if expected[0] == "dict":
        pairs = [sorted(tree[1], key=lambda pair: key_order(pair[0], how)) for tree in (expected, actual)]
        return all(
            is_same(first[0], second[0], how) and is_same(first[1], second[1], how)
            for first, second in zip(*pairs, strict=True)
        )
    items = [expected[1], actual[1]]
    if expected[0] == "set" or how.ignores_order:
        items = [sorted(one, key=lambda item: order(item, how)) for one in items]
    return all(is_same(first, second, how) for first, second in zip(*items, strict=True))


def key_order(tree: Tree, how: Comparison) -> Order:
    """Of a dict: keys that are as good as each other come as they are written, to find the same items with them."""
    return order(tree, how), order(tree, AS_WRITTEN)


def order(tree: Tree, how: Comparison) -> Order:
    """For sorting: the same for what is as good, and for nothing else. As large as the tree, and no larger."""
    kind = tree[0]
    if kind in NUMBERS:
        value = number(tree)
        return (0, value, 0) if value == value else (0, math.inf, 1)  # nan would sort anywhere
    if kind == "dict":
        return 2, kind, *sorted((order(key, how), order(item, how)) for key, item in tree[1])
    if kind in CONTAINERS:
        items = [order(item, how) for item in tree[1]]
        return 2, kind, *(sorted(items) if kind == "set" or how.ignores_order else items)
    if kind == "str" and is_lenient(how):
        return 1, kind, *(line_order(line, how) for line in normal(tree[1], how))
    return 1, kind, *map(str, tree[1:])


def number(tree: Tree) -> int | float:
    return int(tree[1], 16) if tree[0] == "int" else float(tree[1])


def shown(tree: Tree, room: int = 2_000) -> str:
    """As Python would write it, cut to about so many characters."""
    pieces: list[str] = []
    write(tree, pieces, room)
    text = "".join(pieces)
    return text if len(text) <= room else text[:room] + " ..."


def write(tree: Tree, pieces: list[str], room: int) -> None:
    if sum(map(len, pieces[-50:])) > room or len(pieces) > room:
        return
    kind = tree[0]
    if kind == "dict":
        pieces.append("{")
        for number_, (key, item) in enumerate(tree[1]):
            pieces.append(", " if number_ else "")
            write(key, pieces, room)
            pieces.append(": ")
            write(item, pieces, room)
        pieces.append("}")
    elif kind in BRACKETS:
        opening, closing = BRACKETS[kind] if tree[1] or kind != "set" else ("set(", ")")
        pieces.append(opening)
        for number_, item in enumerate(tree[1]):
            pieces.append(", " if number_ else "")
            write(item, pieces, room)
        pieces.append(("," if kind == "tuple" and len(tree[1]) == 1 else "") + closing)
    else:
        pieces.append(scalar(tree, room))


def scalar(tree: Tree, room: int) -> str:
    match tree:
        case ["none"]:
            return "None"
        case ["int", digits] if len(digits) > min(room, DIGITS_MAX):
            return f"0x{digits[:room]}..."
        case ["int", digits]:
            return str(int(digits, 16))
        case ["str", text]:
            return repr(text[: room + 1])
        case ["bytes", digits] if is_read(lambda: bytes.fromhex(digits)):
            return repr(bytes.fromhex(digits)[: room + 1])
        case ["other", name, text]:
            return f"{text} ({name})"
    return str(tree[1])
