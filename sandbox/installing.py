"""Makes, changes and takes away environments with a name. For whoever administers: `manage.py runtime`.

Every change goes the same way: a copy, the change in the copy, a trial of the copy in a jail, and only then a link that
is renamed. Whatever goes wrong before that leaves the environment as it was.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox import packages
from sandbox.environments import STANDARD, Environments, is_environment_name
from sandbox.generations import AnotherAtWork, Generations, alone
from sandbox.packages import NotInstalled, installed, plain
from sandbox.proving import Proof, prove
from sandbox.runtime import RuntimeMissing, find_runtime


class NotChanged(Exception):
    """The environment is as it was. Its text is for the administrator: what happened, why, what now."""


@dataclass(frozen=True)
class Changed:
    added: dict[str, str]  # versions by names
    removed: dict[str, str]
    proof: Proof


@dataclass(frozen=True)
class Installer:
    environments: Environments
    tells: Callable[[str], None]  # a sentence for each step

    def add(self, name: str, python: str = "") -> Changed:
        """A copy of the standard one, or an empty one of another Python. Raises NotChanged."""
        place = self.place_of(name)
        if name == STANDARD or self.environments.has(name):
            raise NotChanged(f"There is an environment {name} already.")
        return self.change(place, None if python else self.state_of(STANDARD), lambda made: make(made, python), [])

    def install(
        self, name: str, wanted: Sequence[str], find_links: Path | None, *, upgrade: bool, anyway: bool
    ) -> Changed:
        """Raises NotChanged."""
        refuse_strange(wanted)

        def put_in(made: Path) -> None:
            packages.install(made, wanted, find_links, upgrade=upgrade)

        return self.change(self.place_of(name), self.state_of(name), put_in, wanted, anyway=anyway)

    def uninstall(self, name: str, wanted: Sequence[str], *, anyway: bool) -> Changed:
        """Raises NotChanged."""
        refuse_strange(wanted)

        def take_out(made: Path) -> None:
            packages.uninstall(made, wanted, whole=not anyway)

        return self.change(self.place_of(name), self.state_of(name), take_out, [], anyway=anyway)

    def remove(self, name: str) -> None:
        """Of the standard one: all changes to it. Raises NotChanged."""
        place = self.place_of(name)
        with self.alone():
            if not place.exists():
                raise NotChanged(
                    "The standard environment is as it was installed." if name == STANDARD else there_is_no(name)
                )
            Generations(place).drop()

    def back(self, name: str) -> Changed:
        """What it was before its last change; once more, and it is as it is now. Raises NotChanged."""
        generations = Generations(self.place_of(name))
        with self.changing():
            current, previous = generations.current, generations.previous
            if current is None or previous is None or previous == current:
                self.state_of(name)
                way_out = " To undo all changes: manage.py runtime remove standard" if name == STANDARD else ""
                raise NotChanged(f"Nothing is kept of what {name} was before.{way_out if current else ''}")
            changed = self.tried(current, previous, [], anyway=True)
            generations.swap(previous, current)
            return changed

    def check(self, name: str) -> Proof:
        """Raises NotChanged where there is none."""
        state = self.state_of(name)
        try:
            return prove(state, list(installed(state)))
        except RuntimeMissing as fault:
            raise NotChanged(f"Nothing can run in it: {fault}") from None

    def change(
        self,
        place: Path,
        source: Path | None,
        doing: Callable[[Path], None],
        wanted: Sequence[str],
        *,
        anyway: bool = False,
    ) -> Changed:
        """Raises NotChanged."""
        generations = Generations(place)
        with self.changing():
            self.tells("Making a copy ..." if source else "Making an environment ...")
            made = generations.copy(source)
            doing(made)
            changed = self.tried(source, made, wanted, anyway=anyway)
            generations.switch(made)
            return changed

    def tried(self, source: Path | None, made: Path, wanted: Sequence[str], *, anyway: bool) -> Changed:
        before, after = installed(source) if source else {}, installed(made)
        added = {name: version for name, version in after.items() if before.get(name) != version}
        removed = {name: version for name, version in before.items() if name not in after}
        asked = {plain(name) for name in wanted}
        tried = sorted({*added, *(name for name in after if plain(name) in asked)}) if source else []
        self.tells("Trying it in a jail ...")
        proof = prove(made, tried)
        if proof.fault:
            raise NotChanged(f"Nothing has changed: nothing can run in the new environment.\n{proof.fault}")
        if proof.broken and not anyway:
            lines = "\n".join(f"  {module}: {fault}" for module, fault in proof.broken.items())
            raise NotChanged(
                f"Nothing has changed: in a jail, what is new cannot be imported.\n{lines}\n"
                "If that is as it should be, say so: --anyway."
            )
        return Changed(added, removed, proof)

    def place_of(self, name: str) -> Path:
        place = self.environments.place(name)
        if place is None:
            wanted = "at most 32 of a-z, 0-9, - and _, a letter first"
            raise NotChanged(f"{name[:64]!r} cannot be the name of an environment. Wanted: {wanted}.")
        return place

    def state_of(self, name: str) -> Path:
        states = self.environments.states(name)
        if not states:
            raise NotChanged(there_is_no(name) if is_environment_name(name) and name != STANDARD else NO_STANDARD)
        return states[0]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Alone, and what goes wrong is said in words."""
        try:
            with self.alone():
                yield
        except NotInstalled as fault:
            raise NotChanged(f"Nothing has changed: {fault}") from None
        except (OSError, shutil.Error, RuntimeMissing) as fault:
            raise NotChanged(f"Nothing has changed: {why(fault)}") from fault

    @contextmanager
    def alone(self) -> Iterator[None]:
        if self.environments.folder is None:
            raise NotChanged("There is no folder for environments.")
        try:
            with alone(self.environments.folder):
                yield
        except AnotherAtWork:
            raise NotChanged("Another command changes environments at the moment. Wait until it is done.") from None


def make(folder: Path, python: str) -> None:
    if python:
        packages.make(folder, python)
    find_runtime(folder)


def refuse_strange(wanted: Sequence[str]) -> None:
    try:
        packages.refuse_strange(wanted)
    except NotInstalled as fault:
        raise NotChanged(str(fault)) from None


def there_is_no(name: str) -> str:
    return f"There is no environment {name}. To make it: manage.py runtime add {name}"


def why(fault: Exception) -> str:
    """`shutil.Error` has a list of (from, to, why) and no errno."""
    told = [str(entry[2]) for entry in fault.args[0]] if isinstance(fault, shutil.Error) else [str(fault)]
    full = getattr(fault, "errno", 0) == errno.ENOSPC or any("No space left" in text for text in told)
    if full:
        return "the disk is full. An environment needs as much room again while it is changed."
    return told[0] if told else str(fault)


NO_STANDARD = "There is no Python environment for students. To make it: make run"
