"""What a page says where its program could not be started for want of room."""

from __future__ import annotations

import pytest

OVER = {
    "kind": "over_budget",
    "text": "x",
    "retry_after_seconds": 10,
    "ahead": 0,
    "what": "memory",
    "used": 2040109466,
    "most": 2147483648,
}
SHORT = {"kind": "machine_short", "text": "x", "retry_after_seconds": 5, "ahead": 3}


def test_the_owner_is_told_what_uses_their_memory(run, anybody, home, supervisor) -> None:
    supervisor.answer = OVER
    home.publish()
    seen, public = run("print('x')"), anybody.ask("/~student/program.py")
    for reply in (seen, public):
        assert (reply.status, reply["Retry-After"]) == (503, "10")
        assert "use all that they may right now" in reply.text
    assert "Your programs use 1.9 of 2 GB of memory. End one of them." in seen.text
    assert "1.9" not in public.text


def test_processes(run, supervisor) -> None:
    supervisor.answer = OVER | {"what": "processes", "used": 256, "most": 256}
    assert "Your programs are 256 of at most 256 processes. End one of them." in run("print('x')").text


def test_a_short_machine_says_who_waits_and_asks_again(run, anybody, home, supervisor) -> None:
    supervisor.answer = SHORT
    home.publish()
    for reply in (run("print('x')"), anybody.ask("/~student/program.py")):
        assert (reply.status, reply["Refresh"]) == (503, "5")
        assert "3 people wait before you" in reply.text


def test_the_next_one_is_told_so(run, supervisor) -> None:
    supervisor.answer = SHORT | {"ahead": 0}
    assert "Yours is the next program to start" in run("print('x')").text


def test_what_was_sent_is_not_sent_again(anybody, home, supervisor) -> None:
    supervisor.answer = SHORT
    home.write("program.py", "print('x')")
    home.publish()
    reply = anybody.ask("/~student/program.py", method="POST", body=b"a=1")
    assert (reply.status, reply["Refresh"]) == (503, None)


@pytest.mark.parametrize(
    ("seconds", "waiting", "expected"),
    [
        (1, 0, "Many programs are running right now. Try again in a second."),
        (9, 512, "Many programs are running right now, and 512 wait for their turn. Try again in 9 seconds."),
        (2, 1, "Many programs are running right now, and 1 waits for its turn. Try again in 2 seconds."),
    ],
)
def test_a_full_queue_says_how_many_wait(run, supervisor, seconds: int, waiting: int, expected: str) -> None:
    supervisor.answer = {"kind": "busy", "text": "x", "retry_after_seconds": seconds, "ahead": waiting}
    reply = run("print('x')")
    assert (reply.status, reply["Retry-After"]) == (503, str(seconds))
    assert expected in reply.text
