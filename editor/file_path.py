"""The path of a file, as the editor's page and its API say it. For api.py and language.py."""

from __future__ import annotations

from files.paths import BadPath, from_text


def parts_of(path: str) -> tuple[bytes, ...]:
    """Raises BadPath, also for the home and for what ends as a folder does."""
    parts = from_text(path)
    if not parts or path.endswith("/"):
        raise BadPath("a folder")
    return parts


def is_python(parts: tuple[bytes, ...]) -> bool:
    return parts[-1].endswith(b".py")
