"""Hard links, and bits that make a program run as somebody else."""

from __future__ import annotations

import os
import stat

DANGEROUS = stat.S_ISUID | stat.S_ISGID


def test_saving_does_not_write_through_a_hard_link(script, home) -> None:
    """The other name keeps what it had: a file is replaced, never written into."""
    (home / "a").write_text("old")
    os.link(home / "a", home / "b")
    script.put("a", b"new")
    assert ((home / "a").read_text(), (home / "b").read_text()) == ("new", "old")


def test_hard_links_count_once(script, home) -> None:
    (home / "a").write_bytes(b"x" * 1000)
    for number in range(20):
        os.link(home / "a", home / f"{number}")
    assert script.get("/list").json()["quota"]["used_bytes"] == 1000


def test_but_a_copy_of_them_counts_for_each(script, home, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    (home / "a").mkdir()
    (home / "a" / "0").write_bytes(b"x" * 100_000)
    for number in range(1, 20):
        os.link(home / "a" / "0", home / "a" / f"{number}")
    assert script.post("/move", paths=["a"], to="", copy=True).json()["failed"]
    assert os.listdir(home) == ["a"]


def test_saving_takes_the_bits_away(script, home) -> None:
    (home / "a").write_text("x")
    (home / "a").chmod(0o6755)
    script.put("a", b"y")
    assert stat.S_IMODE((home / "a").stat().st_mode) == 0o755


def test_what_the_site_makes_has_none_in_a_folder_that_hands_its_group_on(script, home) -> None:
    home.chmod(0o2700)
    script.put("a", b"x")
    script.post("/folder", path="b")
    script.post("/move", paths=["a"], to="", copy=True)
    for name in ("a", "a (2)", "b"):
        assert not (home / name).stat().st_mode & DANGEROUS & ~(stat.S_ISGID if name == "b" else 0)
        assert (home / name).stat().st_mode & 0o077 == 0


def test_a_file_of_root_s_is_not_given_to_root(script, home) -> None:
    """What is replaced belongs to whom the home belongs to, whoever had it before."""
    if os.getuid() == 0:
        os.chown(home, 65533, 65533)
    (home / "a").write_text("x")
    script.put("a", b"y")
    assert (home / "a").stat().st_uid == home.stat().st_uid
