"""From a socket through the web server and the supervisor into a jail, and back. Nothing is a stand-in here."""

from __future__ import annotations

import socket
import time

import pytest

from tests.cgirunner.whole_site import Site

PAGES = "pages.localhost"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site") / "data")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    yield site
    site.close()


@pytest.fixture(scope="module")
def session(site) -> str:
    return site.log_in("student")


def test_hello(site, session) -> None:
    status, body = site.ask("/serve/student/hello.py", cookie=session)
    assert (status, body.startswith(b"Hello! This is Python ")) == (200, True)


def test_a_published_page(site) -> None:
    assert site.ask("/~student/hello.py", host=PAGES)[0] == 200


def test_neither_session_nor_site_reach_the_pages_host(site, session) -> None:
    site.write("student", "cookies.py", "import os; print(os.environ.get('HTTP_COOKIE'))")
    assert site.ask("/~student/cookies.py", host=PAGES, cookie=session) == (200, b"None\n")
    assert site.ask("/login/", host=PAGES)[0] == 404


def test_several_cookies(site) -> None:
    site.write("student", "bake.py", "print('Set-Cookie: a=1\\nSet-Cookie: b=2\\n')")
    site.ask("/~student/bake.py", host=PAGES)
    assert site.reply.headers.get_all("set-cookie") == ["a=1; Path=/~student/", "b=2; Path=/~student/"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body(site, method) -> None:
    site.write("student", "echo.py", "import os, sys; print(os.environ['REQUEST_METHOD'], len(sys.stdin.read()))")
    assert site.ask("/~student/echo.py", method=method, body=b"x" * 100_000, host=PAGES) == (
        200,
        f"{method} 100000\n".encode(),
    )


def test_a_form_with_a_file(site, session) -> None:
    site.write(
        "student",
        "upload.py",
        "import cgi, warnings\nform = cgi.FieldStorage()\n"
        "print(form['name'].value, form['file'].filename, form['file'].file.read())",
    )
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ncontent\r\n--x--\r\n'
    )
    headers = {"content-type": "multipart/form-data; boundary=x", "cookie": session}
    assert site.ask("/serve/student/upload.py", method="POST", body=parts, **headers) == (
        200,
        b"Ada a.txt b'content'\n",
    )


def test_unknown_methods(site) -> None:
    assert site.ask("/~student/hello.py", method="OPTIONS", host=PAGES)[0] == 405


def test_a_loop_is_stopped(site, session) -> None:
    site.write("student", "loop.py", "while True: pass")
    status, body = site.ask("/serve/student/loop.py", cookie=session)
    assert (status, b"Is there a loop that never ends?" in body) == (504, True)


def test_text_that_is_cut_off_says_so(site) -> None:
    site.write("student", "flood.py", "while True: print('0123456789' * 1000)")
    status, body = site.ask("/~student/flood.py", host=PAGES)
    text, _, note = body.partition(b"\n\n[ivle] ")
    assert (status, len(text), note[:30]) == (200, 8 * 1024 * 1024, b"The program wrote more than 8 ")


def test_lines_stream_and_the_program_ends_with_its_viewer(site) -> None:
    source = (
        "import time, pathlib\npathlib.Path('alive').write_text('0')\nprint('one')\n"
        "for n in range(1000):\n pathlib.Path('alive').write_text(str(n))\n time.sleep(.01)"
    )
    site.write("student", "stream.py", source)
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as browser:
        browser.sendall(f"GET /~student/stream.py HTTP/1.1\r\nHost: {PAGES}:{site.port}\r\n\r\n".encode())
        received = b""
        while b"one\n" not in received:
            received += browser.recv(4096)
    assert b"Transfer-Encoding: chunked" in received
    alive = site.data / "homes" / "student" / "alive"
    end = time.monotonic() + 10
    before = None
    while (now := alive.read_text()) != before:
        assert time.monotonic() < end
        before = now
        time.sleep(0.2)  # twenty times as long as the program takes to its next sign of life
    assert int(before or 0) < 900


def test_the_jail_is_the_owner_s(site, session) -> None:
    site.write("student", "who.py", "import os; print(os.getcwd(), sorted(os.listdir('/home')))")
    assert site.ask("/serve/student/who.py", cookie=session) == (200, b"/home/student ['student']\n")


def test_a_body_cannot_be_written_to(site, session) -> None:
    site.write("student", "deface.py", "import os\ntry: os.truncate(0, 1)\nexcept OSError as e: print(e.strerror)")
    status, body = site.ask("/serve/student/deface.py", method="POST", body=b"abc", cookie=session)
    assert (status, body) == (200, b"Operation not permitted\n")
