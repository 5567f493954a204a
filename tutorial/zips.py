"""A course out of a zip that somebody sends: read within bounds. For importing. Paths are checked by editions.py."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _

from courses import editions
from courses.editions import BadEdition
from files.showing import is_hidden

SKIPPED: Final = ("__MACOSX",)


def read_zip(data: bytes) -> dict[str, bytes]:
    """Its files. Where all are in one folder, which zips made by hand have, without that folder. Raises BadEdition."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = read_entries(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, UnicodeError):
        raise BadEdition(_("This is not a zip that can be read. Export a course to see what one looks like.")) from None
    return without_folder(files)


def read_entries(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left_bytes = editions.TOTAL_MAX_BYTES
    for entry in archive.infolist():
        parts = entry.filename.split("/")
        if entry.is_dir() or parts[0] in SKIPPED or is_hidden(tuple(part.encode("utf-8", "replace") for part in parts)):
            continue
        if len(files) >= editions.FILES_MAX:
            raise BadEdition(_("A course has at most %(most)d files.") % {"most": editions.FILES_MAX})
        with archive.open(entry) as file:
            content = file.read(left_bytes + 1)  # whatever the zip says of its size
        left_bytes -= len(content)
        if left_bytes < 0:
            megabytes = editions.TOTAL_MAX_BYTES // editions.MIB
            raise BadEdition(_("The files of a course have at most %(most)d MB together.") % {"most": megabytes})
        files[entry.filename] = content
    return files


def without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    folders = {name.partition("/")[0] for name in files}
    if len(folders) != 1 or any("/" not in name for name in files):
        return files
    return {name.partition("/")[2]: content for name, content in files.items()}
