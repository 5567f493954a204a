"""Which environments there are, how one is changed in a copy, and what a command that was killed leaves behind."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from sandbox import generations
from sandbox.environments import STANDARD, Environments, is_environment_name
from sandbox.generations import AnotherAtWork, Generations, alone, hold


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runtimes"


def put(folder: Path, name: str, text: str) -> Path:
    """A state of this environment, which is the current one from now on."""
    generations = Generations(folder / name)
    made = generations.copy(generations.current)
    made.mkdir(exist_ok=True)
    (made / "said").write_text(text)
    generations.switch(made)
    return made


@pytest.mark.parametrize("name", ["science", "a", "py3-12_b", "x" * 32])
def test_what_can_be_a_name(name: str) -> None:
    assert is_environment_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "-r", "Science", "x" * 33, "a b", "a\n", "a\0", "é", "1", None, 3]
)
def test_what_cannot(name: object) -> None:
    assert not is_environment_name(name)


def test_no_name_leads_out_of_the_folder(folder: Path) -> None:
    put(folder, "science", "1")
    environments = Environments(folder / "science", None)
    assert environments.states("..") == []
    assert environments.states("../science") == []
    assert not environments.has("current/../..")


def test_the_standard_one_is_always_there(folder: Path) -> None:
    environments = Environments(folder, Path("/standard"))
    assert environments.names() == [STANDARD]
    assert environments.states(STANDARD) == [Path("/standard")]
    assert environments.has(STANDARD)


def test_a_changed_standard_one_comes_before_what_was_installed(folder: Path) -> None:
    made = put(folder, STANDARD, "1")
    environments = Environments(folder, Path("/standard"))
    assert environments.names() == [STANDARD]
    assert environments.states(STANDARD) == [made, Path("/standard")]


def test_the_state_before_stands_behind_the_current_one(folder: Path) -> None:
    first, second = put(folder, "science", "1"), put(folder, "science", "2")
    environments = Environments(folder)
    assert environments.names() == [STANDARD, "science"]
    assert environments.states("science") == [second, first]
    assert (first / "said").read_text() == "1"


def test_two_states_are_kept_and_no_more(folder: Path) -> None:
    first, second, third = (put(folder, "science", text) for text in "123")
    with alone(folder):
        pass
    assert not first.exists()
    assert second.exists()
    assert third.exists()


def test_the_way_back_and_forth_again_loses_neither(folder: Path) -> None:
    first, second = put(folder, "science", "1"), put(folder, "science", "2")
    generations = Generations(folder / "science")
    for states in ([first, second], [second, first]):
        with alone(folder):
            assert generations.current is not None
            assert generations.previous is not None
            generations.swap(generations.previous, generations.current)
        assert Environments(folder).states("science") == states


def test_the_good_state_outlives_a_way_back_that_is_broken_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = put(folder, "science", "1"), put(folder, "science", "2")
    with monkeypatch.context() as broken_off:
        broken_off.setattr(generations, "PREVIOUS", "nowhere/previous")
        with pytest.raises(OSError, match="nowhere"):
            Generations(folder / "science").swap(good, bad)
    with alone(folder):
        assert good.exists()
    assert Environments(folder).states("science") == [good]


def test_a_state_that_somebody_runs_on_stays_until_they_have_ended(folder: Path) -> None:
    first = put(folder, "science", "1")
    held = hold(first)
    put(folder, "science", "2")
    put(folder, "science", "3")
    with alone(folder):
        assert first.exists()
    os.close(held)
    with alone(folder):
        assert not first.exists()


def test_one_that_is_gone_leaves_what_somebody_runs_on(folder: Path) -> None:
    made = put(folder, "science", "1")
    held = hold(made)
    with alone(folder):
        Generations(folder / "science").drop()
    assert not Environments(folder).has("science")
    assert made.exists()
    os.close(held)
    with alone(folder):
        assert not (folder / "science").exists()


def test_a_state_that_is_being_taken_away_cannot_be_held(folder: Path) -> None:
    made = put(folder, "science", "1")
    taking = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(taking, fcntl.LOCK_EX)
    with pytest.raises(BlockingIOError):
        hold(made)
    os.close(taking)
    os.close(hold(made))


def test_what_a_killed_command_left_is_swept_by_the_next(folder: Path) -> None:
    """Killed while it copied: a state that no link leads to. And before its first state was done: no environment."""
    current = put(folder, "science", "1")
    half = Generations(folder / "science").copy(current)
    (folder / "science" / ".new").symlink_to("9")
    Generations(folder / "art").copy(current)
    assert Environments(folder).names() == [STANDARD, "science"]
    with alone(folder):
        assert not half.exists()
        assert not (folder / "art").exists()
    assert Environments(folder).states("science") == [current]


def test_two_commands_at_once_are_refused(folder: Path) -> None:
    with alone(folder), pytest.raises(AnotherAtWork), alone(folder):
        pass


def test_states_can_be_read_by_everybody(folder: Path) -> None:
    """`up` and administrators' shells have umasks that would shut students' programs out."""
    before = os.umask(0o077)
    try:
        with alone(folder):
            made = put(folder, "science", "1")
        assert made.stat().st_mode & 0o777 == 0o755
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
