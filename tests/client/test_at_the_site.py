"""The client and a real site: who gets in, what opens, what is typed and shown, how it ends."""

from __future__ import annotations

import pytest

from tests.cgirunner.whole_site import Site
from tests.client.conftest import Consoles
from tests.client.seat import Seat, in_pipes


@pytest.fixture
def url(site: Site) -> str:
    return f"http://localhost:{site.port}/"


def test_type_and_read(url: str, token: str) -> None:
    with Seat(url, "--new", "python", token=token, rows=31, columns=97) as seat:
        seat.until(rb">>> ")
        assert seat.is_raw()
        seat.type(b"6*7\r")
        seat.until(rb"\r42\r\n")
        seat.type(b"import os; os.get_terminal_size()\r")
        seat.until(rb"columns=97, lines=31")
        seat.resize(40, 120)
        seat.until(rb"\r\x1b\[K\r>>> ")  # the program has noticed
        seat.type(b"os.get_terminal_size()\r")
        seat.until(rb"columns=120, lines=40")
        seat.type(b"raise SystemExit(7)\r")
        assert seat.end() == 7
        assert seat.last_line == "ivle: The program ended and said that it failed."
        assert seat.is_clean()


def test_ctrl_c_reaches_the_program(url: str, token: str) -> None:
    with Seat(url, "--new", "python", token=token) as seat:
        seat.until(rb">>> ")
        seat.type(b"while True: pass\r\r")
        seat.until(rb"pass\r\n")
        seat.type(b"\x03")
        seat.until(rb"KeyboardInterrupt[^$]*>>> ")
        seat.type(b"\x04")
        assert seat.end() == 0


def test_log_in_with_a_password(url: str, site: Site, consoles: Consoles) -> None:
    with Seat(url, "--new", "bash") as seat:
        seat.until(rb"Login name at http://localhost:[0-9]+: ")
        seat.type(b"student\n")
        seat.until(rb"Password: ")
        seat.type(b"ivle\n")
        seat.until(rb"\$ ")
        seat.type(b"exit 3\r")
        assert seat.end() == 3
        assert seat.is_clean()
        assert b"ivle\r\n" not in seat.seen, "a password is not echoed"


def test_a_wrong_password(url: str) -> None:
    with Seat(url, "--new", "python", "--login", "classmate") as seat:
        seat.until(rb"Password: ")
        seat.type(b"guess\n")
        assert seat.end() == 255
        assert seat.last_line.startswith("ivle: This login name and this password do not belong together.")
        assert not seat.is_raw()


def test_a_wrong_token(url: str, token: str) -> None:
    ended = in_pipes(url, "--new", "python", token=token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert (ended.returncode, ended.stdout) == (255, b"")
    assert ended.stderr.startswith(b"ivle: The site does not know this token.")


def test_a_wrong_token_at_a_consoles_page(url: str, consoles: Consoles) -> None:
    console = consoles.start(program="python")["id"]
    ended = in_pipes(f"{url}console/{console}/", token="ivle_nobody")
    assert (ended.returncode, ended.stdout) == (255, b"")
    assert b"ivle: The site does not know you" in ended.stderr


def test_no_such_console(url: str, token: str) -> None:
    ended = in_pipes(f"{url}console/nowhere/", token=token)
    assert (ended.returncode, ended.stdout) == (255, b"")
    assert ended.stderr == b"ivle: There is no such console, or it is not yours to see.\n"


def test_no_console_of_that_name_and_no_such_file(url: str, token: str) -> None:
    ended = in_pipes(url, "--name", "lab", token=token)
    assert (ended.returncode, ended.stderr[:42]) == (255, b"ivle: You have no console of the name lab.")
    ended = in_pipes(url, "--new", "nothing.py", token=token)
    assert (ended.returncode, ended.stderr) == (255, b"ivle: There is no file nothing.py in your folder.\n")


def test_a_console_that_has_ended(url: str, token: str) -> None:
    first = in_pipes(url, "--new", "bash", token=token, typed=b"echo seven; exit 7\n")
    assert first.returncode == 7
    listed = in_pipes(url, token=token).stdout.decode()
    page = listed.split()[-1]
    again = in_pipes(page, token=token, typed=b"echo eight\n")
    assert (again.returncode, again.stdout) == (7, first.stdout)
    assert again.stderr == b"ivle: The program ended and said that it failed.\n"


def test_pipes(url: str, token: str) -> None:
    ended = in_pipes(url, "--new", "python", token=token, typed=b"print(6*7)\n")
    assert ended.returncode == 0
    assert b"\r42\r\n" in ended.stdout
    assert ended.stderr == b"ivle: The program ran to its end.\n"


def test_a_file_and_what_it_displays(url: str, token: str, site: Site) -> None:
    program = """
from ivle_display import display
class Bold:
    def _repr_html_(self):
        return "<b>bold</b>"
display(Bold())
print("done")
"""
    site.write("student", "shows.py", program)
    ended = in_pipes(url, "--new", "shows.py", token=token)
    assert ended.returncode == 0, ended
    assert b"done\r\n" in ended.stdout
    assert b"<b>" not in ended.stdout
    where, why = ended.stderr.decode().splitlines()
    assert where.startswith(f"ivle: A picture or page was displayed. See them at {url}console/")
    assert why == "ivle: The program ran to its end."


def test_list_name_and_watch(url: str, token: str, consoles: Consoles) -> None:
    with Seat(url, "--new", "python", "--name", "lab", token=token) as seat:
        seat.until(rb">>> ")
        listed = in_pipes(url, token=token).stdout.decode().split()
        assert listed[:3] == ["lab", "Python", "open"]
        with Seat(url, "--name", "lab", "--watch", token=token) as watcher:
            watcher.until(rb">>> ")
            watcher.type(b"'typed by the watcher'\r")
            seat.type(b"'A' + 'B'\r")
            seat.until(rb"'AB'")
            watcher.until(rb"'AB'")
            assert b"typed by the watcher" not in seat.seen
            watcher.type(b"\x03")
            assert watcher.end() == 0
            assert watcher.is_clean()
            assert watcher.last_line.startswith("ivle: You left. The console goes on: http://")
        seat.type(b"\r~.")
        assert seat.end() == 0
    [console] = consoles.list()
    assert console["ended"] == ""


def test_whoever_types_takes_the_keyboard(url: str, token: str, consoles: Consoles) -> None:
    with Seat(url, "--new", "python", "--name", "lab", token=token) as first:
        first.until(rb">>> ")
        with Seat(url, "--name", "lab", token=token) as second:
            second.until(rb">>> ")
            second.type(b"'sec' + 'ond'\r")
            second.until(rb"'second'")
            first.until(rb"'second'")
            first.type(b"'fi' + 'rst'\r")
            second.until(rb"'first'")
