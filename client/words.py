"""What the client says to people, and how what others wrote is made fit for a line on their terminal."""

from __future__ import annotations

import re
from typing import Final

LINE_MAX_CHARACTERS: Final = 300
# Control characters (C0, DEL, C1), and what turns the direction of a line around.
UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def readable(text: str) -> str:
    """One line without anything that a terminal would obey."""
    line = UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= LINE_MAX_CHARACTERS else line[: LINE_MAX_CHARACTERS - 1] + "…"


def left(address: str) -> str:
    return f"You left. The console goes on: {address}"


def signalled(name: str, address: str) -> str:
    return f"Stopped by {name}. The console goes on: {address}"


def lost(seconds: float, address: str) -> str:
    return f"No connection for {seconds:g} seconds, so this client gave up. The console may go on: {address}"


def interrupted_connection() -> str:
    return "The connection is lost; trying again. What you type is kept. Enter ~. leaves."


def skipped(size_bytes: int) -> str:
    return f"{size_bytes} bytes of output are missing here: they are no longer kept, or came too fast."


def displays(count: int, address: str) -> str:
    what = "A picture or page was" if count == 1 else f"{count} pictures or pages were"
    return f"{what} displayed. See them at {address}"


def broken(fault: str) -> str:
    return f"The server does not keep to the protocol: it sent {fault}."


def logged_out() -> str:
    return "The site does not know you (any more). Log in again; the console goes on."


def no_console() -> str:
    return "There is no such console, or it is not yours to see."


def no_reader() -> str:
    return "Nobody reads the output any more."


def open_password(address: str) -> str:
    return f"{address} has no https: anybody on the way can read what you type, your password too."


def refused_frame() -> str:
    return "The server did not understand this client. Is it of another version of ivle?"


def unknown_token() -> str:
    return "The site does not know this token. Was it revoked? Make a new one on the page Tokens."


def none_running() -> str:
    return "You have no console. Start one with --new python, ipython, bash or a file's name."
