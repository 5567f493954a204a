"""Folders whose names may be read and nothing more, as after `chmod -R 644`: their owner's other files stay in reach."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from files import folders, listing, tree
from files.faults import Closed
from files.opener import open_home

NOBODY = pwd.getpwnam("nobody")


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may enter anywhere; the site seldom is root."""
    if os.getuid():
        yield
        return
    os.setegid(NOBODY.pw_gid)
    os.seteuid(NOBODY.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def names_only(home) -> Iterator[int]:
    """A home with such a folder in it."""
    folder = home / "project"
    folder.mkdir()
    (folder / "a.py").write_text("1")
    (home / "b.py").write_text("22")
    if os.getuid() == 0:
        for place in (folder / "a.py", home / "b.py", folder, home):
            os.chown(place, NOBODY.pw_uid, NOBODY.pw_gid)
    folder.chmod(0o644)
    opened = open_home(home.parent, "student")
    yield opened
    os.close(opened)
    folder.chmod(0o755)


def test_it_is_counted_without_what_is_in_it(names_only) -> None:
    with without_privileges():
        amount = tree.measure(names_only, b".", 1000)
    assert amount.size_bytes == tree.FOLDER_BYTES + 2


def test_it_says_that_it_is_closed(names_only) -> None:
    with without_privileges():
        with pytest.raises(Closed):
            listing.list_folder(names_only, (b"project",))
        with pytest.raises(Closed):
            folders.rename(names_only, (b"project", b"a.py"), b"c.py")
        assert [entry.name for entry in listing.list_folder(names_only, ()).entries] == [b"b.py", b"project"]
