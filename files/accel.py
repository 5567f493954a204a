"""Large downloads by the proxy: nginx sends the file by itself, at the word of a header, where IVLE_ACCEL is set.

The rules stay here: who may, what it is shown as, which version of it is meant. The proxy is told a path without any
link in it and follows none, so what a program puts in the file's place meanwhile is at worst another file of the same
owner's. docs/decisions/0103 says what that takes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_from_bytes

from django.conf import settings

HEADER: Final = "X-Accel-Redirect"
LARGE_BYTES: Final = 4 * 1024 * 1024  # below it one answer of ours is sooner done; what the editor opens is smaller
DELETED: Final = b" (deleted)"


def address_of(file: int, size_bytes: int, headers: Mapping[str, str]) -> str | None:
    """Where the proxy finds an open file of a home, or None where we send it ourselves.

    We do where a download is resumed: only we know whether the file is still the one of that tag.
    """
    if not settings.IVLE_ACCEL or size_bytes < LARGE_BYTES or "if-range" in headers:
        return None
    homes = os.fsencode(os.path.realpath(settings.IVLE_HOMES)) + b"/"
    path = os.readlink(b"/proc/self/fd/%d" % file)
    if not path.startswith(homes) or path.endswith(DELETED):
        return None
    return f"{settings.IVLE_ACCEL}/{quote_from_bytes(path.removeprefix(homes), safe='/')}"
