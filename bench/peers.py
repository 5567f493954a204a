"""The other ways to run a CGI program, each with the smallest configuration of its own: Apache, lighttpd, http.server.

Used by serving.py. They run the same hello.py with the same interpreter and, started by root, as an unprivileged user.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.load import Address
from bench.server import NotStarted, await_answer, free_port, running

HELLO = Path(__file__).parent / "programs" / "hello.py"
HELLO_BODY = b"hello\n"
UNPRIVILEGED = ("www-data", "apache", "http", "nobody")
APACHE_MODULES = tuple(
    Path(folder) for folder in ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules")
)


def find_program(*names: str) -> str | None:
    """Servers live in sbin, which is not on everybody's PATH."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"))
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def first_line(*command: str) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return (answer.stdout or answer.stderr).partition("\n")[0].strip()


def unprivileged_user() -> pwd.struct_passwd | None:
    """Who a server started by root becomes; None when we are nobody special ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next((known[name] for name in UNPRIVILEGED if name in known), None)


@dataclass(frozen=True)
class Apache:
    """mpm_event and mod_cgid: a small process forks and executes each program."""

    folder_name = "apache"
    name: str = "Apache mod_cgid"
    path: str = "/hello.py"

    def program(self, interpreter: str) -> str | None:
        return find_program("apache2", "httpd") if apache_modules() else None

    def version(self, program: str) -> str:
        return first_line(program, "-v").removeprefix("Server version: ")

    def command(self, program: str, folder: Path, port: int) -> list[str]:
        built_in = subprocess.run([program, "-l"], capture_output=True, text=True, check=False).stdout
        lines = [
            f"LoadModule {name}_module {apache_modules()}/mod_{name}.so"
            for name in ("mpm_event", "authz_core", "unixd", "cgid")
            if f"mod_{name}.c" not in built_in
        ]
        user = unprivileged_user()
        if user:
            lines += [f"User {user.pw_name}", f"Group #{user.pw_gid}"]
        lines += [
            f"ServerRoot {folder}",
            "ServerName localhost",
            f"Listen 127.0.0.1:{port}",
            f"PidFile {folder}/pid",
            f"DefaultRuntimeDir {folder}",
            f"ScriptSock {folder}/cgid",
            "ErrorLog /dev/stderr",
            f"DocumentRoot {folder}/programs",
            f"<Directory {folder}/programs>",
            "  Require all granted",
            "  Options ExecCGI",
            "  <Files *.py>",
            "    SetHandler cgi-script",
            "  </Files>",
            "</Directory>",
        ]
        configuration = folder / "apache.conf"
        configuration.write_text("\n".join(lines) + "\n")
        return [program, "-D", "FOREGROUND", "-f", str(configuration)]


@dataclass(frozen=True)
class Lighttpd:
    """mod_cgi: the server itself forks and executes each program."""

    folder_name = "lighttpd"
    name: str = "lighttpd mod_cgi"
    path: str = "/hello.py"

    def program(self, interpreter: str) -> str | None:
        return find_program("lighttpd")

    def version(self, program: str) -> str:
        return first_line(program, "-v").partition(" (")[0]

    def command(self, program: str, folder: Path, port: int) -> list[str]:
        lines = [
            'server.modules = ("mod_cgi")',
            'server.bind = "127.0.0.1"',
            f"server.port = {port}",
            f'server.document-root = "{folder}/programs"',
            f'server.upload-dirs = ("{folder}")',
            'cgi.assign = (".py" => "")',
        ]
        user = unprivileged_user()
        if user:
            lines += [f'server.username = "{user.pw_name}"']
        configuration = folder / "lighttpd.conf"
        configuration.write_text("\n".join(lines) + "\n")
        return [program, "-D", "-f", str(configuration)]


@dataclass(frozen=True)
class StandardLibrary:
    """`python -m http.server --cgi`, removed from Python 3.15."""

    folder_name = "standard"
    name: str = "http.server --cgi"
    path: str = "/cgi-bin/hello.py"

    def program(self, interpreter: str) -> str | None:
        return interpreter if "--cgi" in help_text(interpreter) else None

    def version(self, program: str) -> str:
        return first_line(program, "-V")

    def command(self, program: str, folder: Path, port: int) -> list[str]:
        options = ["--cgi", "--bind", "127.0.0.1", "--directory", str(folder / "programs"), str(port)]
        return [program, "-m", "http.server", *options]


Peer = Apache | Lighttpd | StandardLibrary
PEERS: tuple[Peer, ...] = (Apache(), Lighttpd(), StandardLibrary())


def apache_modules() -> Path | None:
    return next((folder for folder in APACHE_MODULES if (folder / "mod_cgid.so").exists()), None)


def help_text(interpreter: str) -> str:
    command = [interpreter, "-m", "http.server", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout


@contextlib.contextmanager
def serving(peer: Peer, folder: Path, interpreter: str) -> Iterator[Address]:
    """The peer at work in `folder`, which its unprivileged user must be able to reach. Raises NotStarted."""
    program = peer.program(interpreter)
    if program is None:
        raise NotStarted(f"{peer.name}: not installed")
    folder.mkdir(mode=0o755)
    place_programs(folder, interpreter)
    user = unprivileged_user()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    address = Address(peer.name, free_port(), peer.path, HELLO_BODY)
    with running(peer.command(program, folder, address.port), folder) as process:
        await_answer(address, process, folder)
        yield address


def place_programs(folder: Path, interpreter: str) -> None:
    """hello.py under both its addresses, executable, with the interpreter in its first line."""
    for place in (folder / "programs", folder / "programs" / "cgi-bin"):
        place.mkdir(mode=0o755)
        program = place / "hello.py"
        program.write_text(f"#!{interpreter}\n{HELLO.read_text()}")
        program.chmod(0o755)
