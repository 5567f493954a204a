"""A long body of the API is read in a moment, or not at all; a short one as ever."""

from __future__ import annotations

import json
import time

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.tokens import make_token
from ivle.json_bodies import SHORT_BYTES, VALUES_MAX, BoundedParser, LongBody

LONG = "x" * SHORT_BYTES
ON_THE_LOOP_SECONDS = 0.5  # 20 times what it takes, and a fifth of what it took


def read(body: bytes):
    return BoundedParser().parse_body(RequestFactory().post("/", body, content_type="application/json"))


@pytest.mark.parametrize(
    "content",
    [
        {"text": LONG, "base_etag": ""},
        {"path": "a.py", "text": 'print("ä\\n")\n' * 20_000},
        {"paths": [f"{LONG[:1000]}{number}" for number in range(1000)], "to": "there", "copy": True},
        {"files": {"main.py": LONG, "data.txt": ""}, "rows": [{"login": "sam", "groups": ["a", "b"]}, {}]},
        {"text": LONG, "number": -12, "nothing": None, "no": False, "empty": []},
    ],
)
@pytest.mark.parametrize("form", [{}, {"indent": 2}, {"ensure_ascii": False, "separators": (",", ":")}])
def test_texts_and_lists_of_texts(content, form) -> None:
    assert read(json.dumps(content, **form).encode()) == content


ONE = st.text(max_size=9) | st.booleans() | st.none() | st.integers(-(10**14), 10**14)
SOME = ONE | st.lists(ONE, max_size=2)
VALUES = SOME | st.lists(SOME, max_size=2) | st.dictionaries(st.text(max_size=3), SOME, max_size=2)


@given(content=st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=3))
def test_it_reads_as_json_does(content) -> None:
    assert LongBody(json.dumps(content)).read() == content


@pytest.mark.parametrize(
    "body",
    [
        "[" + "[]," * 2_000_000 + "1]",
        '{"a":' + "[" * 1_000_000 + "]" * 1_000_000 + "}",
        '{"a":[' + '{"b":[]},' * 500_000 + "1]}",
        "{" + '"a":"b",' * 500_000 + '"a":"b"}',
        '{"a":[' + "1," * 1_000_000 + "1]}",
        " " * 4_000_000 + "x",
    ],
    ids=["lists", "nested", "objects", "names", "numbers", "white"],
)
def test_nothing_else_that_is_long_is_read(body: str) -> None:
    begun = time.thread_time()
    with pytest.raises(ValueError, match="long"):
        read(body.encode())
    assert time.thread_time() - begun < ON_THE_LOOP_SECONDS


@pytest.mark.parametrize(
    "end", ["", "}}", '","b"}', '","b":1.5}', '","b":1234567890123456789}', '","b":[1,]}', '","b":tru}', '",}', '"} x']
)
def test_a_long_body_that_is_no_json_of_ours(end: str) -> None:
    with pytest.raises(ValueError, match=r"wanted|string|control|delimiter|escape|Unterminated|follows"):
        read(f'{{"a":"{LONG}{end}'.encode())


def test_the_number_of_values_is_bounded() -> None:
    assert len(LongBody(json.dumps({"a": [1] * (VALUES_MAX - 2)})).read()["a"]) == VALUES_MAX - 2
    with pytest.raises(ValueError, match="values"):
        LongBody(json.dumps({"a": [1] * VALUES_MAX})).read()


def test_the_api_refuses_it(student) -> None:
    client = Client(headers={"authorization": f"Bearer {make_token(student, 'script')}"})
    body = '{"path":"a.py","text":[' + "[]," * 200_000 + "1]}"
    assert client.post("/api/editor/lint", body, content_type="application/json").status_code == 400
    good = json.dumps({"path": "a.txt", "text": "x" * 1_000_000})
    assert client.post("/api/editor/lint", good, content_type="application/json").status_code == 200
