"""Puts a backup back, into a data folder that holds nothing yet. It appears there only when all of it proved right."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import stat
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from operations.backups import environments, making, manifest, snapshot
from operations.backups.faults import FULL, BackupFault, in_words, printable
from operations.backups.manifest import Manifest, refuse_newer
from operations.backups.reading import Entry, damage_in_words, parts_of, read_backup
from operations.backups.tar_stream import SUMS
from sandbox.descriptors import allow_many_descriptors

DRAFT: Final = "restoring"  # as source.py and ivle/data_folder.py know it
RUN: Final = "run"
NO_MATTER: Final = (RUN, DRAFT, "lost+found")
OURS: Final = (making.NOTES, environments.NAME)  # for who reads a backup; nothing of IVLE_DATA
NOT_DATA: Final = (manifest.NAME, SUMS, *OURS)
LINES_MAX_BYTES: Final = 1024 * 1024
TO_ENTER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
TO_MAKE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Restored:
    """`environments` and `left_out` are lines for whoever restores it: of the backup, and of what did not come back."""

    manifest: Manifest
    files: int
    content_bytes: int
    environments: list[str]
    left_out: list[str]


@dataclass
class Level:
    """A folder that is being filled. How it is to be in the end is known when its entry comes, before its content."""

    name: bytes
    place: int
    entry: Entry | None = None


class Unpacking:
    """Writes entries below a folder of ours, each by descriptors from there: no link is followed, not even ours."""

    def __init__(self, folder: Path, homes_uid: int) -> None:
        self.homes_uid = homes_uid
        self.levels = [Level(b"", os.open(folder, TO_ENTER))]
        self.closed: dict[tuple[bytes, ...], int] = {}  # folders that are closed to their owner, and their modes
        self.notes = making.Notes()
        self.files = 0
        self.content_bytes = 0

    def add(self, entry: Entry) -> None:
        *folders, name = entry.parts
        self.go_to(folders)
        here = self.levels[-1].place
        match entry.info.type:
            case tarfile.DIRTYPE:
                self.enter(name, instead=True)
                self.levels[-1].entry = entry
            case tarfile.SYMTYPE:
                clear(here, name)
                os.symlink(entry.target, name, dir_fd=here)
                self.dress_link(entry, here, name)
            case tarfile.LNKTYPE:
                clear(here, name)
                self.link(entry, here, name)
            case _:
                clear(here, name)
                self.add_file(entry, here, name)

    def go_to(self, folders: list[bytes]) -> None:
        common = 0
        for level, name in zip(self.levels[1:], folders, strict=False):
            if level.name != name:
                break
            common += 1
        while len(self.levels) - 1 > common:
            self.leave()
        for name in folders[common:]:
            self.enter(name)

    def enter(self, name: bytes, *, instead: bool = False) -> None:
        """`instead` of what was something else when the folder was looked at before."""
        here = self.levels[-1].place
        try:
            os.mkdir(name, 0o700, dir_fd=here)
        except FileExistsError:
            if instead and not stat.S_ISDIR(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=here)
                os.mkdir(name, 0o700, dir_fd=here)
        self.levels.append(Level(name, os.open(name, TO_ENTER, dir_fd=here)))

    def leave(self) -> None:
        level = self.levels.pop()
        try:
            if level.entry is not None:
                self.dress(level.entry, level.place)
                mode = level.entry.info.mode & 0o777
                self.closed.pop(level.entry.parts, None)  # as it was looked at before
                if mode & stat.S_IRWXU != stat.S_IRWXU:  # later, or no second name of a file in it could be made
                    os.fchmod(level.place, mode | stat.S_IRWXU)
                    self.closed[level.entry.parts] = mode
        finally:
            os.close(level.place)

    def finish(self) -> None:
        """All folders as they were, the inner ones first. Some are none any more: another look found something else."""
        while len(self.levels) > 1:
            self.leave()
        for parts, mode in self.closed.items():
            try:
                place = self.find(parts)
            except (FileNotFoundError, NotADirectoryError):
                continue
            os.fchmod(place, mode)
            os.close(place)

    def close(self) -> None:
        for level in self.levels:
            os.close(level.place)

    def find(self, parts: Sequence[bytes]) -> int:
        """A folder that is there already."""
        place = os.dup(self.levels[0].place)
        for part in parts:
            try:
                below = os.open(part, TO_ENTER, dir_fd=place)
            finally:
                os.close(place)
            place = below
        return place

    def add_file(self, entry: Entry, here: int, name: bytes) -> None:
        file = os.open(name, TO_MAKE, 0o600, dir_fd=here)
        try:
            entry.copy(lambda data, position: write_at(file, data, position))
            os.ftruncate(file, entry.info.size)
            self.dress(entry, file)
        finally:
            os.close(file)
        if entry.info.name not in OURS:
            self.files += 1
            self.content_bytes += entry.info.size

    def link(self, entry: Entry, here: int, name: bytes) -> None:
        """To a name below the same folder, found as carefully as any. Something else may have that name by now."""
        *folders, first = parts_of(entry.info.linkname)
        try:
            place = self.find(folders)
            try:
                os.link(first, name, src_dir_fd=place, dst_dir_fd=here, follow_symlinks=False)
            finally:
                os.close(place)
        except OSError as error:
            if error.errno in FULL:
                raise
            self.notes(b"/".join(entry.parts), _("could not be linked"))

    def uid_of(self, entry: Entry) -> int:
        return settings.IVLE_JAIL_UID if entry.info.uid == self.homes_uid else os.getuid()

    def dress(self, entry: Entry, place: int) -> None:
        """As it was: whose, mode, time. Never a set-user-id bit."""
        if os.geteuid() == 0:
            uid = self.uid_of(entry)
            os.fchown(place, uid, uid)
        os.fchmod(place, entry.info.mode & 0o777)
        os.utime(place, ns=(entry.modified_ns, entry.modified_ns))

    def dress_link(self, entry: Entry, here: int, name: bytes) -> None:
        if os.geteuid() == 0:
            uid = self.uid_of(entry)
            os.chown(name, uid, uid, dir_fd=here, follow_symlinks=False)
        os.utime(name, ns=(entry.modified_ns, entry.modified_ns), dir_fd=here, follow_symlinks=False)


def clear(folder: int, name: bytes) -> None:
    """A program that changes a folder while it is listed can have a name in it twice; the last one counts."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        shutil.rmtree(name, dir_fd=folder)


def write_at(file: int, data: bytes, position: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, position)
        position += written
        view = view[written:]


def restore(stream: IO[bytes]) -> Restored:
    """Into IVLE_DATA. Raises BackupFault; then nothing is there that was not there before, unless it says so."""
    allow_many_descriptors()
    data: Path = settings.IVLE_DATA
    about, entries = read_backup(stream)
    refuse_newer(about)
    kind = snapshot.kind_here()
    refuse_other_database(about)
    with in_words(data), alone(data):
        refuse_existing(data, kind)
        refuse_mounts(data)
        draft = data / DRAFT
        draft.mkdir(mode=0o700)
        try:
            unpacking = unpack(entries, draft, about)
            restored = Restored(
                about,
                unpacking.files,
                unpacking.content_bytes,
                lines_of(draft, environments.NAME),
                [*lines_of(draft, making.NOTES), *unpacking.notes.as_bytes().decode().splitlines()],
            )
            for name in NOT_DATA:
                (draft / name).unlink(missing_ok=True)
            read_database(draft, kind)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        try:
            settle(draft, data)
        except OSError as error:
            raise BackupFault(
                _("The restore was broken off (%(why)s). %(what)s") % {"why": error, "what": half_of_it(data)}
            ) from error
    return restored


def unpack(entries: Iterator[Entry], draft: Path, about: Manifest) -> Unpacking:
    unpacking = Unpacking(draft, about.homes_uid)
    try:
        for entry in entries:
            with damage_in_words():
                unpacking.add(entry)
        unpacking.finish()
    finally:
        unpacking.close()
    return unpacking


def lines_of(draft: Path, name: str) -> list[str]:
    try:
        with (draft / name).open("rb") as file:
            return [printable(line) for line in file.read(LINES_MAX_BYTES).splitlines()]
    except FileNotFoundError:
        return []


def read_database(draft: Path, kind: snapshot.Kind) -> None:
    """First, because it may refuse. It is there then, or nothing of it."""
    copy = draft / kind.name
    if not copy.is_file():
        raise BackupFault(_("This backup has no database in it."))
    kind.read(copy)


def settle(draft: Path, data: Path) -> None:
    """Until the folder that this comes from is gone, no site starts here. So it stays where something fails now."""
    for kind in snapshot.KINDS.values():
        (draft / kind.name).unlink(missing_ok=True)
    os.sync()
    for path in sorted(draft.iterdir()):
        path.rename(data / path.name)
    making.flush_folder(data)
    draft.rmdir()


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Raises BackupFault while ivle runs on this folder."""
    run = data / RUN
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    with (run / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFault(_("ivle is running on %(data)s. Stop it first.") % {"data": data}) from None
        if supervisor_answers():
            raise BackupFault(_("The supervisor of %(data)s is running. Stop ivle first.") % {"data": data})
        yield


def supervisor_answers() -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        return probe.connect_ex(str(settings.IVLE_SANDBOX_SOCKET)) == 0


def refuse_existing(data: Path, kind: snapshot.Kind) -> None:
    there = sorted(path.name for path in data.iterdir() if path.name not in NO_MATTER and not is_empty_folder(path))
    if (data / DRAFT).exists():
        raise BackupFault(_("A restore was broken off before. %(what)s") % {"what": half_of_it(data)})
    if there or not kind.is_empty():
        raise BackupFault(
            _(
                "There is data already: %(what)s in %(data)s. Nothing is restored over it; move it away, or set "
                "IVLE_DATA to another folder."
            )
            % {"what": there[0] if there else _("a database that is not empty, and"), "data": data}
        )


def half_of_it(data: Path) -> str:
    text = _(
        "Half of it is in %(data)s, and no site starts there. Delete everything in that folder%(more)s, and restore "
        "again."
    )
    more = _(", and all tables of the database") if connection.vendor != "sqlite" else ""
    return text % {"data": data, "more": more}


def refuse_mounts(data: Path) -> None:
    """What is empty is replaced by what comes back, and that cannot be."""
    here = mount_of(data)
    for path in sorted(data.iterdir()):
        if path.name not in NO_MATTER and path.is_dir() and mount_of(path) != here:
            raise BackupFault(
                _(
                    "%(place)s is a disk of its own, and nothing can be put in its place. Unmount it and restore; then "
                    "copy what came back to that disk and mount it again."
                )
                % {"place": path}
            )


def mount_of(folder: Path) -> str:
    """Its number, as the kernel counts mounts. A folder may be mounted on the disk that it is on."""
    place = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        about = Path(f"/proc/self/fdinfo/{place}").read_text()
    finally:
        os.close(place)
    return next(line for line in about.splitlines() if line.startswith("mnt_id:"))


def is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def refuse_other_database(about: Manifest) -> None:
    here = snapshot.kind_here()
    wanted = snapshot.KINDS.get(about.database)
    if wanted is not here:
        raise BackupFault(
            _("This backup is of a database of another kind (%(kind)s). Set the site to that kind and restore again.")
            % {"kind": about.database}
        )
