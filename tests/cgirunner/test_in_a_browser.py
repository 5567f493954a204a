"""A private page in a real Chromium: everything on it works, and nothing of the site is within its reach."""

from __future__ import annotations

import json
import shutil
from contextlib import closing

import pytest

from tests.cgirunner.chromium import Chromium, Tab
from tests.cgirunner.whole_site import Site

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = """<!DOCTYPE html><title>page</title>
<link rel="stylesheet" href="look.css"><img src="look.svg"><script src="look.js"></script>
<script type="module" src="look.mjs"></script>
<script>
fetch("data.py").then(answer => answer.text()).then(text => window.fetched = text)
try { document.cookie; window.cookies = "readable" } catch { window.cookies = "none" }
for (const [name, address] of [["plain", "/serve/student/data.py"], ["site", "/"]])
  fetch(address, {credentials: "include"}).then(() => window[name] = "reached", () => window[name] = "refused")
</script>
<form method="post" action="form.py"><input name="name" value="Eve"><button>Send</button></form>"""
FILES = {
    "page.html": PAGE,
    "look.css": "body { color: rgb(1, 2, 3) }",
    "look.js": "window.classic = 1",
    "look.mjs": "window.modern = 1",
    "look.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="9"/>',
    "data.py": "print('data')",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    site = Site(tmp_path_factory.mktemp("site") / "data")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    for name, content in FILES.items():
        site.write("student", name, content)
    yield site
    site.close()


@pytest.fixture(scope="module")
def program(site, tmp_path_factory):
    with closing(Chromium(str(PROGRAM), tmp_path_factory.mktemp("profile"))) as program:
        yield program


@pytest.fixture
def tab(site, program):
    name, _, value = site.log_in("student").partition("=")
    address = f"http://localhost:{site.port}/"
    with closing(Tab(program)) as tab:
        tab.call("Network.setCookie", name=name, value=value, url=address, sameSite="Lax", httpOnly=True)
        yield tab


def test_a_private_page(tab, site) -> None:
    tab.open(f"http://localhost:{site.port}/serve/student/page.html")
    assert tab.until("window.fetched") == "data\n"
    assert tab.until("window.plain && window.site && [plain, site]") == ["refused", "refused"]
    tab.until("window.modern")
    assert tab.evaluate("[classic, modern, cookies, origin]") == [1, 1, "none", "null"]
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(1, 2, 3)"
    assert tab.until("document.images[0].naturalWidth") == 7


def test_a_form_on_a_private_page(tab, site) -> None:
    tab.open(f"http://localhost:{site.port}/serve/student/page.html")
    tab.until("document.querySelector('button') && window.fetched")
    tab.evaluate("document.querySelector('button').click()")
    assert tab.until("location.pathname.endsWith('form.py') && document.body.innerText").startswith("Hello, Eve.")
    tab.evaluate("document.querySelector('input').value = 'Ada'; document.querySelector('button').click()")
    assert tab.until("document.body && document.body.innerText.includes('Ada') && document.body.innerText")


def test_a_text_answer_and_back(tab, site) -> None:
    address = f"http://localhost:{site.port}/serve/student/hello.py"
    tab.open(address)
    assert "Hello! This is Python" in tab.until("document.body.innerText")
    tab.open(address + "?report")
    assert tab.until("document.querySelector('h1')?.innerText") == "The program ran to its end."


ASKS = "name = input('Your name? '); print('Hello,', name)"
# All that a page can try whose viewer is logged in: forms, fetches, windows, frames, and reading the report's slip.
HOSTILE = """<!DOCTYPE html><title>hostile</title><body>
<form id="blind" method="post" action="/console/run" target="_blank">
<input name="file" value="asks.py"><input name="slip" value="9999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA">
</form>
<a href="/console/run?file=asks.py">link</a><iframe name="report" src="asks.py?report"></iframe>
<script>
const tries = [
  fetch("/console/run", {method: "POST", credentials: "include", body: new URLSearchParams({file: "asks.py"})}),
  fetch("/console/run?file=asks.py", {credentials: "include"}),
  fetch("asks.py?report").then(answer => answer.text()),
  fetch("asks.py?report", {credentials: "include"}).then(answer => answer.text()),
]
window.open("/console/run?file=asks.py")
document.querySelector("#blind").submit()
onload = async () => {
  const ended = await Promise.allSettled(tries)
  try { ended.push({status: "fulfilled", value: frames.report.document.body.innerHTML}) } catch { }
  window.outcomes = ended.map(({ status }) => status).join()
}
</script>"""


def consoles(site, tab) -> list[dict]:
    kept = tab.call("Network.getCookies", urls=[f"http://localhost:{site.port}/"])["cookies"]
    [cookie] = [one for one in kept if "session" in one["name"]]
    status, body = site.ask("/api/consoles", cookie=f"{cookie['name']}={cookie['value']}")
    assert status == 200
    return json.loads(body)


def test_what_asks_for_input_is_run_in_a_console_by_one_click(tab, site) -> None:
    site.write("student", "asks.py", ASKS)
    address = f"http://localhost:{site.port}/serve/student/asks.py"
    tab.open(address)
    assert f"http://localhost:{site.port}/console/run?file=asks.py" in tab.until(
        "document.body?.innerText.includes('EOFError') && document.body.innerText"
    )
    tab.open(address + "?report")
    tab.until("!!document.querySelector('form[action=\"/console/run\"] button')")
    assert consoles(site, tab) == []
    tab.evaluate("document.querySelector('form[action=\"/console/run\"] button').click()")
    terminal = "document.querySelector('ivle-console')?.screen?.text?.()"
    tab.until(f"{terminal}?.includes('Your name?')")
    tab.until("document.activeElement.classList.contains('xterm-helper-textarea')")
    tab.call("Input.insertText", text="Eve")
    tab.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    tab.until(f"{terminal}.includes('Hello, Eve')")
    [console] = consoles(site, tab)
    assert console["title"] == "asks.py"


def test_a_hostile_page_starts_no_console(tab, site) -> None:
    site.write("student", "asks.py", ASKS)
    site.write("student", "hostile.html", HOSTILE)
    before = {one["id"] for one in consoles(site, tab)}
    tab.open(f"http://localhost:{site.port}/serve/student/hostile.html")
    assert tab.until("window.outcomes") == "rejected,rejected,rejected,rejected"
    tab.evaluate("document.querySelector('a').click()")  # the one thing that comes with the session
    tab.until("location.pathname === '/console/run' && document.querySelector('main form button')?.innerText")
    assert {one["id"] for one in consoles(site, tab)} <= before
