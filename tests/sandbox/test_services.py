"""Services, such as language servers: beside the programs, never in their place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.faults import SandboxBusy
from sandbox.job import Job
from sandbox.limits import LANGUAGE
from sandbox.outcome import Ended
from tests.sandbox.jail import WAIT, Jail, Running, until


def serve(jail: Jail, code: str = WAIT) -> Running:
    jail.write("service.py", code)
    path = f"{jail.home_inside}/service.py"
    job = Job(owner=jail.owner, argv=(path,), directory=jail.home_inside, limits=LANGUAGE, is_service=True)
    return Running(jail.loop, jail.installation, job, None, None)


def up(jail: Jail) -> Running:
    running = serve(jail)
    running.wait_for(b"up")
    return running


def end(running: Running) -> None:
    running.stop()
    assert running.result().outcome.ended is Ended.KILLED


def test_it_takes_no_turn_of_a_program(start: Callable[..., Jail]) -> None:
    jail = start(most_running=1, most_waiting=0)
    running = up(jail)
    assert jail.run("print('ran')").text == "ran\n"
    status = jail.installation.status()
    assert (status["running"], status["services"]) == (0, 1)
    end(running)


def test_it_takes_no_jail_that_is_kept_for_programs(start: Callable[..., Jail]) -> None:
    """Nor are those made anew with its limits."""
    jail = start(spares=2)
    until(lambda: jail.installation.status()["spares"] == 2, "two spares")
    forks = jail.installation.status()["forks"]
    running = up(jail)
    status = jail.installation.status()
    assert (status["spares"], status["forks"]) == (2, forks + 1)
    end(running)


def test_one_too_many_of_an_owner(start: Callable[..., Jail]) -> None:
    """It is told at once, others are not, and an end makes room."""
    jail = start(most_services_of_owner=1)
    first = up(jail)
    with pytest.raises(SandboxBusy):
        serve(jail).result()
    end(up(jail.beside()))
    end(first)
    end(up(jail))


def test_one_too_many_of_all(start: Callable[..., Jail]) -> None:
    jail = start(most_services=1)
    first = up(jail)
    with pytest.raises(SandboxBusy):
        serve(jail.beside()).result()
    end(first)


def test_it_ends_with_its_caller(start: Callable[..., Jail]) -> None:
    jail = start(spares=0)
    running = up(jail)
    assert jail.installation.processes()
    running.future.cancel()
    running.run.close()
    until(lambda: not jail.installation.processes(), "all dead")
    assert jail.installation.status()["services"] == 0
    running.close()


def test_a_program_may_not_wait_in_a_services_place(start: Callable[..., Jail]) -> None:
    """The two are counted apart, also when they are full."""
    jail = start(most_running=1, most_running_of_owner=1, most_waiting=0, most_services=1)
    service, program = up(jail), jail.begin(WAIT)
    program.wait_for(b"up")
    with pytest.raises(SandboxBusy):
        jail.run("print(1)")
    program.send(b"\n")
    assert program.result().text == "up\nlived\n"
    assert jail.run("print(1)").text == "1\n"
    end(service)
