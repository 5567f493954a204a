"""Editions: what was published in a course, each an immutable zip below data/courses/. access.py is asked before."""

from __future__ import annotations

import os
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Person
from courses.models import Course, Edition

MIB: Final = 1024 * 1024
TOTAL_MAX_BYTES: Final = 64 * MIB
FILES_MAX: Final = 2000
NAME_MAX_BYTES: Final = 1024
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # the same files give the same zip
CACHE_MAX_BYTES: Final = 32 * MIB
CACHED_FILE_MAX_BYTES: Final = 2 * MIB
LISTINGS_MAX: Final = 64
Key = tuple[int, Path]


class BadEdition(ValueError):
    """Nothing was kept. Its text is a sentence."""


def add(course: Course, files: Mapping[str, bytes], by: Person, *, is_shown: bool = True) -> Edition:
    """Publishes: from now on this is what students see, unless it is not to be shown yet. Names are relative paths with
    slashes. Raises BadEdition."""
    check(files)
    data = zipped(files)
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        last = Edition.objects.filter(course=course).aggregate(last=Max("number"))["last"] or 0
        if is_shown:
            hide(course)
        edition = Edition.objects.create(course=course, number=last + 1, by=by, is_shown=is_shown)
        write(place_of(edition), data)
    return edition


def check(files: Mapping[str, bytes]) -> None:
    """Raises BadEdition."""
    if len(files) > FILES_MAX:
        raise BadEdition(_("A course has at most %(most)d files.") % {"most": FILES_MAX})
    if sum(map(len, files.values())) > TOTAL_MAX_BYTES:
        raise BadEdition(
            _("The files of a course have at most %(most)d MB together.") % {"most": TOTAL_MAX_BYTES // MIB}
        )
    for name in files:
        if not is_name(name):
            raise BadEdition(_("No file of a course can be called %(name)s.") % {"name": ascii(name)})


def is_name(name: str) -> bool:
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    parts = name.split("/")
    return size <= NAME_MAX_BYTES and name.isprintable() and not {"", ".", ".."} & set(parts) and "\\" not in name


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write(place: Path, data: bytes) -> None:
    """Whole or not at all. What a lost transaction left under this number is written over."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = place.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(place)


def place_of(edition: Edition) -> Path:
    """Of the zip, to be sent as it is where a course is exported."""
    folder: Path = settings.IVLE_DATA / "courses" / str(edition.course_id)
    return folder / f"{edition.number}.zip"


def shown(course: Course) -> Edition | None:
    """What students see now."""
    return Edition.objects.filter(course=course, is_shown=True).first()


def newest(course: Course) -> Edition | None:
    """Whether or not it is shown."""
    return Edition.objects.filter(course=course).order_by("-number").first()


def show(edition: Edition) -> None:
    """In place of what was shown."""
    with transaction.atomic():
        hide(edition.course)
        Edition.objects.filter(pk=edition.pk).update(is_shown=True)
    edition.is_shown = True


def hide(course: Course) -> None:
    """Students see nothing, until something is published or shown."""
    Edition.objects.filter(course=course, is_shown=True).update(is_shown=False)


def files_of(edition: Edition) -> dict[str, bytes]:
    """All of them, for a copy."""
    with zipfile.ZipFile(place_of(edition)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def names(edition: Edition) -> tuple[str, ...]:
    """Of its files, sorted. Empty where its zip is gone."""
    return _cache.names(edition)


def read(edition: Edition, name: str) -> bytes | None:
    """One file; None where there is none of that name."""
    return _cache.read(edition, name)


class Cache:
    """What was read lately. Editions never change, so nothing in it is ever wrong: a number may be given again after
    an edition is deleted, a row's key is not."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.contents: OrderedDict[tuple[Key, str], bytes] = OrderedDict()
        self.listings: OrderedDict[Key, tuple[str, ...]] = OrderedDict()
        self.size_bytes = 0

    def names(self, edition: Edition) -> tuple[str, ...]:
        place = place_of(edition)
        key = edition.pk, place
        with self.lock:
            known = self.listings.get(key)
        if known is not None:
            return known
        try:
            with zipfile.ZipFile(place) as archive:
                listing = tuple(sorted(archive.namelist()))
        except FileNotFoundError:
            return ()
        with self.lock:
            self.listings[key] = listing
            while len(self.listings) > LISTINGS_MAX:
                self.listings.popitem(last=False)
        return listing

    def read(self, edition: Edition, name: str) -> bytes | None:
        place = place_of(edition)
        key = (edition.pk, place), name
        with self.lock:
            known = self.contents.get(key)
            if known is not None:
                self.contents.move_to_end(key)
                return known
        try:
            with zipfile.ZipFile(place) as archive:
                data = archive.read(name)
        except (FileNotFoundError, KeyError):
            return None
        if len(data) <= CACHED_FILE_MAX_BYTES:
            self.keep(key, data)
        return data

    def keep(self, key: tuple[Key, str], data: bytes) -> None:
        with self.lock:
            self.size_bytes += len(data) - len(self.contents.pop(key, b""))
            self.contents[key] = data
            while self.size_bytes > CACHE_MAX_BYTES:
                self.size_bytes -= len(self.contents.popitem(last=False)[1])


_cache = Cache()
