"""Another site: a web server of its own, on another port and so another origin, with one page that embeds shells."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = CHECKOUT / "docs" / "examples" / "guest.html"


class Neighbour:
    """`content` may be changed; the example of the documentation is given the address of the site under test."""

    def __init__(self) -> None:
        self.content = ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                body = outer.content.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def show_example(self, site: str) -> None:
        self.content = EXAMPLE.read_text().replace("https://ivle.example.edu", site)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
