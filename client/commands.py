"""The command line: `python -m client URL`. Logs in, finds the console, sits down in front of it, says the end."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
from pathlib import Path
from typing import Final

from client import words
from client.address import Address, BadAddress
from client.conversation import FAILED
from client.sitting import sit_down
from client.terminal import STDERR, Terminal
from client.website import Console, SiteFault, Website

INTERRUPTED: Final = 130
EPILOG: Final = """\
URL is the site's address, which lists your consoles, or that of a console's page, which opens it.
Type ~. after Enter to leave; the console goes on. ~~ after Enter types one ~. Whoever types takes the keyboard.

It asks for your login name and password. Nothing is stored: for that, make a token on the site's page Tokens
and put it into the environment variable IVLE_TOKEN.

Exit status: the program's; 254 when it was stopped or crashed; 0 when you left or listed; 255 when there was no
console or the connection was lost for good; 128 + n when signal n ended this client.
"""


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return visit(options)
    except (BadAddress, SiteFault) as fault:
        return say(str(fault), FAILED)
    except KeyboardInterrupt:
        return say("Stopped.", INTERRUPTED)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m client",
        description="A console of ivle in this terminal.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", metavar="URL", help="of the site, or of a console's page")
    parser.add_argument(
        "--new", metavar="PROGRAM", default="", help="start one: python, ipython, bash, or a file in your folder"
    )
    parser.add_argument("--name", default="", help="open the console of this name; with --new, start it if need be")
    parser.add_argument("--watch", action="store_true", help="only look; Ctrl-C leaves")
    parser.add_argument("--login", default="", help="your login name; else it is asked for")
    parser.add_argument("--token", default="", help="instead of a password; others on this machine can see it here")
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        type=float,
        default=300.0,
        help="how long to try to come back when the connection is lost (300)",
    )
    return parser


def visit(options: argparse.Namespace) -> int:
    """Raises BadAddress and SiteFault."""
    address = Address.read(options.url)
    if address.console and (options.new or options.name):
        raise BadAddress("This is the address of one console already. --new and --name want the site's.")
    site = enter(address, options.token or os.environ.get("IVLE_TOKEN", ""), options.login)
    try:
        terminal = Terminal()
        console = address.console or find(site, options.new, options.name, terminal)
        if not console:
            return show_list(site)
        site.address = address.of(console)
        ending, displays = sit_down(terminal, site, watches_only=options.watch, patience_seconds=options.patience)
        if terminal.shows:
            end_line()
        if displays:
            tell(words.displays(displays, site.address.page))
        return say(ending.sentence, ending.status)
    finally:
        site.log_out()


def enter(address: Address, token: str, login: str) -> Website:
    site = Website(address, token.strip())
    if not site.token:
        if not address.is_private:
            tell(words.open_password(address.origin))
        site.log_in(*ask_who(address, login))
    return site


def ask_who(address: Address, login: str) -> tuple[str, str]:
    """At the terminal, whatever standard input is. Raises SiteFault where there is none."""
    try:
        with Path("/dev/tty").open("r+b", buffering=0) as terminal:
            if not login:
                terminal.write(f"Login name at {address.origin}: ".encode())
                login = terminal.readline(200).decode("utf-8", "replace").strip()
    except OSError:
        raise SiteFault("There is no terminal to ask for your password. Put a token into IVLE_TOKEN.") from None
    return login, getpass.getpass("Password: ")


def find(site: Website, program: str, name: str, terminal: Terminal) -> str:
    """The id of the console to open; empty: none was asked for. Raises SiteFault."""
    if program:
        return site.start(program, name, terminal.size()).id
    if not name:
        return ""
    for console in site.consoles():
        if console.name == name and not console.ended:
            return console.id
    raise SiteFault(f"You have no console of the name {words.readable(name)}. Start one with --new python.")


def show_list(site: Website) -> int:
    consoles = site.consoles()
    for console in consoles:
        print(line_of(console), site.address.of(console.id).page, sep="  ")
    return say("Open one by its address, or start one with --new." if consoles else words.none_running(), 0)


def line_of(console: Console) -> str:
    state = console.ended or ("open" if console.watchers else "runs")
    return "  ".join(words.readable(text).ljust(12) for text in (console.name, console.title, state))


def say(sentence: str, status: int) -> int:
    """The last line."""
    tell(sentence)
    return status


def tell(sentence: str) -> None:
    """Not by print: where the terminal has hung up, that would fail again at the interpreter's end."""
    with contextlib.suppress(OSError):
        os.write(STDERR, f"ivle: {sentence}\n".encode())


def end_line() -> None:
    """The program's last line may not have an end."""
    with contextlib.suppress(OSError):
        os.write(STDERR, b"\n")
