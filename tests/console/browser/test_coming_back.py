"""Closing the tab, losing the web server, another computer: the console goes on, and no byte is lost or doubled."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.console.browser.page import CONSOLE, Page

LINES = 4000


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_web_server(page: Page) -> None:
    """`up` starts another one. Its other children are left alone."""
    [web] = [
        pid for pid in children_of(page.site.process.pid) if b"ivle.web" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(web, signal.SIGKILL)


def test_close_the_tab_and_come_back(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("kept = 6 * 7\n")
    page.sees(r"6 \* 7\n>>> ?$")
    address = page.path
    page.open("about:blank")
    page.until("location.href == 'about:blank'")
    assert page.questions == ["beforeunload"]
    page.open(page.address + address)
    page.ready()
    page.sees(r"kept = 6 \* 7")
    page.type("kept\n")
    page.sees(r"^42$")
    assert page.number_of_lines(r"kept = 6 \* 7") == 1


def test_the_list_leads_back_to_it(page: Page) -> None:
    page.start()
    path = page.path
    page.visit("/console/")
    page.press_button(f".consoles a[href='{path}']")
    page.until(f"location.pathname == {path!r}")
    page.ready()


def test_what_programs_asked_the_terminal_is_not_answered_again(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type(r"import sys; _ = sys.stdout.write('\x1b[6n\x1b[c')" + "\n")
    page.sees(r"^>>> .*R.*c$")  # answered once: it stands at the prompt
    before = page.text
    path = page.path
    page.visit("/console/")
    page.open(page.address + path)
    page.ready()
    page.until(f"!{CONSOLE}.screen.replaying")
    page.type("#")
    page.sees(r"#$")
    assert page.text == before + "#"


def test_the_web_server_is_killed_in_the_middle_of_output(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type(f"import time\nfor i in range({LINES}): print('line', i); time.sleep(0.0005)\n\n")
    page.sees(r"^line \d+$")
    kill_web_server(page)
    page.until(f"{CONSOLE}.connection.state.name != 'connected'")
    page.type("print('typed while', 'away')\n")
    page.strip_says("wait to be typed|Connected")
    page.sees(r"^typed while away$")
    text = page.text
    assert [line for line in text.splitlines() if line.startswith("line ")] == [f"line {i}" for i in range(LINES)]
    assert page.number_of_lines(r"^typed while away$") == 1
    page.strip_says("Connected")


def test_where_sockets_are_blocked_it_works_all_the_same(page: Page) -> None:
    page.block_sockets()
    page.start()
    page.sees(r"^>>> ?$")
    assert page.evaluate(f"{CONSOLE}.connection.way") == "events"
    page.type("print(6 * 7)\n")
    page.sees(r"^42$")
    page.type("while True: print('flood\\n' * 999, end='')\n\n")
    page.until(f"{CONSOLE}.connection.received > 4500000")  # one stream of events is 4 MiB long
    page.choose("Interrupt")
    page.sees(r"KeyboardInterrupt\s+(flood\s+)*>>> ?$")


def test_a_console_that_is_gone_says_so(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    identifier = page.path.split("/")[2]
    page.evaluate(
        f"fetch('/console/{identifier}/end', {{method: 'POST', redirect: 'manual',"
        f" headers: {{'X-CSRFToken': {CONSOLE}.getAttribute('csrf')}}}})"
    )
    page.until(f"location.pathname == '/console/' || {CONSOLE}?.connection.state.name == 'closed'")
