"""The editor's page in a real Chromium: from the keystroke of Run to output, what a visit weighs. For workspace.py."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import ours
from bench.load import LOOPBACK
from bench.ours import Site
from bench.server import NotStarted
from bench.workspace_site import PROGRAM
from tests.cgirunner.chromium import Chromium, Tab

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SETTLING_SECONDS = 0.4  # between runs, for the next jail to park; nobody presses Run faster
QUIET_SECONDS = 1.5  # without a further request, a visit is over
CTRL = 2
EDITOR = "document.querySelector('ivle-editor')"
# Before anything of the page: when Run was pressed, and when the first frame of output after it has come.
STOPWATCH = """
globalThis.bench = {pressed: 0, taken: 0};
addEventListener("keydown", event => {
  if (event.key === "Enter" && event.ctrlKey) Object.assign(bench, {pressed: event.timeStamp, taken: 0});
}, true);
globalThis.WebSocket = class extends WebSocket {
  constructor(...how) {
    super(...how);
    this.addEventListener("message", ({ data }) => {
      if (data.byteLength > 8 && bench.pressed && !bench.taken) bench.taken = performance.now() - bench.pressed;
    });
  }
};
"""
FETCHED = """JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(one => one.name.startsWith(location.origin) && !one.name.includes("/api/"))
  .map(one => [one.name, one.transferSize]))"""


@dataclass(frozen=True)
class Weight:
    """Of one visit to the editor's page, in bytes."""

    gzipped: int  # all that it fetches, each compressed by itself
    sent: int  # what crossed the wire, headers included
    sent_again: int  # on the second visit
    requests: int


@contextlib.contextmanager
def student(site: Site, folder: Path) -> Iterator[Tab]:
    """The student's browser. Raises NotStarted where the machine has none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise NotStarted("there is no Chromium on this machine")
    name, _, value = next(one for one in ours.log_in(site.port).split("; ") if "session" in one).partition("=")
    with contextlib.closing(Chromium(program, folder)) as chromium, contextlib.closing(Tab(chromium)) as tab:
        tab.call("Page.enable")
        tab.call("Page.addScriptToEvaluateOnNewDocument", source=STOPWATCH)
        tab.call("Network.setCookie", name=name, value=value, url=f"http://localhost:{site.port}/", sameSite="Lax")
        yield tab


def weigh(tab: Tab, site: Site) -> Weight:
    """The first visit of a browser that has seen nothing of the site, and the second."""
    visits = [visit(tab, site) for _ in range(2)]
    addresses = [name for name, _ in visits[0]]
    cookie = ours.log_in(site.port)
    gzipped = sum(len(gzip.compress(body_of(site.port, address, cookie))) for address in addresses)
    sent, again = (sum(size for _, size in fetched) for fetched in visits)
    return Weight(gzipped, sent, again, len(addresses))


def visit(tab: Tab, site: Site) -> list[tuple[str, int]]:
    """Each address that the page fetched, what it fetches when there is time included, and its size on the wire."""
    open_editor(tab, site)
    before, fetched = "", tab.evaluate(FETCHED)
    while fetched != before:
        time.sleep(QUIET_SECONDS)
        before, fetched = fetched, tab.evaluate(FETCHED)
    return [(str(name), int(size)) for name, size in tab.evaluate(f"JSON.parse({fetched!r})")]


def body_of(port: int, address: str, cookie: str) -> bytes:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Host": f"localhost:{port}", "Cookie": cookie})
        return connection.getresponse().read()
    finally:
        connection.close()


def open_editor(tab: Tab, site: Site) -> None:
    tab.open("about:blank")
    tab.until("location.href === 'about:blank'")
    tab.open(f"http://localhost:{site.port}/edit/{PROGRAM}")
    tab.until(f"{EDITOR}?.sheet?.file.state === 'open' && document.activeElement.classList.contains('cm-content')")


def runs(tab: Tab, site: Site, count: int, *, changed: bool) -> list[float]:
    """Seconds from the keystroke to the first output in the page; `changed`: something was typed before it."""
    open_editor(tab, site)
    times = []
    for number in range(count + 1):
        time.sleep(SETTLING_SECONDS)
        tab.evaluate(f"{EDITOR}.sheet.code.focus()")
        if changed:
            tab.call("Input.insertText", text=f"# {number}\n")
        press_run(tab)
        taken = tab.until("bench.taken")
        tab.until(f"{EDITOR}.runner.state === 'ended'")
        if number:  # the first fetches the console's module
            times.append(taken / 1e3)
    return times


def press_run(tab: Tab) -> None:
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "modifiers": CTRL}
    tab.call("Input.dispatchKeyEvent", type="keyDown", **key)
    tab.call("Input.dispatchKeyEvent", type="keyUp", **key)
