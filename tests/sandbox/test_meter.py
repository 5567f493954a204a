"""How much CPU, and when to look again."""

from __future__ import annotations

import os
import struct
import time
from dataclasses import dataclass

import pytest

from sandbox import meter
from sandbox.meter import CORES, FINEST_SECONDS, CgroupMeter, PerfMeter, SamplingMeter, seconds_until_reading


@dataclass
class FakeGroup:
    seconds: float

    def cpu_seconds(self) -> float:
        return self.seconds


def test_a_group_counts_from_its_start() -> None:
    group = FakeGroup(5.0)
    counting = CgroupMeter(group)  # type: ignore[arg-type]
    counting.start()
    assert counting.cpu_seconds() == 0
    group.seconds = 5.5
    assert counting.cpu_seconds() == pytest.approx(0.5)


def test_a_counter_counts_from_its_start() -> None:
    reading, writing = os.pipe()
    counting = PerfMeter(reading)
    os.write(writing, struct.pack("=QQ", 2_000_000_000, 2_500_000_000))
    counting.start()
    assert counting.cpu_seconds() == pytest.approx(0.5)
    counting.close()
    os.close(writing)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(reading)


@pytest.mark.parametrize(
    ("remaining", "pause", "wanted"),
    [
        (1.0, float("inf"), 1.0 / CORES),
        (60.0, 0.02, 0.02),
        (0.0001, float("inf"), FINEST_SECONDS),
        (0.0, 0.02, FINEST_SECONDS),
    ],
)
def test_when_to_look_again(remaining: float, pause: float, wanted: float) -> None:
    """Not before every core together could have used up what is left, nor later than the meter bears."""
    assert seconds_until_reading(remaining, pause) == pytest.approx(wanted)


def test_sampling_adds_up_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line: pid, own seconds, seconds of the children it waited for."""
    seen: list[list[tuple[int, float, float]]] = [
        [(1, 0.1, 0.0)],
        [(1, 0.1, 0.0), (2, 0.5, 0.0)],
        [(1, 0.1, 0.5)],  # 2 has ended and was waited for
        [(1, 0.1, 0.5), (3, 0.2, 0.0)],
        [(1, 0.1, 0.5)],  # 3 has ended and nobody waited
    ]
    monkeypatch.setattr(meter, "tree_cpu_seconds", lambda pid: seen.pop(0))
    counting = SamplingMeter([1])
    counting.start()
    assert [pytest.approx(counting.cpu_seconds()) for _ in range(4)] == [0.5, 0.5, 0.7, 0.7]


def test_sampling_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[tuple[int, float, float]]] = [[(1, 0.0, 0.0)], [(1, 1.0, 0.0)], []]
    monkeypatch.setattr(meter, "tree_cpu_seconds", lambda pid: seen.pop(0))
    counting = SamplingMeter([1])
    counting.start()
    assert counting.cpu_seconds() == pytest.approx(1.0)
    assert counting.cpu_seconds() == pytest.approx(1.0)


def test_a_tree_is_walked() -> None:
    """A child of this process, and its child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            end = time.process_time() + 0.05
            while time.process_time() < end:
                pass
            os.write(writing, b"!")
        os.read(os.pipe()[0], 1)
    os.read(reading, 1)
    found = meter.tree_cpu_seconds([child])
    grandchild = found[1][0]
    os.kill(grandchild, 9)
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    assert [pid for pid, _, _ in found] == [child, grandchild]
    assert found[1][1] >= 0.04


def test_a_tree_that_is_gone() -> None:
    assert meter.tree_cpu_seconds([999_999_999]) == []
