"""ivle behind a real nginx with the file of deploy/nginx: TLS, two hosts, sockets, events, downloads."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import pytest
from websockets.sync.client import connect

from files.accel import LARGE_BYTES
from files.paths import as_text
from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.client.conftest import make_token

CONFIGURATION = CHECKOUT / "deploy" / "nginx" / "ivle.conf"
OPENSSL = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=ivle",
]
# A program that says what only ivle may say to the proxy.
IMPOSTOR = """\
print("Content-Type: text/plain")
print("X-Accel-Redirect: /accel/lecturer/secret.bin")
print("X-Accel-Limit-Rate: 1")
print()
print("what the program printed")
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Nginx:
    """The shipped file, with the names, ports and places of this machine in place of the examples."""

    def __init__(self, folder: Path, site: Site, ports: tuple[int, int]) -> None:
        self.folder = folder
        self.plain_port, self.port = ports
        places = {
            "ivle.example.edu": "localhost",
            "pages.example.net": "pages.localhost",
            "127.0.0.1:8000": f"127.0.0.1:{site.port}",
            "/srv/ivle/data": str(site.data),
            "/etc/ssl/ivle": str(folder),
            "/var/log/nginx": str(folder),
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
        }
        text = "\n".join(line for line in CONFIGURATION.read_text().splitlines() if "listen [::]" not in line)
        for written, here in places.items():
            assert written in text
            text = text.replace(written, here)
        (folder / "ivle.conf").write_text(text)
        for name in ("site", "pages"):
            files = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"]
            names = "subjectAltName=DNS:localhost,DNS:pages.localhost,DNS:*.pages.localhost"
            subprocess.run([*OPENSSL, "-addext", names, *files], check=True, capture_output=True)
        paths = [f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
        account = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{account} daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off; {' '.join(paths)} include {folder}/ivle.conf; }}\n"
        )
        self.command = [shutil.which("nginx") or "/usr/sbin/nginx", "-e", str(folder / "error.log")]
        self.command += ["-p", str(folder), "-c", str(folder / "nginx.conf")]
        self.process = subprocess.Popen(self.command)
        self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(self.errors())

    def errors(self) -> str:
        return (self.folder / "error.log").read_text()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


class Visitor:
    """Somebody on the other side of the proxy."""

    def __init__(self, nginx: Nginx, token: str = "") -> None:
        self.nginx = nginx
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        self.context = ssl.create_default_context(cafile=str(nginx.folder / "site.pem"))
        self.context.load_verify_locations(str(nginx.folder / "pages.pem"))

    def open(self, host: str = "localhost") -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(host, self.nginx.port, timeout=30, context=self.context)
        connection._create_connection = lambda _address, *rest: (
            socket.create_connection(  # the names are this machine's
                ("127.0.0.1", self.nginx.port), *rest
            )
        )
        return connection

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, host: str = "localhost", **headers: str
    ) -> tuple[int, bytes]:
        connection = self.open(host)
        connection.request(method, path, body, {**self.headers, **headers})
        self.reply = connection.getresponse()
        answer = self.reply.status, self.reply.read()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    if not shutil.which("nginx") and not Path("/usr/sbin/nginx").exists():
        pytest.skip("there is no nginx here")
    ports = free_port(), free_port()
    site = Site(
        tmp_path_factory.mktemp("site") / "data",
        IVLE_DEMO="yes",
        IVLE_SECRET_KEY="s" * 50,
        IVLE_PUBLIC_URL=f"https://localhost:{ports[1]}",
        IVLE_PROXY_COUNT="1",
        IVLE_PAGES_SUBDOMAINS="yes",
        IVLE_ACCEL="/accel",
    )
    site.ports = ports
    yield site
    site.close()


@pytest.fixture(scope="module")
def nginx(site, tmp_path_factory) -> Iterator[Nginx]:
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), site, site.ports)
    yield nginx
    nginx.close()


@pytest.fixture(scope="module")
def token(site) -> str:
    return make_token(site, "student")


@pytest.fixture
def student(nginx, token) -> Visitor:
    return Visitor(nginx, token)


@pytest.fixture
def anybody(nginx) -> Visitor:
    return Visitor(nginx)


def test_nginx_has_nothing_to_say_about_the_file(nginx) -> None:
    checked = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


def test_plain_http_is_sent_to_https(nginx) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.plain_port, timeout=20)
    connection.request("GET", "/files/?a=b", headers={"host": "localhost"})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["location"]) == (308, "https://localhost/files/?a=b")


def test_a_name_that_is_not_ours_has_no_certificate(anybody) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        anybody.ask("/", host="elsewhere.localhost")


def test_a_student_logs_in_and_runs_a_program(nginx, anybody) -> None:
    _, page = anybody.ask("/login/")
    assert anybody.reply.headers["strict-transport-security"]
    cookies = [cookie.split(";")[0] for cookie in anybody.reply.headers.get_all("set-cookie", [])]
    assert any(cookie.startswith("__Host-ivle-csrf=") for cookie in cookies)
    csrf = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', page)[1].decode()
    form = urlencode({"csrfmiddlewaretoken": csrf, "username": "student", "password": "ivle"}).encode()
    kind = {"content-type": "application/x-www-form-urlencoded", "origin": f"https://localhost:{nginx.port}"}
    status, _ = anybody.ask("/login/", "POST", form, cookie="; ".join(cookies), **kind)
    assert status == 302
    [session] = [one for one in anybody.reply.headers.get_all("set-cookie") if one.startswith("__Host-ivle-session=")]
    assert "Secure" in session
    status, text = anybody.ask("/serve/student/hello.py", cookie=session.split(";")[0])
    assert (status, text[:22]) == (200, b"Hello! This is Python ")


def test_the_visitors_own_address_arrives(site, student) -> None:
    """And not what they write into the header, nor the proxy's."""
    site.write("student", "address.py", "import os\nprint(os.environ['REMOTE_ADDR'], os.environ.get('HTTPS'))\n")
    _, text = student.ask("/serve/student/address.py", **{"x-forwarded-for": "192.0.2.7"})
    assert text == b"127.0.0.1 on\n"


def test_a_console_through_a_socket(nginx, student) -> None:
    address = f"wss://localhost:{nginx.port}/console/new/socket?client=page&drives=1&program=python"
    with connect(
        address,
        ssl=student.context,
        sock=socket.create_connection(("127.0.0.1", nginx.port), 20),
        additional_headers=student.headers,
        subprotocols=["ivle.console.1"],
    ) as page:
        page.send(bytes(8) + b"print(6 * 7)\n")
        said = b""
        while b"42" not in said:
            frame = page.recv(timeout=20)
            said += frame[8:] if isinstance(frame, bytes) else b""
        page.send(json.dumps({"kind": "end"}))


def test_a_console_by_events_comes_as_it_is_said(student) -> None:
    made = student.ask("/api/consoles", "POST", b'{"program": "python"}', **{"content-type": "application/json"})
    console = json.loads(made[1])["id"]
    connection = student.open()
    connection.request("GET", f"/api/consoles/{console}/events?client=page&drives=1", headers=student.headers)
    answer = connection.getresponse()
    first = answer.readline()  # while the answer goes on
    assert json.loads(first.removeprefix(b"data: "))["kind"] == "welcome"
    connection.close()
    assert student.ask(f"/api/consoles/{console}", "DELETE")[0] == 204


def test_a_page_comes_while_its_program_runs(site, student) -> None:
    site.write("student", "slow.py", "import sys, time\nprint('first', flush=True)\nsys.stdin.read()\ntime.sleep(3)\n")
    connection = student.open()
    connection.request("GET", "/serve/student/slow.py", headers=student.headers)
    began = time.monotonic()
    assert connection.getresponse().readline() == b"first\n"
    assert time.monotonic() - began < 2.5
    connection.close()


def test_too_large_a_body_is_refused(student) -> None:
    assert student.ask("/api/files/content?path=large", "PUT", **{"content-length": str(40 << 20)})[0] == 413


# --- downloads ---------------------------------------------------------------------------------------------------


LARGE = bytes(range(256)) * (LARGE_BYTES // 256) + b"the end"
NAMES = (
    b"large.bin",
    b"with space & 100%?#.bin",
    "größe.bin".encode(),
    b"\xff not UTF-8",
    b"a..b",
    b"%2e%2e",
    b"line\nbreak",
    b"folder/inner.html",
)


def put(site: Site, owner: str, name: bytes, content: bytes) -> None:
    """As a program of its owner's makes it."""
    home = os.fsencode(site.data / "homes" / owner)
    path = home + b"/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    status = os.stat(home)
    for made in (path, os.path.dirname(path)):
        os.chown(made, status.st_uid, status.st_gid)


def content_of(name: bytes, **more: str) -> str:
    return f"/api/files/content?path={quote(as_text(tuple(name.split(b'/'))))}&{urlencode(more)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_large_file_is_sent_by_nginx(site, nginx, student, name: bytes) -> None:
    put(site, "student", name, LARGE)
    status, body = student.ask(content_of(name))
    assert (status, body == LARGE) == (200, True), nginx.errors()[-500:]
    assert int(student.reply.headers["content-length"]) == len(LARGE)
    forwarded = {"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https"}
    assert site.ask(content_of(name), **student.headers, **forwarded) == (200, b"")  # ivle did not send it
    assert site.reply.headers["x-accel-redirect"].startswith("/accel/student/")


def test_what_ivle_says_about_a_file_is_said(site, student) -> None:
    """Policy, type, tag: the same by nginx as by ivle, which answers HEAD by itself."""
    put(site, "student", b"page.html", b"<script>alert(1)</script>" + LARGE)
    path = content_of(b"page.html", download="true")
    student.ask(path, "HEAD")
    ours = student.reply.headers
    student.ask(path)
    theirs = student.reply.headers
    assert theirs["x-request-id"]
    passing = {"x-request-id", "date", "server", "connection", "content-length", "content-language", "vary"}
    wanted = {name.lower(): value for name, value in ours.items() if name.lower() not in passing}
    assert "sandbox" in wanted["content-security-policy"]
    assert wanted["content-disposition"].startswith("attachment")
    assert {name: theirs[name] for name in wanted} == wanted
    assert len(theirs.get_all("content-security-policy")) == len(theirs.get_all("etag")) == 1


def test_part_of_a_large_file(site, student) -> None:
    put(site, "student", b"large.bin", LARGE)
    status, body = student.ask(content_of(b"large.bin"), range="bytes=1000-1999")
    assert (status, body) == (206, LARGE[1000:2000])
    assert student.reply.headers["content-range"] == f"bytes 1000-1999/{len(LARGE)}"
    tag = student.reply.headers["etag"]
    assert student.reply.headers["x-content-type-options"] == "nosniff"
    status, body = student.ask(content_of(b"large.bin"), range="bytes=-7", **{"if-range": tag})
    assert (status, body) == (206, b"the end")
    status, body = student.ask(content_of(b"large.bin"), range="bytes=-7", **{"if-range": '"another"'})
    assert (status, len(body)) == (200, len(LARGE))
    assert student.ask(content_of(b"large.bin"), **{"if-none-match": tag})[0] == 304


def test_a_link_in_the_home_leads_to_what_it_names(site, student) -> None:
    put(site, "student", b"folder/large.bin", LARGE)
    link = site.data / "homes" / "student" / "link.bin"
    link.unlink(missing_ok=True)
    link.symlink_to("folder/large.bin")
    assert student.ask(content_of(b"link.bin")) == (200, LARGE)


def test_nobody_asks_nginx_for_a_home(site, anybody, student) -> None:
    put(site, "lecturer", b"secret.bin", LARGE)
    for path in (
        "/accel/lecturer/secret.bin",
        "/accel/",
        "/x/../accel/lecturer/secret.bin",
        "/%61ccel/lecturer/secret.bin",
    ):
        for visitor in (anybody, student):
            status, body = visitor.ask(path)
            assert (status, b"the end" in body) == (404, False), path


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/serve/student/impostor.py", "localhost"),
        ("/impostor.py", "student.pages.localhost"),
    ],
)
def test_a_program_has_no_word_to_nginx(site, student, path: str, host: str) -> None:
    """Once by ivle's allow-list, and once by nginx, which does not listen at these addresses."""
    put(site, "lecturer", b"secret.bin", LARGE)
    site.write("student", "impostor.py", IMPOSTOR)
    status, body = student.ask(path, host=host)
    assert (status, body) == (200, b"what the program printed\n")


class Impostor(http.server.BaseHTTPRequestHandler):
    """In ivle's place: it says to nginx, at every address, what it is told to."""

    says = ""
    asked = ""

    def do_GET(self) -> None:
        Impostor.asked = self.path
        self.send_response(200)
        self.send_header("X-Accel-Redirect", self.says)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"mine\n")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def deceived(site, tmp_path_factory) -> Iterator[Nginx]:
    """The same nginx, before the impostor."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Impostor) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        there = SimpleNamespace(port=server.server_port, data=site.data)
        nginx = Nginx(tmp_path_factory.mktemp("deceived"), there, (free_port(), free_port()))
        yield nginx
        nginx.close()
        server.shutdown()
        thread.join()


def test_nginx_takes_the_word_at_one_address_only(site, deceived) -> None:
    """Even if ivle's allow-list let the header pass."""
    put(site, "lecturer", b"secret.bin", LARGE)
    Impostor.says = "/accel/lecturer/secret.bin"
    visitor = Visitor(deceived)
    assert visitor.ask("/api/files/content?path=x") == (200, LARGE)
    for path in ("/", "/serve/student/impostor.py", "/api/files/list", "/api/files/content/", "/console/x/view"):
        assert visitor.ask(path) == (200, b"mine\n")
    for path in ("/", "/api/files/content", "/accel/lecturer/secret.bin"):
        assert visitor.ask(path, host="student.pages.localhost") == (200, b"mine\n")


@pytest.mark.parametrize(
    "path",
    [
        "/serve/student/impostor.py/../../../api/files/content",
        "/serve/student/impostor.py/%2e%2e/%2E%2e/../api/files/content",
        "/serve/student/impostor.py/..%2f..%2f../api/files/content",
        "//api/./files/%63ontent",
    ],
)
def test_another_address_that_comes_to_the_same_is_asked_as_that_one(site, deceived, path: str) -> None:
    """What nginx takes for the one address is the one address for ivle as well, and never a program's."""
    Impostor.says = "/accel/lecturer/secret.bin"
    put(site, "lecturer", b"secret.bin", LARGE)
    assert Visitor(deceived).ask(f"{path}?path=x") == (200, LARGE)
    assert Impostor.asked == "/api/files/content?path=x"


def test_a_program_behind_another_address_is_not_reached(site, student) -> None:
    put(site, "lecturer", b"secret.bin", LARGE)
    site.write("student", "impostor.py", IMPOSTOR)
    status, body = student.ask("/serve/student/impostor.py/../../../api/files/content?path=none")
    assert (status, b"the end" in body, b"what the program printed" in body) == (404, False, False)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_nginx_follows_no_link(site, deceived, kind: str) -> None:
    """What a program puts in the place of a file between our answer and nginx's opening it."""
    put(site, "lecturer", b"secret.bin", LARGE)
    home = site.data / "homes" / "student"
    link = home / f"swapped {kind}"
    link.unlink(missing_ok=True)
    link.symlink_to("../lecturer/secret.bin" if kind == "file" else "../lecturer")
    Impostor.says = f"/accel/student/swapped%20{kind}" + ("" if kind == "file" else "/secret.bin")
    status, body = Visitor(deceived).ask("/api/files/content?path=x")
    assert status in (403, 404)
    assert b"the end" not in body


def test_students_pages_are_on_their_host_alone(site, nginx, student, anybody) -> None:
    status, body = anybody.ask("/hello.py", host="student.pages.localhost")
    assert (status, body[:6]) == (200, b"Hello!")
    assert anybody.ask("/login/", host="student.pages.localhost")[0] == 404
    assert anybody.ask("/api/files/content?path=hello.py", host="pages.localhost", **student.headers)[0] == 404
    assert anybody.ask("/~student/hello.py")[0] == 404


SECRETS = {
    "/files/?token=do-not-write": "/files/",
    "/password/set/MQ/do-not-write/": "/password/set/...",
    "//password/./set/MQ/do%2dnot-write/": "/password/set/...",
    "/serve/student~do-not-write/hello.py?x=do-not-write": "/serve/student~.../hello.py",
    "/serve/student~do-not-write": "/serve/student~...",
    "/serve/student/hello~world.py": "/serve/student/hello~world.py",
}


def test_no_log_has_a_secret_of_an_address(nginx, student) -> None:
    for path in SECRETS:
        student.ask(path)
    logged = [f'"GET {path}" ' for path in SECRETS.values()]
    end = time.monotonic() + 10
    while not all(line in (text := (nginx.folder / "ivle.log").read_text()) for line in logged):
        assert time.monotonic() < end, text  # written after the answer
        time.sleep(0.02)
    assert "do-not-write" not in text
    assert "do-not-write" not in nginx.errors()


def test_a_request_has_one_id_in_both_logs(nginx, student) -> None:
    student.ask("/files/", **{"x-request-id": "of-the-visitor"})
    answered = student.reply.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", answered)
    end = time.monotonic() + 10
    while answered not in (nginx.folder / "ivle.log").read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
