"""What a program wrote to standard error, with the lines that its tracebacks name as links into the editor. Pure; for
report.py."""

from __future__ import annotations

import re
from typing import Final

from files.paths import BadPath, as_text, split_path

PLACE: Final = re.compile(r'File "/home/([^/"\n]+)/([^"\n]+)", line (\d+)')
BYTE: Final = re.compile(rb"\\udc([89a-f][0-9a-f])")  # how Python writes one that is of no character
UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"  # stands for bytes of no character: which file it was cannot be told


def pieces(errors: str, owner: str, *, by_owner: bool = True) -> list[tuple[str, str]]:
    """All of the text in order, each piece with the address that it leads to, or ""."""
    found = []
    end = 0
    for match in PLACE.finditer(errors):
        if address := editor_address(match, owner, by_owner=by_owner):
            found += [(errors[end : match.start()], ""), (match[0], address)]
            end = match.end()
    return [*found, (errors[end:], "")]


def editor_address(match: re.Match[str], owner: str, *, by_owner: bool) -> str:
    home, path, line = match.groups()
    whose = "" if by_owner else f"?owner={owner}"
    if home != owner or UNKNOWN in path:
        return ""
    try:
        return f"/edit/{as_text(split_path(BYTE.sub(byte_of, path.encode())))}{whose}#L{line}"
    except BadPath:
        return ""


def byte_of(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode("ascii"))
