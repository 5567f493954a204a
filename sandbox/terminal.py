"""The terminal of a console and its display channel: the zygote opens both inside the jail, the student takes its side,
the supervisor holds the other ends. Called by zygote.py and jail.py, and by session.py for what is done from outside.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import termios

from sandbox import mounts

DISPLAY = "/run/display"  # a FIFO: every program in the jail may write to it, whoever started it
NAME = "/dev/pts/0"  # the first in the jail's own /dev/pts
TIOCSIG, TIOCSPTLCK, TIOCGPTPEER = 0x40045436, 0x40045431, 0x5441  # ioctl_tty(2)
STUCK_BYTES = 256  # typed and not read: the program does something else, and the kernel's 4096 may be full


def open_ends(owner: tuple[int, int] | None) -> list[int]:
    """In the zygote, in a new jail's view: its terminal's master and the display channel, for the supervisor.

    `owner` is the uid and gid of the student, where they are not ours.
    """
    displays = mounts.add_fifo(DISPLAY, owner)
    master = os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(master, TIOCSPTLCK, struct.pack("i", 0))
    if owner is not None:
        os.chown(NAME, *owner)
    return [master, displays]


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


def is_stuck(master: int) -> bool:
    """Whether so much typed input waits for the program that a Ctrl-C behind it may not be looked at."""
    try:
        peer = fcntl.ioctl(master, TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        (unread,) = struct.unpack("i", fcntl.ioctl(peer, termios.FIONREAD, bytes(4)))
    finally:
        os.close(peer)
    return bool(unread >= STUCK_BYTES)
