"""A whole ivle of its own for tests that go through sockets: supervisor, jails, web server and the demo class."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class Site:
    def __init__(self, data: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = data
        self.environ = {**os.environ, "PORT": str(self.port), "IVLE_DATA": str(data), **settings}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=CHECKOUT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.said = ""
        self.settled = threading.Event()
        self.listening = threading.Thread(target=self.listen, daemon=True)
        self.listening.start()
        self.settled.wait(60)
        if "is ready" not in self.said:
            self.close()
            raise AssertionError(f"the site did not start; it said: {self.said}")
        self.publish("student", "classmate")

    def listen(self) -> None:
        """To all it says, for as long as it lives: a full pipe would stop it."""
        for line in self.process.stdout or ():
            self.said += line.decode(errors="replace")
            if b"is ready" in line:
                self.settled.set()
        self.settled.set()

    def publish(self, *owners: str) -> None:
        """Their whole homes, which these tests write into; where the database is not a file they are left alone."""
        if self.environ.get("IVLE_DATABASE_URL"):
            return
        with closing(sqlite3.connect(self.data / "db.sqlite3", timeout=10)) as database, database:
            for owner in owners:
                database.execute(
                    "INSERT OR IGNORE INTO files_publishedfolder (person_id, path, since)"
                    " SELECT id, '', datetime('now') FROM accounts_person WHERE username = ?",
                    (owner,),
                )

    def write(self, owner: str, name: str, content: str) -> None:
        """A file as its owner's own program would have made it."""
        home = self.data / "homes" / owner
        (home / name).write_text(content)
        status = home.stat()
        os.chown(home / name, status.st_uid, status.st_gid)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body; on the pages host with host="pages.localhost"."""
        connection = self.connect()
        headers["host"] = f"{headers.get('host', 'localhost')}:{self.port}"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
        except OSError as fault:
            raise AssertionError(f"the site does not answer ({fault!r}); it said: {self.said}") from fault
        self.reply = response
        answer = response.status, response.read()
        connection.close()
        return answer

    def log_in(self, username: str) -> str:
        """The session cookie of a person of the demo class."""
        _, page = self.ask("/login/")
        csrf = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', page)
        assert csrf
        form = urlencode({"csrfmiddlewaretoken": csrf[1].decode(), "username": username, "password": "ivle"})
        self.ask(
            "/login/",
            method="POST",
            body=form.encode(),
            cookie=self.cookie(),
            origin=f"http://localhost:{self.port}",
            **{"content-type": "application/x-www-form-urlencoded"},
        )
        return next(cookie for cookie in self.reply.headers.get_all("set-cookie", []) if "session" in cookie).split(
            ";"
        )[0]

    def cookie(self) -> str:
        return "; ".join(cookie.split(";")[0] for cookie in self.reply.headers.get_all("set-cookie", []))

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.listening.join(20)
        if self.process.stdout:
            self.process.stdout.close()
