"""The sample course: tutorials and exercises that the demo class has, and that a lecturer may begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "sample_course"


def sample_files() -> dict[str, bytes]:
    """Its files by relative path, as an edition has them."""
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
