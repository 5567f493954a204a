"""The second witness of CPU use: what the programs said of themselves before they were killed."""

from __future__ import annotations

import pytest

from bench.precision import witnessed_cpu_seconds
from sandbox.faults import SandboxError


def test_the_last_figure_of_each_process_counts() -> None:
    assert witnessed_cpu_seconds(b"2 0.100000\n3 0.200000\n2 0.300000\n") == pytest.approx(0.5)


def test_a_line_cut_by_the_kill_does_not_count() -> None:
    assert witnessed_cpu_seconds(b"2 0.100000\n2 0.9") == pytest.approx(0.1)


def test_silence_is_no_cpu() -> None:
    assert witnessed_cpu_seconds(b"") == 0


def test_a_traceback_is_no_figure() -> None:
    with pytest.raises(SandboxError, match="Traceback"):
        witnessed_cpu_seconds(b"Traceback (most recent call last):\n")
