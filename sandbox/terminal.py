"""The terminal of a console and its display channel, both made inside the jail: init opens, the student takes, the
supervisor holds the other ends. Called by jail.py, and by session.py for what is done from outside.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import termios

DISPLAY = "/run/display"  # a FIFO: every program in the jail may write to it, whoever started it
NAME = "/dev/pts/0"  # the first in the jail's own /dev/pts
TIOCSIG, TIOCSPTLCK = 0x40045436, 0x40045431  # ioctl_tty(2)


def open_ends(owner: tuple[int, int] | None) -> tuple[int, int]:
    """In init: a new terminal's master and both ends of the display channel, for the supervisor. `owner` is the uid and
    gid that the student will have, where they are not init's own."""
    master = os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(master, TIOCSPTLCK, struct.pack("i", 0))
    os.mkfifo(DISPLAY, 0o600)
    # Open for both, so that it never ends while no program has it open.
    displays = os.open(DISPLAY, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    if owner is not None:
        for place in (NAME, DISPLAY):
            os.chown(place, *owner)
    return master, displays


def take() -> None:
    """In the student, a session leader: the jail's only terminal becomes its own, and its stdin, stdout and stderr."""
    descriptor = os.open(NAME, os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(descriptor, number)
    os.close(descriptor)


def resize(master: int, rows: int, columns: int) -> None:
    """The program in the foreground is told (SIGWINCH)."""
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def interrupt(master: int) -> None:
    """Ctrl-C ahead of all that was typed and not read yet, which is thrown away."""
    with contextlib.suppress(OSError):  # nobody in the foreground any more
        termios.tcflush(master, termios.TCOFLUSH)
        fcntl.ioctl(master, TIOCSIG, signal.SIGINT)


def reads_interrupts(master: int) -> bool:
    """Whether a Ctrl-C that is typed shall interrupt, as the program has set its terminal."""
    try:
        attributes = termios.tcgetattr(master)
    except OSError:
        return False
    return bool(attributes[3] & termios.ISIG) and attributes[6][termios.VINTR] == b"\x03"
