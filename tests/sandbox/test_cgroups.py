"""Control groups, on a tree of ordinary files: what is found, what is written, what is read, what is cleared away."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from sandbox import cgroups
from sandbox.cgroups import Cgroups, JailGroup, find_cgroups
from sandbox.limits import CGI
from sandbox.shares import ByJail, ByPerson, ByPriority, choose_sharing


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Where this process is, by controller; the tests fill it."""
    groups: dict[str, str] = {}
    monkeypatch.setattr(cgroups, "own_groups", lambda: groups)
    return groups


def version1(root: Path, own: dict[str, str], *controllers: str, place: str = "/service") -> None:
    for controller in controllers:
        (root / controller / place.lstrip("/")).mkdir(parents=True)
        own[controller] = place


def version2(root: Path, own: dict[str, str], place: str = "/") -> Path:
    group = root / place.lstrip("/")
    group.mkdir(parents=True, exist_ok=True)
    (root / "cgroup.controllers").write_text("cpu memory pids")
    for name in ("cgroup.procs", "cgroup.subtree_control"):
        (group / name).write_text("")
    own[""] = place
    return group


def test_none(tmp_path: Path, own: dict[str, str]) -> None:
    found = find_cgroups(tmp_path)
    assert not found.counts_cpu
    assert not found.counts_memory
    assert not found.counts_processes


def test_version_1(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "cpuacct", "memory", "pids")
    found = find_cgroups(tmp_path)
    assert (found.counts_cpu, found.counts_memory, found.counts_processes) == (True, True, True)
    assert found.version1["memory"] == tmp_path / "memory" / "service" / f"ivle-{os.getpid()}"


def test_version_1_in_part(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "pids")
    found = find_cgroups(tmp_path)
    assert (found.counts_cpu, found.counts_memory, found.counts_processes) == (False, False, True)


def test_what_an_earlier_supervisor_of_our_number_left(tmp_path: Path, own: dict[str, str]) -> None:
    """In a container a supervisor may have the same pid each time; it must not go without limits for that."""
    version1(tmp_path, own, "cpuacct", "memory", "pids")
    for controller in ("cpuacct", "memory", "pids"):
        (tmp_path / controller / "service" / f"ivle-{os.getpid()}" / "jail-3").mkdir(parents=True)
    found = find_cgroups(tmp_path)
    assert (found.counts_cpu, found.counts_memory, found.counts_processes) == (True, True, True)


def test_what_an_earlier_supervisor_left_is_removed(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "memory")
    dead, alive = tmp_path / "memory" / "service" / "ivle-999999999", tmp_path / "memory" / "service" / "ivle-1"
    (dead / "jail-1").mkdir(parents=True)
    (alive / "jail-1").mkdir(parents=True)
    find_cgroups(tmp_path)
    assert not dead.exists()
    assert (alive / "jail-1").exists()


def test_a_group_that_is_not_ours_to_change(tmp_path: Path, own: dict[str, str]) -> None:
    """Nothing is found, nothing is raised."""
    (tmp_path / "memory").mkdir()
    own["memory"] = "/no/such/place"
    assert not find_cgroups(tmp_path).counts_memory


def test_version_2(tmp_path: Path, own: dict[str, str]) -> None:
    version2(tmp_path, own)
    found = find_cgroups(tmp_path)
    assert found.version2 == tmp_path / f"ivle-{os.getpid()}"
    assert found.counts_cpu


@pytest.mark.parametrize(
    ("line", "controllers", "place"),
    [
        ("4:cpu,cpuacct:/a/b", ("cpu", "cpuacct"), "/a/b"),
        ("0::/init.scope", ("",), "/init.scope"),
        ("1:name=systemd:/x:y", ("name=systemd",), "/x:y"),
    ],
)
def test_own_groups(monkeypatch: pytest.MonkeyPatch, line: str, controllers: tuple[str, ...], place: str) -> None:
    monkeypatch.setattr(Path, "read_text", lambda self, *_, **__: f"{line}\n")
    assert cgroups.own_groups() == dict.fromkeys(controllers, place)


def test_limits_are_written(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    for name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
        (tmp_path / "memory" / name).write_text("")
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "pids.max").write_text("")
    groups = Cgroups(None, frozenset(), {})
    groups.write_limits({"memory": tmp_path / "memory", "pids": tmp_path / "pids"}, CGI)
    assert (tmp_path / "memory" / "memory.limit_in_bytes").read_text() == str(CGI.memory_bytes)
    assert (tmp_path / "memory" / "memory.memsw.limit_in_bytes").read_text() == str(CGI.memory_bytes)
    assert (tmp_path / "pids" / "pids.max").read_text() == str(CGI.processes)


def test_limits_of_version_2_are_written(tmp_path: Path) -> None:
    """Swap is closed off, and what is too greedy dies as a whole."""
    names = ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max")
    for name in names:
        (tmp_path / name).write_text("")
    groups = Cgroups(tmp_path, frozenset({"memory", "pids"}), {})
    groups.write_limits({cgroups.UNIFIED: tmp_path}, CGI)
    assert [(tmp_path / name).read_text() for name in names] == [
        str(CGI.memory_bytes),
        "0",
        "1",
        str(CGI.processes),
    ]


def test_nothing_is_left_of_a_group_that_could_not_be_made(tmp_path: Path) -> None:
    """Its limits could not be written: no jail may run in it."""
    (tmp_path / "memory").mkdir()
    groups = Cgroups(None, frozenset(), {"memory": tmp_path / "memory"})
    with pytest.raises(OSError, match="limit_in_bytes"):
        groups.take(CGI)
    assert list((tmp_path / "memory").iterdir()) == []


@pytest.mark.parametrize("last", ["tasks", "memory.oom_control"])
def test_no_descriptor_is_left_of_a_group_that_could_not_be_opened(tmp_path: Path, last: str) -> None:
    """The last file is one that cannot be opened: those before it are closed again."""
    memory = tmp_path / "memory"
    folders = {"pids": tmp_path / "pids", "memory": memory}
    for folder in folders.values():
        folder.mkdir()
        (folder / "tasks").touch()
    (memory / "memory.max_usage_in_bytes").touch()
    (memory / last).unlink(missing_ok=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with socket.socket(socket.AF_UNIX) as closed_door:
        closed_door.bind(str(memory / last))
        with pytest.raises(OSError, match=last):
            JailGroup(folders, CGI)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_statistic() -> None:
    text = "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n"
    assert cgroups.statistic(text, "usage_usec") == 1500
    with pytest.raises(StopIteration):
        cgroups.statistic(text, "usage")


def test_folders_are_removed(tmp_path: Path) -> None:
    held, free = tmp_path / "held", tmp_path / "free"
    (held / "inside").mkdir(parents=True)
    free.mkdir()
    assert not cgroups.remove_folders([held, free, tmp_path / "never was"])
    assert not free.exists()
    (held / "inside").rmdir()
    assert cgroups.remove_folders([held])


def test_both_versions_where_version_2_counts_nothing_else(tmp_path: Path, own: dict[str, str]) -> None:
    """Who joins a group of version 1 waits for nobody."""
    version1(tmp_path, own, "cpuacct", "memory", "pids")
    unified = tmp_path / "unified"
    version2(unified, own)
    found = find_cgroups(tmp_path)
    assert found.version2 is None
    assert set(found.version1) == {"cpuacct", "memory", "pids"}
    assert not list(unified.glob("ivle-*"))


@pytest.fixture
def files_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new folder has them."""
    mkdir = Path.mkdir

    def make(path: Path, *args: Any, **options: Any) -> None:
        mkdir(path, *args, **options)
        for name in ("tasks", "cpu.shares", "cgroup.subtree_control"):
            (path / name).touch()

    monkeypatch.setattr(Path, "mkdir", make)


@pytest.mark.usefixtures("files_of_the_kernel")
def test_people_share_by_groups_of_version_1_where_cpu_stands_alone(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "cpuacct", "memory", "pids", "cpu")
    found = find_cgroups(tmp_path)
    assert found.waiting is not None
    assert (tmp_path / "cpu" / "service" / f"ivle-{os.getpid()}" / "person-waiting" / "cpu.shares").read_text()
    assert found.people == tmp_path / "cpu" / "service" / f"ivle-{os.getpid()}"
    assert found.weight is None
    assert isinstance(choose_sharing(found), ByPerson)


def test_what_an_earlier_supervisor_left_of_people_is_removed(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "cpuacct", "cpu")
    left = tmp_path / "cpu" / "service" / "ivle-999999999"
    (left / "person-7").mkdir(parents=True)
    find_cgroups(tmp_path)
    assert not left.exists()


def test_programs_have_weights_where_cpu_and_cpuacct_are_one(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "cpu,cpuacct", "memory", "pids")
    for controller in ("cpu", "cpuacct"):
        (tmp_path / controller).symlink_to("cpu,cpuacct")
        own[controller] = "/service"
    found = find_cgroups(tmp_path)
    assert (found.people, found.weight) == (None, ("cpuacct", "cpu.shares"))
    assert isinstance(choose_sharing(found), ByJail)


@pytest.mark.usefixtures("files_of_the_kernel")
def test_programs_have_weights_of_version_2(tmp_path: Path, own: dict[str, str]) -> None:
    version2(tmp_path, own)
    found = find_cgroups(tmp_path)
    assert found.version2_controllers == {"memory", "pids", "cpu"}
    assert (found.people, found.weight) == (None, ("unified", "cpu.weight"))


def test_without_the_cpu_controller_there_are_priorities(tmp_path: Path, own: dict[str, str]) -> None:
    version1(tmp_path, own, "cpuacct", "memory", "pids")
    found = find_cgroups(tmp_path)
    assert (found.people, found.weight) == (None, None)
    assert isinstance(choose_sharing(found), ByPriority)


def test_a_jail_that_is_made_has_more_of_the_processors_than_anybody(tmp_path: Path) -> None:
    """Whoever was in the group before: it may have been in the tarpit."""
    found, folder = Cgroups(tmp_path, weight=("unified", "cpu.weight")), tmp_path / "jail-0"
    folder.mkdir()
    for name in ("cgroup.procs", "cpu.weight"):
        (folder / name).touch()
    group = JailGroup({"unified": folder}, CGI, found.weight)
    group.weigh(20)
    found.idle[CGI] = [group]
    assert found.take(CGI) is group
    assert (folder / "cpu.weight").read_text() == "10000"
    group.close()
