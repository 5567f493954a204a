"""Which fence is asked of the kernel, by what it knows of fences."""

from __future__ import annotations

import errno
import os
import struct
from contextlib import nullcontext

import pytest

from sandbox import landlock, syscalls

ABSTRACT_SOCKETS = 1  # LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET; signals are kept in by the PID namespace


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[object]]:
    """The calls, instead of the fence."""
    calls: dict[str, list[object]] = {"rulesets": [], "rights": [], "restricted": []}

    def create(attributes: bytes) -> int:
        calls["rulesets"].append(attributes)
        return os.open("/dev/null", os.O_RDONLY)

    monkeypatch.setattr(syscalls, "create_landlock_ruleset", create)
    monkeypatch.setattr(
        syscalls, "add_landlock_path", lambda ruleset, allowed, directory: calls["rights"].append(allowed)
    )
    monkeypatch.setattr(syscalls, "restrict_by_landlock", lambda ruleset: calls["restricted"].append(ruleset))
    return calls


@pytest.mark.parametrize(
    ("abi", "size", "handled_bits"),
    [(1, 8, 13), (2, 8, 14), (3, 8, 15), (4, 16, 15), (5, 16, 16), (6, 24, 16), (9, 24, 16)],
)
def test_all_that_the_kernel_knows(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, list[object]], abi: int, size: int, handled_bits: int
) -> None:
    monkeypatch.setattr(syscalls, "landlock_abi", lambda: abi)
    landlock.restrict(())
    [attributes] = asked["rulesets"]
    assert isinstance(attributes, bytes)
    assert len(attributes) == size
    handled = struct.unpack_from("=Q", attributes)[0]
    assert handled == (1 << handled_bits) - 1
    assert all(isinstance(allowed, int) and not allowed & ~handled for allowed in asked["rights"])
    assert len(asked["restricted"]) == 1
    if abi >= 6:
        assert struct.unpack_from("=QQQ", attributes)[2] & ABSTRACT_SOCKETS


def test_a_kernel_without(monkeypatch: pytest.MonkeyPatch, asked: dict[str, list[object]]) -> None:
    monkeypatch.setattr(syscalls, "landlock_abi", lambda: 0)
    landlock.restrict(())
    assert not asked["restricted"]


def test_nothing_may_make_devices(monkeypatch: pytest.MonkeyPatch, asked: dict[str, list[object]]) -> None:
    monkeypatch.setattr(syscalls, "landlock_abi", lambda: 6)
    landlock.restrict(())
    assert not any(isinstance(allowed, int) and allowed & landlock.DEVICES for allowed in asked["rights"])


@pytest.mark.parametrize(
    ("number", "is_absence"), [(errno.ENOSYS, True), (errno.EOPNOTSUPP, True), (errno.EMFILE, False)]
)
def test_only_what_is_not_there_counts_as_none(monkeypatch: pytest.MonkeyPatch, number: int, is_absence: bool) -> None:
    """Any other error is ours; no jail goes without its fence for it."""

    def fail(*_arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(syscalls, "_call", fail)
    with nullcontext() if is_absence else pytest.raises(OSError, match="Too many"):
        assert syscalls.landlock_abi() == 0
