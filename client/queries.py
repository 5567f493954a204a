"""What asks a terminal something, so that it types an answer: taken out of output that is only looked at again. Pure.

The program got its answers when the output was new; a second one would be typed into it as if by the person.
Sources: ECMA-48, xterm's ctlseqs, kitty's keyboard protocol.
"""

from __future__ import annotations

import re
from typing import Final

UNFINISHED_MAX_BYTES: Final = 512
QUERY: Final = re.compile(
    rb"\x05"  # ENQ
    rb"|\x1b(?:Z"  # DECID
    rb"|\[(?:"
    rb"\??[0-9;]*n"  # DSR: cursor position, status, colours
    rb"|[>=]?[0-9;]*c"  # DA
    rb"|\??[0-9;]*\$p"  # DECRQM
    rb"|(?:1[13-9]|2[01])(?:;[0-9]*)*t"  # the window's size, place and title
    rb"|>[0-9]*q"  # XTVERSION
    rb"|[01]?x"  # DECREQTPARM
    rb"|\?u"  # the keyboard's mode
    rb"|[0-9;]*\*y|[0-9;]*\$w"  # DECRQCRA, DECRQPSR
    rb")"
    rb"|\](?:4|5|1[0-9]|52);(?:[^\x07\x1b]{0,400};)?\?[^\x07\x1b]{0,400}(?:\x07|\x1b\\)"  # OSC: colours, clipboard
    rb"|P[+$]q[^\x07\x1b]{0,400}(?:\x07|\x1b\\)"  # XTGETTCAP, DECRQSS
    rb")"
)
UNFINISHED: Final = re.compile(rb"\x1b(?:\[[0-9;?>=$*]*|[\]P][^\x07\x1b]{0,400}\x1b?)?\Z")


class QueryFilter:
    """Takes queries out of what is fed to it; holds back the beginning of what may become one."""

    def __init__(self) -> None:
        self.held = b""

    def feed(self, data: bytes) -> bytes:
        left = QUERY.sub(b"", self.held + data)
        begun = UNFINISHED.search(left, max(0, len(left) - UNFINISHED_MAX_BYTES))
        self.held = left[begun.start() :] if begun else b""
        return left[: begun.start()] if begun else left

    def flush(self) -> bytes:
        held, self.held = self.held, b""
        return held
