"""Student code types into nobody's terminal but its own, and does not take all there are."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

import pytest

from tests.sandbox.jail import Jail


@pytest.fixture
def administrators_terminal():
    """Both ends of a terminal on this side."""
    master, slave = pty.openpty()
    termios.tcflush(slave, termios.TCIOFLUSH)
    yield master, slave
    os.close(master)
    os.close(slave)


@pytest.mark.everywhere
@pytest.mark.parametrize("command", ["0x5412", "0x1_0000_5412", "0xFFFF_FFFF_0000_5412"])
def test_cant_type_into_the_terminal_it_is_shown_on(jail: Jail, administrators_terminal, command: str) -> None:
    """TIOCSTI: what a program leaves there, the shell behind it would run."""
    _, slave = administrators_terminal
    code = f"""
        import fcntl, termios
        from toolbox import attempt, syscall, tell
        attempt(fcntl.ioctl, 0, termios.TIOCSCTTY, 0)  # one's own terminal is what the kernel lets one type into
        tell([syscall("ioctl", 0, {command}, bytes([letter])) for letter in b"rm -rf /\\n"])
    """
    results = jail.ask(code, stdin=slave)
    waiting = struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, bytes(4)))[0]
    assert waiting == 0
    assert all(result < 0 for result in results)


@pytest.mark.parametrize(
    "command",
    [
        "TIOCLINUX=0x541C",
        "TIOCCONS=0x541D",
        "TIOCSETD=0x5423",
        "TIOCVHANGUP=0x5437",
        "KDSKBENT=0x4B47",
        "TIOCSSERIAL=0x541F",
    ],
)
def test_cant_command_the_terminal(jail: Jail, administrators_terminal, command: str) -> None:
    """Selections, consoles, line disciplines (which load modules) and key maps."""
    _, slave = administrators_terminal
    number = int(command.partition("=")[2], 16)
    code = f"from toolbox import tell, verdict\ntell(verdict('ioctl', 0, {number}, bytes(64)))"
    assert jail.ask(code, stdin=slave) == "ENOTTY"


def test_cant_change_the_line_discipline_of_its_own(jail: Jail) -> None:
    """Each is a module of the kernel's, loaded when it is first asked for."""
    code = """
        import fcntl, os, struct
        from toolbox import attempt, tell
        _, slave = os.openpty()
        def change(number): return attempt(fcntl.ioctl, slave, 0x5423, struct.pack("i", number))
        tell([number for number in range(1, 30) if change(number) == "done"])
    """
    assert jail.ask(code) == []


def test_cant_take_a_terminal_from_its_session(jail: Jail) -> None:
    """A terminal with a session stays with it: what is typed there goes on to those who were there before."""
    master, slave = pty.openpty()
    reading, writing = os.pipe()
    shell = os.fork()
    if shell == 0:
        try:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            os.write(writing, b"!")
            os.read(master, 1)
        finally:
            os._exit(0)
    try:
        os.read(reading, 1)
        code = """
            import fcntl, os, termios
            from toolbox import attempt, tell
            tell([attempt(fcntl.ioctl, 0, termios.TIOCSCTTY, force) for force in (0, 1)] + [attempt(open, "/dev/tty")])
        """
        assert "done" not in jail.ask(code, stdin=slave)
    finally:
        os.kill(shell, 9)
        os.waitpid(shell, 0)
        for descriptor in (master, slave, reading, writing):
            os.close(descriptor)


def test_cant_open_terminals_without_end(jail: Jail) -> None:
    """The kernel has a few thousand for everybody; a jail has sixteen."""
    code = """
        import os
        from toolbox import attempt, tell
        kept = []
        def open_all():
            while True: kept.append(os.openpty())
        tell([attempt(open_all), len(kept)])
    """
    error, count = jail.ask(code)
    assert error == "ENOSPC"
    assert count <= 16


def test_cant_open_terminals_of_others(jail: Jail) -> None:
    other = jail.beside().begin("""
        import os
        kept = [os.openpty() for _ in range(4)]
        print("up", flush=True)
        input()
    """)
    other.wait_for(b"up")
    code = """
        import os
        from toolbox import attempt, tell
        flags = os.O_RDWR | os.O_NOCTTY
        tell([os.listdir("/dev/pts")] + [attempt(os.open, f"/dev/pts/{number}", flags) for number in range(64)])
    """
    seen, *attempts = jail.ask(code)
    other.stop()
    other.result()
    assert seen == ["ptmx"]
    assert "done" not in attempts


def test_cant_have_a_controlling_terminal_of_ours(jail: Jail) -> None:
    assert jail.ask("from toolbox import attempt, tell\ntell(attempt(open, '/dev/tty'))") == "ENXIO"
