"""The header sniff: golden pairs in outputs/, and what holds for every output there can be."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cgirunner.cookies import Jar
from cgirunner.headers import BLOCK_MAX_BYTES, KNOWN_NAMES, Decision, Rule, Sniffer, sniff
from cgirunner.response import Manner, read_head

OUTPUTS = Path(__file__).parent / "outputs"
SITE_COOKIES = frozenset(("ivle-session", "ivle-csrf"))
SERVE = Manner(Jar("student", b"/serve/", b"cgi~student~", SITE_COOKIES, b"lax"), b"/serve/student/", sandboxed=True)
PAGES = Manner(Jar("student", b"/~student/", b"", SITE_COOKIES, b""), b"/~student/", sandboxed=False)
OURS = (b"X-Content-Type-Options", b"Referrer-Policy", b"Content-Security-Policy")


def described(output: bytes) -> dict[str, object]:
    """A decision and the response it leads to, as the .json files hold them. What is usual is left out."""
    decision = sniff(output)
    head = read_head(decision, SERVE)
    headers = [[name.decode(), value.decode()] for name, value in head.headers if name not in OURS]
    usual = {
        "name": decision.name,
        "line": decision.line,
        "headers": headers,
        "local_redirect": head.local_redirect.decode(),
        "dropped": head.dropped,
    }
    return {
        "rule": int(decision.rule),
        "why": decision.why,
        "body_start": decision.body_start,
        "status": head.status,
        "content_type": head.content_type.decode(),
        **{key: value for key, value in usual.items() if value},
    }


@pytest.mark.parametrize("path", sorted(OUTPUTS.glob("*.out")), ids=lambda path: path.stem)
def test_golden_pair(path) -> None:
    assert described(path.read_bytes()) == json.loads(path.with_suffix(".json").read_text())


def test_there_are_golden_pairs() -> None:
    assert len(list(OUTPUTS.glob("*.out"))) == len(list(OUTPUTS.glob("*.json"))) >= 70


names = st.sampled_from([name.title() for name in sorted(KNOWN_NAMES)]) | st.sampled_from(
    ["X-Mine", "Answer", "Name", "", " ", "Content-Type ", "\ufeffContent-Type"]
)
values = st.sampled_from(
    ["", "text/html", "200 OK", "404", "ready", "/serve/student/x.py", "https://example.org/", "javascript:1", "a=b"]
) | st.text(max_size=40)
lines = st.builds(
    lambda name, middle, value, end: (name + middle + value + end).encode("utf-8", "replace"),
    names,
    st.sampled_from([":", ": ", " : ", ""]),
    values,
    st.sampled_from(["\n", "\r\n", "\r", "\n ", "\n\n", "", "\0\n"]),
)
outputs = (
    st.binary(max_size=400)
    | st.lists(lines | st.just(b"\n") | st.just(b"\r\n") | st.binary(max_size=30), max_size=8).map(b"".join)
    | st.builds(lambda count, end: b"X-A: " + b"a" * count + end, st.integers(32700, 32800), st.binary(max_size=8))
)


@settings(max_examples=1500, deadline=None)
@given(outputs)
@example(b"")
@example(b"Content-Type: text/html\r\n\r\n")
def test_no_byte_of_text_is_lost(output) -> None:
    decision = sniff(output)
    if decision.rule in (Rule.TEXT, Rule.BLANK_LINE):
        assert (decision.body_start, decision.fields) == (0, ())
    else:
        block = output[: decision.body_start]
        assert len(block) <= BLOCK_MAX_BYTES
        assert re.search(rb"\n\r?\n\Z", block)
        assert not re.search(rb"\n\r?\n", block[:-1])
        assert len(decision.fields) == block.count(b"\n") - 1


@settings(max_examples=1500, deadline=None)
@given(outputs)
def test_no_response_is_split(output) -> None:
    """No header of the answer has a line end or a NUL in it, and none is one that we keep to ourselves."""
    for manner in (SERVE, PAGES):
        head = read_head(sniff(output), manner)
        assert 200 <= head.status <= 599
        for name, value in [*head.headers, (b"Content-Type", head.content_type)]:
            assert re.fullmatch(rb"[A-Za-z-]+", name)
            assert not re.search(rb"[\r\n\0]", value)
        sent = [name.lower() for name, _ in head.headers]
        assert not {b"content-length", b"transfer-encoding", b"connection"} & set(sent)
        assert sent.count(b"content-security-policy") == manner.sandboxed


@settings(max_examples=1500, deadline=None)
@given(outputs, st.lists(st.integers(0, 400), max_size=6))
def test_pieces_make_no_difference(output, cuts) -> None:
    edges = sorted({0, len(output), *(cut for cut in cuts if cut < len(output))})
    assert fed([output[start:end] for start, end in pairwise(edges)]) == sniff(output)


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=5).map(b"".join))
def test_single_bytes_make_no_difference(output) -> None:
    assert fed([output[index : index + 1] for index in range(len(output))]) == sniff(output)


@pytest.mark.parametrize("path", sorted(OUTPUTS.glob("*.out")), ids=lambda path: path.stem)
def test_a_golden_output_in_single_bytes(path) -> None:
    output = path.read_bytes()
    assert fed([output[index : index + 1] for index in range(len(output))]) == sniff(output)


@pytest.mark.parametrize("beginning", [b"Hello wor", b"\n", b"<", b"Answer:", b"a b", b"Traceback (", b" x"])
def test_it_decides_as_soon_as_it_can(beginning) -> None:
    assert Sniffer().feed(beginning) is not None


@pytest.mark.parametrize("beginning", [b"", b"Hello", b"Content-Type: text/html\n", b"\r", b"X-A: 1\r\n\r"])
def test_it_waits_while_it_cannot(beginning) -> None:
    assert Sniffer().feed(beginning) is None


def fed(pieces: list[bytes]) -> Decision:
    sniffer = Sniffer()
    for piece in pieces:
        sniffer.feed(piece)
    return sniffer.end()
