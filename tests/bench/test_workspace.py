"""The part of the workspace says what is missing, and never takes a wrong answer for a measurement."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bench import workspace, workspace_site
from bench.findings import Section
from bench.settings import Settings, quick
from bench.workspace_site import FILES, Client, Wrong


class Api(BaseHTTPRequestHandler):
    """In place of the site: answers as `answers` says, by the beginning of the path."""

    protocol_version = "HTTP/1.1"
    answers: dict[str, tuple[int, object]]

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, content = next(
            (answer for path, answer in self.answers.items() if self.path.startswith(path)), (404, {"detail": "no"})
        )
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = answer  # noqa: N815

    def log_message(self, *_what: object) -> None:
        pass


@pytest.fixture
def client() -> Iterator[Client]:
    Api.answers = {
        "/api/files/list": (200, {"entries": [{}] * FILES}),
        "/api/files/content": (200, {}),
        "/api/editor/lint": (200, {"problems": [{}]}),
    }
    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = Client(server.server_port, "token")
    yield client
    client.connection.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def section() -> Section:
    return Section("workspace", "", ("", "p50 ms", "p99 ms", "times"))


def test_each_is_measured_and_has_its_target(client: Client, section: Section) -> None:
    workspace.by_api(section, client, quick(Settings()))
    assert [row[0] for row in section.rows] == ["list 2,000 files", "save", "lint"]
    assert [figure.name for figure in section.figures if figure.target] == [
        "list 2,000 files: p50",
        "save: p50",
        "lint: p50",
    ]
    assert section.complete


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/files/list", (200, {"entries": [{}] * (FILES - 1)})),
        ("/api/editor/lint", (200, {"problems": []})),
        ("/api/editor/lint", (404, {})),
        ("/api/files/content", (507, {"detail": "full"})),
    ],
)
def test_a_wrong_answer_is_no_measurement(client: Client, section: Section, path, answer) -> None:
    Api.answers[path] = answer
    workspace.by_api(section, client, quick(Settings()))
    assert len(section.rows) == 2
    assert (section.complete, len(section.notes)) == (False, 1)


def test_nobody_answers(client: Client) -> None:
    silent = Client(1, "token")
    with pytest.raises(Wrong):
        workspace_site.saves(silent, 1)
