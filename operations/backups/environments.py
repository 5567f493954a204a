"""What is installed in the students' Pythons, as a text in each backup. They themselves are made anew: they are large,
and bound to where they lie and to the Python they were made of."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from django.conf import settings

from sandbox.environments import Environments

NAME = "environments.txt"


def as_text() -> bytes:
    """A line for each: its name, and what `manage.py runtime install` takes."""
    environments = Environments(settings.IVLE_RUNTIMES, settings.IVLE_RUNTIME)
    lines = [
        f"{name}: {' '.join(packages_of(state))}\n"
        for name in environments.names()
        for state in environments.states(name)[:1]
    ]
    return "".join(lines).encode()


def packages_of(environment: Path) -> list[str]:
    """Nothing for one that cannot be read: a backup does not fail for it."""
    folders = [str(folder) for folder in environment.glob("lib/python3*/site-packages")]
    try:
        return sorted({f"{one.name}=={one.version}" for one in metadata.distributions(path=folders) if one.name})
    except (OSError, ValueError):
        return []
