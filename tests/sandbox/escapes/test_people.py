"""What nobody gets by having many programs, or by being elsewhere than they belong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from sandbox.faults import OverBudget
from sandbox.limits import MIB
from sandbox.outcome import Ended
from sandbox.standing import STUDENT
from tests.sandbox.jail import LONG, Jail, Running, until
from tests.sandbox.people import NO_GROUPS, persons_groups, tell, want_groups_of_people

GROW = """
    x = bytearray({size} << 20)
    print('up', flush=True)
    input()
    y = bytearray(80 << 20)
    print('grown', flush=True)
    input()
"""


@pytest.fixture
def poor(jail: Jail) -> Iterator[Jail]:
    """Somebody whose programs may have little together."""
    tell(jail, **{jail.owner: replace(STUDENT, memory_bytes=160 * MIB, processes=30)})
    yield jail
    tell(jail)


@contextmanager
def begun(jail: Jail, code: str, **options: Any) -> Iterator[Running]:
    """A program that is not left behind, whatever becomes of the test."""
    running = jail.begin(code, limits=LONG, **options)
    try:
        yield running
    finally:
        running.stop()
        running.result()


@pytest.mark.skips_in_ci(NO_GROUPS)
def test_cant_be_outside_the_group_of_its_owner(jail: Jail) -> None:
    """Whatever it forks, and however early: seen from the host."""
    want_groups_of_people(jail)
    code = """
        import os, signal
        for number in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    print('up', flush=True)
                signal.pause()
        input()
    """
    with begun(jail, code) as running:
        until(lambda: running.stdout.content.count(b"up") == 3, "all there")
        assert sorted(map(len, persons_groups(jail.installation).values()))[-1:] == [7]


def test_cant_keep_a_door_to_a_group(jail: Jail) -> None:
    """Nothing that is open takes a "0", but for its own streams."""
    code = """
        import os, toolbox
        taken = []
        for name in os.listdir('/proc/self/fd'):
            try:
                os.write(int(name), b'0')
                taken.append(int(name))
            except OSError:
                pass
        print()
        toolbox.tell(taken)
    """
    assert set(jail.ask(code)) <= {1, 2}


def test_cant_use_more_memory_by_many_programs(poor: Jail) -> None:
    """The largest goes, and tells why; the other goes on."""
    with begun(poor, GROW.format(size=20), name="small.py") as small:
        with begun(poor, GROW.format(size=60), name="large.py") as large:
            for running in (large, small):
                running.wait_for(b"up")
            large.send(b"\n")
            assert large.outcome().ended is Ended.BUDGET
        small.send(b"\n\n")
        assert small.outcome().ended is Ended.FINISHED


def test_cant_start_where_the_memory_of_its_owner_is_used_up(poor: Jail) -> None:
    with begun(poor, GROW.format(size=132), name="first.py") as running:
        running.wait_for(b"up")
        with pytest.raises(OverBudget, match="of memory; end one of them"):
            poor.run("pass")


def test_cant_have_more_processes_by_many_programs(poor: Jail) -> None:
    tell(poor, **{poor.owner: replace(STUDENT, processes=30)})  # memory enough, also where children's is counted twice
    code = """
        import os, signal
        for _ in range(19):
            if os.fork() == 0: signal.pause()
        print('up', flush=True)
        input()
    """
    with begun(poor, code, name="first.py") as first, begun(poor, code, name="second.py") as second:
        both = (first, second)
        until(lambda: any(one.future.done() for one in both), "one was stopped")
        assert [one.outcome().ended for one in both if one.future.done()] == [Ended.BUDGET]
