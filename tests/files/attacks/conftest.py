"""What lies outside of the home, and must neither be seen nor changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

SECRET = b"what nobody may see"


@pytest.fixture
def outside(home, tmp_path) -> Iterator[Path]:
    """A folder beside the homes, and another's home. Both are looked at afterwards."""
    folder = tmp_path / "outside"
    other = home.parent / "classmate"
    for place in (folder, other):
        place.mkdir()
        (place / "secret").write_bytes(SECRET)
        (place / "deep").mkdir()
    yield folder
    for place in (folder, other):
        assert sorted(path.name for path in place.iterdir()) == ["deep", "secret"]
        assert (place / "secret").read_bytes() == SECRET
        assert not list((place / "deep").iterdir())
