"""Limits as they travel."""

from __future__ import annotations

import dataclasses
import math

import pytest

from sandbox.limits import CGI, CONSOLE, Limits


@pytest.mark.parametrize("limits", [CGI, CONSOLE])
def test_they_arrive_as_they_were_sent(limits: Limits) -> None:
    assert Limits.from_message(limits.as_message()) == limits


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Limits)])
@pytest.mark.parametrize("value", [0, -1, None, "1", True, [], {}, math.nan, math.inf, -math.inf, 1 << 60])
def test_a_limit_is_a_positive_number(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        Limits.from_message({**CGI.as_message(), field: value})


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Limits)])
def test_every_limit_is_wanted(field: str) -> None:
    message = CGI.as_message()
    del message[field]
    with pytest.raises(ValueError, match="fields"):
        Limits.from_message(message)


def test_no_other_limit_is_taken() -> None:
    with pytest.raises(ValueError, match="fields"):
        Limits.from_message({**CGI.as_message(), "network_bytes": 1})


@pytest.mark.parametrize("field", dataclasses.fields(Limits), ids=lambda field: field.name)
def test_a_name_says_its_unit(field: dataclasses.Field[object]) -> None:
    assert field.name.endswith(("_seconds", "_bytes")) or field.name in ("processes", "open_files")


def test_a_console_may_use_more() -> None:
    for field in dataclasses.fields(Limits):
        assert getattr(CONSOLE, field.name) >= getattr(CGI, field.name), field.name
