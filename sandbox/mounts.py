"""What a jail sees of the machine. The launcher builds the template once; each jail adds its own few mounts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox import syscalls
from sandbox.limits import Limits
from sandbox.runtime import BASE_IN_JAIL, RUNTIME_IN_JAIL, Runtime
from sandbox.syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_REC

HOMES = "/.homes"
IMPORTABLE = "/opt/ivle"  # what of ours a student's program may import
OURS = "/.ivle"  # our own code, there only until the zygote has imported it
SYSTEM_LINKS = ("bin", "sbin", "lib", "lib32", "lib64")
ETC_SHARED = ("ld.so.cache", "localtime", "alternatives", "mime.types", "terminfo", "bash.bashrc", "inputrc")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ETC_OWN = {
    "group": "student:x:1000:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost ivle\n::1 localhost\n",
    "hostname": "ivle\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "fonts/fonts.conf": "<fontconfig><dir>/usr/share/fonts</dir><cachedir>/tmp/.fontconfig</cachedir></fontconfig>\n",
}
DEVICE_LINKS = {
    "ptmx": "pts/ptmx",
    "shm": "/tmp",
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
TMP_INODES = 1024


@dataclass(frozen=True)
class Sources:
    """What the template shows, held open: once we are nobody, the paths to them may no longer be ours to walk."""

    homes: int
    packages: dict[str, int]  # folders of our own code by name
    importable: int | None
    base: int | None
    site_packages: int | None
    programs: dict[str, int]  # of the runtime, by name
    shared: dict[str, int]  # by path inside the jail


def open_sources(runtime: Runtime, homes: Path, packages: tuple[Path, ...]) -> Sources:
    """Raises OSError for what must be there; what of the system is missing is left out."""
    importable = [package / "importable" for package in packages]
    candidates = {"usr": Path("/usr"), **{f"dev/{name}": Path("/dev", name) for name in DEVICES}}
    candidates |= {name: Path("/", name) for name in SYSTEM_LINKS if not Path("/", name).is_symlink()}
    candidates |= {f"etc/{name}": Path("/etc", name) for name in ETC_SHARED}
    return Sources(
        homes=hold(homes),
        packages={package.name: hold(package) for package in packages},
        importable=next((hold(folder) for folder in importable if folder.is_dir()), None),
        base=None if runtime.is_system else hold(runtime.base),
        site_packages=hold(runtime.packages) if runtime.packages else None,
        programs={program.name: hold(program) for program in runtime.programs},
        shared={name: hold(source) for name, source in candidates.items() if source.exists()},
    )


def hold(path: Path) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def build_template(workshop: str, runtime: Runtime, sources: Sources, single_owner: str | None) -> None:
    """Make this process's mount namespace the template: afterwards `/` is a small read-only view and the host is gone.

    `workshop` is a folder to mount on. With `single_owner` the homes are one home, theirs.
    """
    syscalls.mount("none", "/", "", MS_REC | MS_PRIVATE)
    syscalls.mount("tmpfs", workshop, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4m")
    root = Path(workshop)
    for name in ("opt", "etc", "dev/pts", "proc", "tmp", "run", "home"):
        (root / name).mkdir(parents=True)
    for name, source in sources.shared.items():
        bind(source, root / name)
    for name in SYSTEM_LINKS:
        if Path("/", name).is_symlink():
            (root / name).symlink_to(os.readlink(f"/{name}"))
    write_etc(root / "etc")
    for name, target in DEVICE_LINKS.items():
        (root / "dev" / name).symlink_to(target)
    add_runtime(root, runtime, sources)
    for name, source in sources.packages.items():
        bind(source, root / OURS[1:] / name)
    if sources.importable is not None:
        bind(sources.importable, root / IMPORTABLE[1:])
    syscalls.mount("proc", str(root / "proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    homes = root / HOMES[1:]
    homes.mkdir()
    if single_owner is not None:
        syscalls.mount("tmpfs", str(homes), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k")
    bind(sources.homes, homes / (single_owner or ""))
    syscalls.set_mount_attributes(workshop, syscalls.MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID, recursive=True)
    unprivileged = syscalls.MOUNT_ATTR_NOSUID | syscalls.MOUNT_ATTR_NODEV
    for writable in (root / "proc", homes):
        syscalls.set_mount_attributes(str(writable), unprivileged, syscalls.MOUNT_ATTR_RDONLY, recursive=True)
    os.chdir(workshop)
    # pivot_root(2): old and new root may be the same place; the old one then lies on top and is taken away.
    syscalls.pivot_root(".", ".")
    syscalls.unmount(".")
    os.chdir("/")


def bind(source: int, target: Path) -> None:
    if stat.S_ISDIR(os.fstat(source).st_mode):
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.touch()
    syscalls.mount(f"/proc/self/fd/{source}", str(target), "", MS_BIND | MS_REC)


def write_etc(etc: Path) -> None:
    for name, text in ETC_OWN.items():
        (etc / name).parent.mkdir(exist_ok=True)
        (etc / name).write_text(text, encoding="utf-8")
    (etc / "passwd").symlink_to("/run/passwd")


def add_runtime(root: Path, runtime: Runtime, sources: Sources) -> None:
    if sources.base is not None:
        bind(sources.base, root / BASE_IN_JAIL[1:])
    home = root / RUNTIME_IN_JAIL[1:]
    (home / "bin").mkdir(parents=True)
    for name in ("python", "python3", f"python{runtime.version}"):
        (home / "bin" / name).symlink_to(f"{runtime.base_in_jail}/bin/python{runtime.version}")
    for name, source in sources.programs.items():
        bind(source, home / "bin" / name)
    settings = f"home = {runtime.base_in_jail}/bin\ninclude-system-site-packages = false\nversion = {runtime.version}\n"
    (home / "pyvenv.cfg").write_text(settings, encoding="utf-8")
    packages = home / "lib" / f"python{runtime.version}" / "site-packages"
    packages.mkdir(parents=True)
    if sources.site_packages is not None:
        bind(sources.site_packages, packages)


def add_private_mounts(limits: Limits) -> None:
    """What every jail has for itself, whoever it will belong to. Wants a fresh mount namespace."""
    safe = MS_NOSUID | MS_NODEV
    syscalls.mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,max=16")
    syscalls.mount("tmpfs", "/tmp", "tmpfs", safe, f"mode=1777,size={limits.tmp_bytes},nr_inodes={TMP_INODES}")
    syscalls.mount("tmpfs", "/run", "tmpfs", safe | MS_NOEXEC, "mode=755,size=64k,nr_inodes=16")
    syscalls.mount("tmpfs", "/home", "tmpfs", safe | MS_NOEXEC, "mode=755,size=64k,nr_inodes=16")


def add_own_proc() -> None:
    """By a process of the jail: what a /proc shows is the pid namespace of whoever mounts it."""
    syscalls.mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2,subset=pid")


def add_fifo(place: str, owner: tuple[int, int] | None) -> int:
    """For programs in the jail to write to and nobody in there to read. Returns a descriptor that never ends, as it is
    open for both. `owner` is the uid and gid of the student, where they are not ours."""
    os.mkfifo(place, 0o600)
    end = os.open(place, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    if owner is not None:
        os.chown(place, *owner)
    return end


@contextmanager
def detached_home(owner: memoryview) -> Iterator[int]:
    """For `add_home` in another view; begun in one that has all homes. No copy of the name stays in memory.

    Raises OSError when there is no such home; a symbolic link in its place is not followed.
    """
    with secret(HOMES.encode() + b"/", owner) as home:
        detached = syscalls.detach_folder(home)
    try:
        yield detached
    finally:
        os.close(detached)


def add_home(detached: int, owner: memoryview) -> None:
    """Show the owner's home in this view. No copy of the name stays in memory."""
    with secret(b"/home/", owner) as target:
        syscalls.make_folder(target, 0o755)
        syscalls.attach_folder(detached, target)
    add_passwd(owner)


def add_empty_home(name: str, limits: Limits) -> None:
    """A home of this run alone, as large as its /tmp may be."""
    os.mkdir(f"/home/{name}")
    options = f"mode=777,size={limits.tmp_bytes},nr_inodes={TMP_INODES}"
    syscalls.mount("tmpfs", f"/home/{name}", "tmpfs", MS_NOSUID | MS_NODEV, options)
    add_passwd(memoryview(name.encode()))


def add_passwd(owner: memoryview) -> None:
    rest = b"nobody:x:65534:65534::/:/usr/sbin/nologin\n"
    with secret(b"", owner, b":x:1000:1000::/home/", owner, b":/bin/bash\n" + rest) as text:
        passwd = os.open("/run/passwd", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        os.write(passwd, text[:-1])
        os.close(passwd)


@contextmanager
def secret(*parts: bytes | memoryview) -> Iterator[memoryview]:
    """The parts and a final NUL, in memory that is written over afterwards."""
    whole = memoryview(bytearray(sum(map(len, parts)) + 1))
    begin = 0
    for part in parts:
        whole[begin : begin + len(part)] = part
        begin += len(part)
    try:
        yield whole
    finally:
        whole[:] = bytes(len(whole))
