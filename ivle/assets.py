"""The site's own scripts, looks and pictures, packed, and their addresses. For static_files.py and templates.

A release is all of them together, named by the hash of what is in them. Addresses have that name in them, so a browser
may keep what it got there for ever, and the modules of one page are always of one release: docs/decisions/0074.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

from files.media_types import TYPES

RELEASE: Final = re.compile(r"([0-9a-f]{16})/(.+)", re.DOTALL)
PACKED_KINDS: Final = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
WORTH_PACKING: Final = 0.9  # of the length; what stays longer is sent as it is
IMPORT: Final = re.compile(
    r"""(?:\bfrom|\bimport)\s*["'](\.\.?/[^"']+)["']"""
)  # and no import(...), which may be never
OF_THE_WEB: Final = {".webmanifest": "application/manifest+json"}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent; `packed` by gzip, or None."""

    media_type: str
    tag: str
    content: bytes = field(repr=False)
    packed: bytes | None = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Asset:
        content = path.read_bytes()
        media_type = OF_THE_WEB.get(path.suffix) or TYPES.guess_type(path.name)[0] or "application/octet-stream"
        packed = None
        if media_type.startswith(PACKED_KINDS):
            packed = gzip.compress(content, mtime=0)
        if packed is not None and len(packed) > WORTH_PACKING * len(content):
            packed = None
        if media_type.startswith("text/"):
            media_type += "; charset=utf-8"
        return cls(media_type, hashlib.blake2b(content, digest_size=12).hexdigest(), content, packed)


class Release:
    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.paths = paths
        self.assets: dict[str, Asset] = {}
        self.graphs: dict[str, tuple[str, ...]] = {}
        self.name = name_of(paths)

    def asset(self, name: str) -> Asset | None:
        """Read and packed when somebody first asks for it, and kept. None where there is no such file."""
        if name not in self.assets and name in self.paths:
            self.assets[name] = Asset.read(self.paths[name])
        return self.assets.get(name)

    def modules(self, name: str) -> tuple[str, ...]:
        """What the browser is going to fetch for this module, itself first, the nearest before the farther ones."""
        if name not in self.graphs:
            found = [name]
            for one in found:
                text = self.paths[one].read_text()
                wanted = [posixpath.normpath(posixpath.join(posixpath.dirname(one), to)) for to in IMPORT.findall(text)]
                found += [to for to in dict.fromkeys(wanted) if to in self.paths and to not in found]
            self.graphs[name] = tuple(found)
        return self.graphs[name]


def name_of(paths: Mapping[str, Path]) -> str:
    """The same on every machine that has the same files."""
    digest = hashlib.blake2b(digest_size=8)
    for name, path in sorted(paths.items()):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()


def find_files() -> dict[str, Path]:
    """By name, of the site and of what it is made with. Where two have one name, the first is meant."""
    found: dict[str, Path] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list(None):
            found.setdefault(name, Path(storage.path(name)))
    return found


@cache
def release() -> Release:
    """Of this process, as the files were when it began. A file that is changed later is seen by the next process."""
    return Release(find_files())


class ReleaseStorage(StaticFilesStorage):
    """What `{% static %}` asks for addresses. With IVLE_DEBUG they are plain, and files are read for each request."""

    def url(self, name: str | None) -> str:
        if settings.DEBUG or name not in release().paths:
            return super().url(name)
        return super().url(f"{release().name}/{name}")
