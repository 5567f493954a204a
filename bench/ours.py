"""Our own site, started as an administrator would: `manage.py up` with its demo class in a folder of its own.

Used by serving.py, for both addresses of the student's hello.py (logged in on the site, public on the pages host), and
by console_site.py.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.load import LOOPBACK, Address
from bench.peers import HELLO, HELLO_BODY
from bench.server import START_MAX_SECONDS, NotStarted, await_answer, free_port, running, said

ROOT = Path(__file__).resolve().parent.parent
STUDENT, PASSWORD = "student", "ivle"
SERVE_PATH = "/serve/student/hello.py"
NAMES = ("ivle, logged in", "ivle, public page")


@contextlib.contextmanager
def serving(folder: Path, runtime: Path | None) -> Iterator[tuple[Address, Address]]:
    """Raises NotStarted, with the end of what the site said."""
    with started(folder, runtime) as site:
        place_hello(folder / "data" / "homes" / STUDENT)
        manage(site, "publish", STUDENT, ".")
        try:
            session = log_in(site.port)
        except (OSError, http.client.HTTPException) as error:
            raise NotStarted(f"nobody could log in ({error!r}); the site said: {said(folder)}") from error
        private = Address(NAMES[0], site.port, SERVE_PATH, HELLO_BODY, headers=(("Cookie", session),))
        public = Address(NAMES[1], site.port, "/~student/hello.py", HELLO_BODY, host="pages.localhost")
        for address in (private, public):
            await_answer(address, site.process, folder)
        yield private, public


@dataclass(frozen=True)
class Site:
    port: int
    process: subprocess.Popen[bytes]
    environ: dict[str, str]


@contextlib.contextmanager
def started(folder: Path, runtime: Path | None, **settings: str) -> Iterator[Site]:
    """The whole site with its demo class and these settings of ours (IVLE_...). Raises NotStarted."""
    folder.mkdir(mode=0o755)
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IVLE_")}
    environ |= {"PORT": str(port), "IVLE_DATA": str(folder / "data"), **settings}
    if runtime:
        environ["IVLE_RUNTIME"] = str(runtime)
    with running([sys.executable, str(ROOT / "manage.py"), "up"], folder, environ) as process:
        await_site(port, process, folder)
        yield Site(port, process, environ)


def manage(site: Site, *arguments: str) -> str:
    """What `manage.py` answers. Raises NotStarted when it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=site.environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted(f"manage.py {arguments[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout.strip()


def await_site(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return once anything answers at the port."""
    deadline = time.monotonic() + START_MAX_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            ask(port, "GET", "/")
            return
        time.sleep(0.1)
    raise NotStarted(f"the site does not answer; it said: {said(folder)}")


def place_hello(home: Path) -> None:
    """As the owner of the home, whoever that is when root starts the site."""
    if not home.is_dir():
        raise NotStarted("the site made no home for its demo student")
    program = home / HELLO.name
    shutil.copyfile(HELLO, program)
    owner = home.stat()
    os.chown(program, owner.st_uid, owner.st_gid)


def log_in(port: int) -> str:
    """The Cookie header of a session, through the login form as a person gets it."""
    _, headers, _ = ask(port, "GET", SERVE_PATH)
    login = urlsplit(headers.get("Location", ""))
    login_path = f"{login.path}?{login.query}" if login.query else login.path
    _, headers, page = ask(port, "GET", login_path or "/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise NotStarted("the site showed no login form")
    form = {"csrfmiddlewaretoken": token[1], "username": STUDENT, "password": PASSWORD, "next": SERVE_PATH}
    status, headers, _ = ask(port, "POST", login.path or "/login/", urlencode(form), cookies(headers))
    if status != 302:
        raise NotStarted(f"the demo student could not log in: status {status}")
    return cookies(headers)


def ask(
    port: int, method: str, path: str, body: str | None = None, cookie: str = ""
) -> tuple[int, http.client.HTTPMessage, str]:
    """One request to the site by a patient client. Raises OSError or HTTPException when it is not there."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    try:
        headers = {"Host": f"localhost:{port}", "Cookie": cookie, "Referer": f"http://localhost:{port}/"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")
    finally:
        connection.close()


def cookies(headers: http.client.HTTPMessage) -> str:
    """What a browser would send back."""
    return "; ".join(value.partition(";")[0] for value in headers.get_all("Set-Cookie", []))
