"""A nursery for each environment and each way to begin in it. Made by supervisor.py, asked by it and by caller.py.

Those of the standard environment are there from the start; the others come when somebody first wants one, and go when
nobody has for a while: a warm interpreter takes 20 to 60 MB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sandbox.environments import STANDARD, Environments
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused
from sandbox.nursery import Nursery
from sandbox.runtime import RuntimeMissing, find_runtime

PYTHON, IPYTHON = "python", "ipython"
CALLED: Final = {PYTHON: "Python", IPYTHON: "IPython"}
MISSING: Final = {IPYTHON: "IPython is not installed in the students' Python here; use the plain prompt instead."}
NAMED_MAX: Final = 8  # environments in use at once, beside the standard one
UNUSED_SECONDS: Final = 1800.0
RETRY_SECONDS: Final = 60

Make = Callable[[str, str], Nursery]


class Nurseries:
    """`make` makes one, of an environment and a kind, which has no zygote yet."""

    def __init__(self, environments: Environments, make: Make, *, has_consoles: bool) -> None:
        self.environments = environments
        self.make = make
        self.has_consoles = has_consoles
        self.loop = asyncio.get_running_loop()
        self.standard = make(STANDARD, PYTHON)
        self.by_name: dict[str, dict[str, Nursery]] = {STANDARD: {PYTHON: self.standard}}
        self.used: dict[str, float] = {}  # when somebody wanted one of this environment
        self.sweeping: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Raises SandboxUnavailable, SandboxError."""
        await self.standard.open()
        if self.has_consoles and self.has_package(STANDARD, "IPython"):
            self.get(STANDARD, IPYTHON)  # nobody has to wait for it

    def get(self, environment: str, kind: str = PYTHON) -> Nursery:
        """Raises SandboxRefused for what there is not, SandboxBusy for one environment too many."""
        if environment != STANDARD:
            self.used[environment] = self.loop.time()
        nursery = self.by_name.get(environment, {}).get(kind)
        return nursery or self.begin(environment, kind)

    def begin(self, environment: str, kind: str) -> Nursery:
        if not self.environments.has(environment):
            self.used.pop(environment, None)
            raise SandboxRefused(f"there is no environment {environment[:64]!r} here")
        if kind not in (PYTHON, IPYTHON):
            raise SandboxRefused(f"there is no {kind[:64]!r} here")
        if kind in MISSING and not self.has_package(environment, "IPython"):
            raise SandboxRefused(MISSING[kind])
        if environment not in self.by_name:
            self.make_room()
        nursery = self.by_name.setdefault(environment, {})[kind] = self.make(environment, kind)
        nursery.start_zygote()
        if environment != STANDARD and self.sweeping is None:
            self.sweeping = self.loop.call_later(UNUSED_SECONDS / 10, self.sweep)
        return nursery

    def make_room(self) -> None:
        """For one environment more: the one that has not been wanted for longest goes. Raises SandboxBusy."""
        named = [name for name in self.by_name if name != STANDARD]
        if len(named) < NAMED_MAX:
            return
        idle = [name for name in named if self.is_idle(name)]
        if not idle:
            text = f"{NAMED_MAX} environments are in use on this machine, which is the most there may be at once."
            raise SandboxBusy(text, RETRY_SECONDS)
        self.end(min(idle, key=self.last_used))

    def last_used(self, environment: str) -> float:
        return self.used.get(environment, 0.0)

    def is_idle(self, environment: str) -> bool:
        return all(nursery.is_idle for nursery in self.by_name[environment].values())

    def sweep(self) -> None:
        """Those that nobody wanted for long, and nobody runs on."""
        self.sweeping = None
        latest = self.loop.time() - UNUSED_SECONDS
        for name in [name for name in self.by_name if name != STANDARD]:
            if self.last_used(name) < latest and self.is_idle(name):
                self.end(name)
        if len(self.by_name) > 1:
            self.sweeping = self.loop.call_later(UNUSED_SECONDS / 10, self.sweep)

    def end(self, environment: str) -> None:
        self.used.pop(environment, None)
        for nursery in self.by_name.pop(environment, {}).values():
            nursery.close()

    async def renew(self, environment: str) -> None:
        """It has been changed: what starts from now on starts in what it is now. Raises SandboxError where that does
        not start, and the earlier one goes on. Who runs on the earlier one goes on with it."""
        nurseries = self.by_name.get(environment)
        if nurseries is None:
            return
        if not self.environments.has(environment):
            for nursery in self.by_name.pop(environment).values():
                nursery.retire()
            return
        if IPYTHON in nurseries and not self.has_package(environment, "IPython"):
            nurseries.pop(IPYTHON).retire()
        kinds = list(nurseries)
        found = await asyncio.gather(*(nurseries[kind].renew() for kind in kinds), return_exceptions=True)
        faults = {kind: fault for kind, fault in zip(kinds, found, strict=True) if isinstance(fault, SandboxError)}
        if faults:
            raise SandboxError(not_renewed(faults, [kind for kind in kinds if kind not in faults]))
        if environment == STANDARD and self.has_consoles and self.has_package(STANDARD, "IPython"):
            self.get(STANDARD, IPYTHON)

    def has_package(self, environment: str, name: str) -> bool:
        states = self.environments.states(environment)
        try:
            packages = find_runtime(states[0] if states else None).packages
        except RuntimeMissing:
            return False
        return packages is not None and (packages / name).is_dir()

    def all(self) -> list[Nursery]:
        return [nursery for kinds in self.by_name.values() for nursery in kinds.values()]

    def close(self) -> None:
        if self.sweeping is not None:
            self.sweeping.cancel()
        for nursery in self.all():
            nursery.close()


def not_renewed(faults: dict[str, SandboxError], renewed: list[str]) -> str:
    """What is used from now on, for whoever changed the environment."""
    why = next(iter(faults.values()))
    if not renewed:
        return f"nothing starts in it, so what was before is still used: {why}"
    old, new = (" and ".join(CALLED[kind] for kind in kinds) for kinds in (faults, renewed))
    return f"{old} does not start in it, so what was before is still used for that, and what is now for {new}: {why}"
