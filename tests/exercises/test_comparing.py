"""What is as good as what: texts and values, without a jail; patterns and checkers, in one."""

from __future__ import annotations

from typing import Any

import pytest

from exercises import settings, values
from exercises.exercise import Comparison
from exercises.texts import DIFF_MAX_LINES, difference, first_difference, is_same_text
from guest.value import TooLarge, encode
from tests.exercises.conftest import Mark, result_of

ANY = ""
TEXTS = [
    (ANY, "a\nb\n", "a\nb\n", True),
    (ANY, "a\nb\n", "a  \nb\n\n\n", True),
    (ANY, "a\nb\n", "a\r\nb", True),
    (ANY, "a\nb\n", " a\nb\n", False),
    (ANY, "a\nb\n", "a\n\nb\n", False),
    (ANY, "1.0\n", "1\n", False),
    ("exact", "a\n", "a", False),
    ("exact", "a\n", "a\n", True),
    ("ignore spaces", "a b\nc\n", "  a   b c", True),
    ("ignore spaces", "a b\n", "ab\n", False),
    ("ignore case", "Hello\n", "hELLO\n", True),
    ("ignore case", "STRASSE\n", "straße\n", True),
    ("any order", "a\nb\nc\n", "c\na\nb\n", True),
    ("any order", "a\nb\n", "a\na\nb\n", False),
    ("any order, ignore spaces, ignore case", "a b\nc\n", "C\n\nA  B\n", True),
    ("numbers within 0.01", "x = 3.14, y = -2\n", "x = 3.141, y = -2.005\n", True),
    ("numbers within 0.01", "x = 3.14\n", "x = 3.16\n", False),
    ("numbers within 0.01", "x = 3.14\n", "z = 3.14\n", False),
    ("numbers within 0.01", "1 2\n", "1 2 3\n", False),
    ("numbers within 1", "1e3\n", "1000.5\n", True),
    ("numbers within 0.1, any order", "a 1.0\nb 2.0\n", "b 2.05\na 0.99\n", True),
    ("numbers within 0", "1e999\n", "1e999\n", True),
]


@pytest.mark.parametrize(("how", "expected", "actual", "is_same"), TEXTS)
def test_texts(how: str, expected: str, actual: str, is_same: bool) -> None:
    assert is_same_text(expected, actual, as_comparison(how)) is is_same


VALUES = [
    (ANY, 1, 1, True),
    (ANY, 1, 1.0, True),
    (ANY, 0.3, 0.1 + 0.2, True),
    (ANY, 1, True, False),
    (ANY, 0, False, False),
    (ANY, 1, "1", False),
    (ANY, None, None, True),
    (ANY, [1, 2], (1, 2), False),
    (ANY, [1, 2], [1, 2.0000000001], True),
    (ANY, [1, 2], [2, 1], False),
    (ANY, {1, 2, 3}, {3, 2, 1}, True),
    (ANY, {1, 2}, {1, 2, 3}, False),
    (ANY, {"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
    (ANY, {"a": 1}, {"a": 2}, False),
    (ANY, {1: "x"}, {1.0: "x"}, True),
    (ANY, "a", "a ", False),
    (ANY, b"a", b"a", True),
    (ANY, b"a", "a", False),
    (ANY, 10**40, 10**40, True),
    (ANY, 10**40, 10**40 + 1, False),
    (ANY, 10**400, 1e308, False),
    (ANY, 1j, 1j, True),
    (ANY, 1e999, 1e999, True),
    (ANY, 1e999, 1e308, False),
    ("exact", 1, 1.0, False),
    ("exact", 0.3, 0.1 + 0.2, False),
    ("any order", [1, [2, 3]], [[3, 2], 1], True),
    ("any order", [1, 1, 2], [1, 2, 2], False),
    (ANY, {2**60, 2**60 + 1, 10**400, -(10**400)}, {-(10**400), 10**400, 2**60 + 1, 2**60}, True),
    (ANY, {(1, ("a", 2.0)): 1, (1, ("b",)): 2}, {(1, ("b",)): 2, (1, ("a", 2)): 1}, True),
    ("any order", [float("nan"), 1.0, 2.0], [2.0, float("nan"), 1.0], True),
    ("numbers within 0.1", [1.0, {"a": 2}], [1.05, {"a": 1.95}], True),
    ("numbers within 0.1", 1, 2, False),
    ("ignore case", ["Ab"], ["aB"], True),
    ("ignore spaces", "a b", " a  b ", True),
    (ANY, {(0, 1): 5, (1, 0): 6}, {(1, 0): 6, (0, 1): 5}, True),
    (ANY, {(0, 1): 5, (1, 0): 6}, {(1, 0): 5, (0, 1): 6}, False),
    ("any order", {(0, 1): 5, (1, 0): 6}, {(1, 0): 6, (0, 1): 5}, True),
    (ANY, {"H": 1, "h": 2}, {"h": 2, "H": 1}, True),
    (ANY, {"H": 1, "h": 2}, {"h": 1, "H": 2}, False),
    ("ignore case", {"H": 1, "h": 2}, {"h": 2, "H": 1}, True),
    ("any order", ["A", "a"], ["a", "A"], True),
    ("any order", ["A", "a"], ["a", "a"], False),
    ("any order", [{"f": "a", "t": "b"}, {"f": "b", "t": "a"}], [{"t": "a", "f": "b"}, {"t": "b", "f": "a"}], True),
    ("any order", [{"f": "a", "t": "b"}, {"f": "b", "t": "a"}], [{"f": "a", "t": "a"}, {"f": "b", "t": "b"}], False),
    ("any order, ignore case", ["b", "A"], ["a", "B"], True),
    ("any order, ignore case", [["A", "x"], ["a", "b"]], [["A", "b"], ["a", "x"]], True),
    ("any order, ignore spaces", [["a  b", 1], ["a c", 2]], [["a c ", 2], ["a b", 1]], True),
    ("any order, numbers within 0.1", ["x 1.0", "x 2.0"], ["x 2.05", "x 1"], True),
    ("any order, numbers within 0.1", ["x 1.0", "x 2.0"], ["x 2.2", "x 1"], False),
]


@pytest.mark.parametrize(("how", "expected", "actual", "is_same"), VALUES)
def test_values(how: str, expected: Any, actual: Any, is_same: bool) -> None:
    assert values.is_same(values.of(expected), values.of(actual), as_comparison(how)) is is_same


def as_comparison(how: str) -> Comparison:
    return settings.comparison(how) if how else Comparison()


@pytest.mark.parametrize("value", [None, True, -5, 1.5, 2j, "it's", b"x", [1], (1,), (), set(), {1: [2]}, 10**3000])
def test_values_are_shown_as_python_writes_them(value: Any) -> None:
    tree = values.of(value)
    assert values.is_tree(tree)
    assert eval(values.shown(tree, 5_000)) == value


def test_what_is_long_is_cut() -> None:
    assert len(values.shown(values.of(list(range(100_000))))) < 10_000
    assert len(values.shown(["str", "x" * 100_000])) < 3_000
    assert values.shown(["int", "f" * 100_000]).startswith("0xfff")
    rows = difference("a\n" * 5_000, "b\n" * 5_000)
    assert len(rows) == DIFF_MAX_LINES


HOSTILE = [
    None,
    [],
    "x",
    ["int"],
    ["int", 5],
    ["int", "zz"],
    ["float", "1; 2"],
    ["bool", 1],
    ["str", None],
    ["list", "abc"],
    ["list", [["int", "1"], "x"]],
    ["dict", [["none"]]],
    ["dict", [[["none"]]]],
    ["set", {"a": 1}],
    ["other", "x"],
    ["class", "x"],
]


@pytest.mark.parametrize("how", ["", "any order"])
def test_a_set_of_the_same_pairs_is_the_same_however_it_is_told(how: str) -> None:
    pairs = [values.of((0, 1)), values.of((1, 0))]
    assert values.is_same(["set", pairs], ["set", pairs[::-1]], as_comparison(how))


@pytest.mark.parametrize("tree", HOSTILE, ids=str)
def test_what_no_harness_of_ours_tells_is_no_value(tree: Any) -> None:
    assert not values.is_tree(tree)


def test_a_deep_one_is_none() -> None:
    tree: Any = ["none"]
    for _ in range(500):
        tree = ["list", [tree]]
    assert not values.is_tree(tree)


def test_a_wide_one_is_none() -> None:
    assert values.is_tree(["list", [["none"]] * 15_000])
    assert not values.is_tree(["list", [["none"]] * 30_000])
    assert not values.is_tree(["list", [["list", [["none"]] * 10_000]] * 3])


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = (value,)
    return value


@pytest.mark.parametrize("how", ["", "any order"])
def test_putting_deep_ones_in_order_takes_no_longer_than_reading_them(how: str) -> None:
    """Twice as long for each level is how it was: 2 to the 50th."""
    deep = values.of(nested(50))
    for expected, actual in ((["set", [["int", "1"]]], ["set", [deep]]), (["list", [["none"]]], ["list", [deep]])):
        assert not values.is_same(expected, actual, as_comparison(how))
    assert len(repr(values.order(deep, as_comparison(how)))) < 2_000


@pytest.mark.parametrize("value", [{nested(50): 1}, {nested(50)}, {1: {nested(40)}}], ids=["dict", "set", "inside"])
def test_a_deep_key_is_no_value(value: Any) -> None:
    assert not values.is_tree(values.of(value))
    with pytest.raises(TooLarge):
        encode(value)


def test_a_key_may_be_as_deep_as_anybody_writes() -> None:
    for value in ({nested(15): [nested(40)]}, {1: nested(45)}):
        assert values.is_tree(encode(value))


def test_where_texts_part() -> None:
    assert first_difference("a\nb\nc\n", "a\nx\nc\n", Comparison()) == 2
    assert first_difference("a\n", "a\nb\n", Comparison()) == 2
    assert difference("a\nb\n", "a\nc\n") == ((" ", "a"), ("-", "b"), ("+", "c"))
    rows = difference("".join(f"{n}\n" for n in range(50)), "".join(f"{n}\n" for n in range(49)) + "x\n")
    assert rows == ((" ", "..."), (" ", "46"), (" ", "47"), (" ", "48"), ("-", "49"), ("+", "x"))


PATTERN = "## Test: time\n\n- compare: pattern{}\n\n```output\n[0-2][0-9]:[0-5][0-9] (am|pm)?\n```\n"


async def test_patterns(marked: Mark) -> None:
    assert (await marked(PATTERN.format(""), "print('12:30 ')")).passed
    assert not (await marked(PATTERN.format(""), "print('12:30 AM')")).passed
    assert (await marked(PATTERN.format(", ignore case"), "print('12:30 AM')")).passed
    assert not (await marked(PATTERN.format(""), "print('12:30 \\nand more')")).passed


async def test_a_pattern_that_never_ends_fails_in_time(marked: Mark) -> None:
    text = "## Test: a\n\n- compare: pattern\n\n```output\n(a+)+b\n```\n"
    result = await result_of(marked, text, "print('a' * 5000)")
    assert result.feedback is not None
    assert result.feedback.sentence.startswith("What it did could not be compared")


CHECKER = """
    ## Test: sorted

    ```call
    numbers()
    ```
    ```checker
    def check(ran):
        assert isinstance(ran.value, list), "no list"
        if ran.value != sorted(ran.value):
            return "They are not in order."
        return len(ran.value) > 2
    ```
"""
OPINIONS = [
    ("[1, 2, 3]", True, "As expected."),
    ("[3, 2, 1]", False, "They are not in order."),
    ("[1, 2]", False, "The checker does not accept it."),
    ("(1, 2, 3)", False, "no list"),
    ("[1, 'a', 2]", False, "The checker of this test did not know what to make of it: TypeError"),
]


@pytest.mark.parametrize(("value", "passes", "sentence"), OPINIONS)
async def test_checkers(marked: Mark, value: str, passes: bool, sentence: str) -> None:
    result = await result_of(marked, CHECKER, f"def numbers(): return {value}")
    assert result.passed is passes
    assert result.feedback is not None
    assert result.feedback.sentence.startswith(sentence)


@pytest.mark.parametrize("end", ["pass", "return None", "return 1", "return [True]"])
async def test_a_checker_says_yes_by_true_alone(marked: Mark, end: str) -> None:
    text = f"## Test: a\n\n```call\n1\n```\n```checker\ndef check(ran):\n    {end}\n```\n"
    assert not (await marked(text, "")).passed


async def test_what_a_checker_is_told(marked: Mark) -> None:
    text = """
        ## Test: all of it

        - arguments: -x
        - exit: 3

        ```input
        in
        ```
        ```written a.txt
        ```
        ```checker
        def check(ran):
            found = ran.output, ran.errors, ran.exit, ran.files, ran.input, ran.arguments
            assert found == ("out\\n", "err\\n", 3, {"a.txt": "file"}, "in\\n", ["-x"]), found
            return True
        ```
    """
    code = """
        import sys
        open("a.txt", "w").write("file")
        print("out")
        print("err", file=sys.stderr)
        sys.exit(3)
    """
    result = await result_of(marked, text, code)
    assert result.passed, result.feedback


async def test_a_checker_sees_every_kind_of_value(marked: Mark) -> None:
    text = """
        ## Test: all of it

        ```call
        [None, True, -3, 1.5, 2j, "x", b"y", (1,), {2}, {"a": 1}, object]
        ```
        ```checker
        def check(ran):
            *plain, thing = ran.value
            assert plain == [None, True, -3, 1.5, 2j, "x", b"y", (1,), {2}, {"a": 1}], plain
            return (thing.type, thing.repr) == ("type", "<class 'object'>")
        ```
    """
    assert (await marked(text, "")).passed
