"""Programs in environments with a name: started when first wanted, replaced while others run, gone with them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import nurseries, packages
from sandbox.environments import STANDARD, Environments
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused
from sandbox.generations import Generations, alone
from sandbox.installing import Installer
from sandbox.nurseries import IPYTHON, PYTHON, Nurseries
from sandbox.renewing import renew
from tests.sandbox.console import Console, pages
from tests.sandbox.installation import is_alive
from tests.sandbox.jail import LONG, Jail, until
from tests.sandbox.wheels import write_wheel

SPEED = "import snails\nprint(snails.SPEED)\n"
WAITS = """
import snails
print("up", flush=True)
input()
import slugs
print(snails.SPEED, slugs.SPEED)
"""


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `science` has snails and slugs of speed 1."""
    folder = tmp_path_factory.mktemp("environments")
    runtimes = folder / "runtimes"
    Installer(Environments(runtimes, None), lambda _sentence: None).add("science", sys.executable)
    put(runtimes, "1")
    return runtimes


@pytest.fixture
def jail(start: Callable[..., Jail], runtimes: Path) -> Iterator[Jail]:
    yield start(runtimes=str(runtimes), spares=2, has_consoles=True)
    while pages:
        pages.pop().close()


def put(runtimes: Path, speed: str, extra: dict[str, str] | None = None) -> Path:
    """Without a trial in a jail: what this makes may be broken."""
    with alone(runtimes):
        generations = Generations(runtimes / "science")
        made = generations.copy(generations.current)
        shelf = runtimes.parent / f"shelf-{made.name}"
        for name in ("snails", "slugs"):
            write_wheel(shelf, name, f"{made.name}.0", {f"{name}.py": f"SPEED = {speed}\n", **(extra or {})})
        packages.install(made, ["snails", "slugs"], shelf, upgrade=True)
        generations.switch(made)
    return made


def zygotes(jail: Jail) -> dict[str, dict[str, int | None]]:
    found: dict[str, dict[str, int | None]] = jail.installation.status()["environments"]
    return found


def tell(jail: Jail, environment: str = "science") -> None:
    asyncio.run(renew(jail.installation.socket, environment))


def test_one_is_started_when_it_is_first_wanted(jail: Jail) -> None:
    assert list(zygotes(jail)) == [STANDARD]
    assert jail.run(SPEED, environment="science").text == "1\n"
    assert zygotes(jail)["science"][PYTHON]
    assert b"No module named 'snails'" in jail.run(SPEED).stderr


def test_a_console_in_one(jail: Jail) -> None:
    async def use() -> bytes:
        console = Console(jail)
        await console.open(SPEED, environment="science")
        page = await console.attach()
        return await page.until_output(b"1")

    assert b"1" in asyncio.run(use())


def test_what_there_is_not_is_refused(jail: Jail) -> None:
    for name in ("art", "..", "../science", "", "a\n"):
        with pytest.raises(SandboxRefused):
            jail.run(SPEED, environment=name)
    with pytest.raises(SandboxRefused):
        asyncio.run(Console(jail).open(SPEED, environment="art"))
    assert jail.run("print('fine')").text == "fine\n"


def test_who_runs_keeps_what_it_began_with(jail: Jail, runtimes: Path) -> None:
    """Also what it imports later, however often the environment is changed. What was goes when the last has ended."""
    before = put(runtimes, "1")
    tell(jail)
    waiting = jail.begin(WAITS, limits=LONG, environment="science")
    waiting.wait_for(b"up")
    for speed in "234":
        put(runtimes, speed)
        tell(jail)
        assert jail.run(SPEED, name="other.py", environment="science").text == f"{speed}\n"
    assert before.exists()
    waiting.send(b"\n")
    assert waiting.result().text == "up\n1 1\n"

    def swept() -> bool:
        with alone(runtimes):
            return not before.exists()

    until(swept, "swept away")


def test_nobody_is_refused_while_one_is_replaced(jail: Jail, runtimes: Path) -> None:
    jail.run(SPEED, environment="science")
    put(runtimes, "7")

    async def both() -> None:
        telling = asyncio.create_task(renew(jail.installation.socket, "science"))
        while not telling.done():
            await asyncio.to_thread(jail.run, SPEED, environment="science")
        await telling

    asyncio.run(both())
    assert jail.run(SPEED, environment="science").text == "7\n"


def test_one_that_takes_interpreters_down_takes_no_console_down(jail: Jail, runtimes: Path) -> None:
    """It got past the trial, say: on this machine it crashes. The earlier state goes on, also after its zygote died."""
    put(runtimes, "5")
    tell(jail)
    waiting = jail.begin(WAITS, limits=LONG, environment="science")
    waiting.wait_for(b"up")
    put(runtimes, "6", {"killer.pth": "import os; os._exit(9)\n"})
    with pytest.raises(SandboxError, match="cannot be started"):
        tell(jail)
    assert jail.run(SPEED, name="other.py", environment="science").text == "5\n"
    waiting.send(b"\n")
    assert waiting.result().text == "up\n5 5\n"
    zygote = zygotes(jail)["science"][PYTHON]
    assert zygote
    os.kill(zygote, signal.SIGKILL)
    until(lambda: zygotes(jail)["science"][PYTHON] not in (None, zygote), "another zygote")
    assert jail.run(SPEED, environment="science").text == "5\n"
    with alone(runtimes):
        generations = Generations(runtimes / "science")
        generations.switch(Path(runtimes / "science" / "previous").resolve())


def test_one_that_is_taken_away(jail: Jail, runtimes: Path) -> None:
    """Who runs in it goes on; nobody else begins."""
    waiting = jail.begin(WAITS, limits=LONG, environment="science")
    waiting.wait_for(b"up")
    zygote = zygotes(jail)["science"][PYTHON]
    assert zygote
    current = (runtimes / "science" / "current").readlink()
    (runtimes / "science" / "current").unlink()
    try:
        tell(jail)
        with pytest.raises(SandboxRefused, match="there is no environment"):
            jail.run(SPEED, environment="science")
        waiting.send(b"\n")
        assert waiting.result().outcome.exit_status == 0
        until(lambda: not is_alive(zygote), "ended with the last of its jails")
    finally:
        (runtimes / "science" / "current").symlink_to(current)


def test_the_standard_one_is_replaced_too(start: Callable[..., Jail], tmp_path: Path) -> None:
    jail = start(runtimes=str(tmp_path / "runtimes"))
    assert b"No module named 'snails'" in jail.run(SPEED).stderr
    installer = Installer(Environments(tmp_path / "runtimes", None), lambda _sentence: None)
    with alone(tmp_path / "runtimes"):
        generations = Generations(tmp_path / "runtimes" / STANDARD)
        made = generations.copy(None)
        packages.make(made, sys.executable)
        write_wheel(tmp_path / "shelf", "snails", "1.0", {"snails.py": "SPEED = 9\n"})
        packages.install(made, ["snails"], tmp_path / "shelf", upgrade=False)
        generations.switch(made)
    tell(jail, STANDARD)
    assert jail.run(SPEED).text == "9\n"
    installer.remove(STANDARD)
    tell(jail, STANDARD)
    assert b"No module named 'snails'" in jail.run(SPEED).stderr


class FakeNursery:
    def __init__(self, environment: str, kind: str) -> None:
        self.is_idle = True
        self.closed = False
        self.fault: SandboxError | None = None

    def start_zygote(self) -> None:
        pass

    async def renew(self) -> None:
        if self.fault:
            raise self.fault

    def close(self) -> None:
        self.closed = True


@pytest.fixture
async def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nurseries:
    monkeypatch.setattr(nurseries, "NAMED_MAX", 2)
    for name in "abc":
        generations = Generations(tmp_path / name)
        made = generations.copy(None)
        made.mkdir()
        generations.switch(made)
    made_of: Callable[..., object] = FakeNursery
    return Nurseries(Environments(tmp_path, None), made_of, has_consoles=False)  # type: ignore[arg-type]


async def test_so_many_and_the_one_unused_for_longest_goes(many: Nurseries) -> None:
    first = many.get("a")
    many.get("b")
    many.get("a")
    second = many.get("b")
    first_used, second_used = many.used["a"], many.used["b"]
    assert first_used <= second_used
    many.get("c")
    assert list(many.by_name) == [STANDARD, "b", "c"]
    assert first.closed  # type: ignore[attr-defined]
    assert not second.closed  # type: ignore[attr-defined]


async def test_so_many_and_all_in_use(many: Nurseries) -> None:
    for name in "ab":
        many.get(name).is_idle = False  # type: ignore[misc]
    with pytest.raises(SandboxBusy, match="which is the most there may be"):
        many.get("c")


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ([PYTHON], "Python does not start in it, so .* for that, and what is now for IPython: it crashes"),
        ([IPYTHON], "IPython does not start in it, so .* for that, and what is now for Python: it crashes"),
        ([PYTHON, IPYTHON], "nothing starts in it, so what was before is still used: it crashes"),
    ],
)
async def test_what_is_not_renewed_is_told_exactly(many: Nurseries, failing: list[str], said: str) -> None:
    kinds = {kind: FakeNursery("a", kind) for kind in (PYTHON, IPYTHON)}
    many.by_name["a"] = kinds  # type: ignore[assignment]
    many.has_package = lambda _environment, _name: True  # type: ignore[method-assign]
    for kind in failing:
        kinds[kind].fault = SandboxError("it crashes")
    with pytest.raises(SandboxError, match=said):
        await many.renew("a")


async def test_what_nobody_wanted_for_long_goes_where_nobody_runs_in_it(
    many: Nurseries, monkeypatch: pytest.MonkeyPatch
) -> None:
    many.get("a").is_idle = False  # type: ignore[misc]
    many.get("b")
    many.sweep()
    assert list(many.by_name) == [STANDARD, "a", "b"]
    monkeypatch.setattr(nurseries, "UNUSED_SECONDS", -1.0)
    many.sweep()
    assert list(many.by_name) == [STANDARD, "a"]
    many.close()
