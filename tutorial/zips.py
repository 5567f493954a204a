"""A course out of a zip that somebody sends: read within bounds. For importing. Paths are checked by editions.py."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _

from courses import editions
from courses.editions import BadEdition
from files.showing import is_hidden

END, LARGE = b"PK\5\6", b"PK\6\7"  # of the list of entries; before it, in zips that are larger than any course
END_BYTES: Final = 22
COMMENT_MAX_BYTES: Final = 65535
DIRECTORY_MAX_BYTES: Final = 4 * 1024 * 1024
SKIPPED: Final = ("__MACOSX",)


def read_zip(data: bytes) -> dict[str, bytes]:
    """Its files. Where all are in one folder, which zips made by hand have, without that folder. Raises BadEdition."""
    if has_endless_directory(data):
        raise BadEdition(_("A course has at most %(most)d files.") % {"most": editions.FILES_MAX})
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = read_entries(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        OSError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        UnicodeError,
    ):  # bzip2 says by OSError that something is broken
        raise BadEdition(_("This is not a zip that can be read. Export a course to see what one looks like.")) from None
    return without_folder(files)


def has_endless_directory(data: bytes) -> bool:
    """Its list of entries is read whole, whatever is in it, and could have a million of them (APPNOTE 4.3.16)."""
    places = {len(data) - END_BYTES, data.rfind(END, max(0, len(data) - END_BYTES - COMMENT_MAX_BYTES))}
    for place in (place for place in places if place >= 0):
        size_bytes = int.from_bytes(data[place + 12 : place + 16], "little")
        is_end = data[place : place + 4] == END
        if is_end and (size_bytes > DIRECTORY_MAX_BYTES or data[max(0, place - 20) :].startswith(LARGE)):
            return True
    return False


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
