"""Which URL paths can name a file."""

from __future__ import annotations

import pytest

from files.paths import BadPath, as_text, from_text, one_name, shown, split_path, split_url_path


@pytest.mark.parametrize(
    ("raw", "parts", "folder"),
    [
        (b"a", (b"a",), False),
        (b"a/b%20c/", (b"a", b"b c"), True),
        (b"%ff", (b"\xff",), False),
        (b"%252e", (b"%2e",), False),
        (b"100%", (b"100%",), False),
        (b"...", (b"...",), False),
        (b"", (), True),
    ],
)
def test_names_are_decoded_once(raw, parts, folder) -> None:
    assert split_url_path(raw) == (parts, folder)


@pytest.mark.parametrize(
    "raw",
    [b".", b"..", b"a/../b", b"%2e%2E", b"a//b", b"/", b"a%2fb", b"a%5cb", b"a\\b", b"a%00", b"x" * 256, b"a/" * 101],
)
def test_tricks(raw) -> None:
    with pytest.raises(BadPath):
        split_url_path(raw)


def test_a_path_as_people_type_it() -> None:
    assert split_path(b"./a//b/") == (b"a", b"b")
    assert split_path(b".") == ()
    with pytest.raises(BadPath):
        split_path(b"../a")


def test_text_is_one_to_one() -> None:
    assert as_text((b"a b", b"\xff%", b"c")) == "a%20b/%FF%25/c"


@pytest.mark.parametrize(
    "parts", [(), (b"a b", b"\xff%", b"c"), (b"back\\slash",), (b"\n", b"\xe2\x80\xae", b"'\"&#?")]
)
def test_and_back(parts) -> None:
    assert from_text(as_text(parts)) == parts


@pytest.mark.parametrize("text", ["/", "/a", "a//b", "..", "a/%2e%2e", "a%2fb", "%00", "x" * 256, "a/" * 101, "\ud800"])
def test_tricks_on_the_wire(text) -> None:
    with pytest.raises(BadPath):
        from_text(text)
    with pytest.raises(BadPath):
        one_name(text)


def test_names_for_eyes() -> None:
    assert shown("ä".encode()) == "ä"
    assert shown(b"a\xffb") == "a\N{REPLACEMENT CHARACTER}b"
