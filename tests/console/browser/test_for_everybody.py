"""Phones, keyboards alone, screen readers: the same console."""

from __future__ import annotations

import pytest

from tests.console.browser.page import CONSOLE, SHIFT, Page


def as_a_phone(page: Page) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    page.call("Emulation.setTouchEmulationEnabled", enabled=True)
    page.call(
        "Emulation.setEmulatedMedia",
        features=[{"name": "pointer", "value": "coarse"}, {"name": "hover", "value": "none"}],
    )


def tap(page: Page, label: str) -> None:
    page.choose(label, ".console-touch")


def test_a_phone(page: Page, browser_of) -> None:
    as_a_phone(page)
    page.visit("/console/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.start()
    page.sees(r"^>>> ?$")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.type("number = 42\nnumb")
    tap(page, "Tab")
    page.type("\n")
    page.sees(r"^42$")
    tap(page, "↑")
    page.sees(r"^>>> number$")
    tap(page, "Ctrl")
    page.type("c")
    page.sees(r"KeyboardInterrupt\n>>> ?$")
    sizes = page.evaluate("[...document.querySelectorAll('.console-touch button')].map(one => one.offsetHeight)")
    assert min(sizes) >= 44
    other = browser_of("admin")  # the strip has more to say, and still fits
    other.open(page.address + page.path)
    page.strip_says("Watching: admin")
    assert page.evaluate("document.querySelector('.console-strip').scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('.console-menu').getBoundingClientRect().right <= innerWidth")


def test_out_of_the_terminal_by_keyboard(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.press("Tab")
    assert page.evaluate("document.activeElement.className") == "xterm-helper-textarea"
    page.press("Escape")
    page.press("Tab")
    page.until("document.activeElement.textContent == 'Interrupt'")
    page.press("?")
    page.until("document.querySelector('dialog[open]').innerText.includes('Escape, then Tab')")
    page.press("Escape")
    page.until("!document.querySelector('dialog')")
    page.evaluate(f"{CONSOLE}.screen.focus()")
    page.press("1")  # the line editor has not taken an Escape for the beginning of this key
    page.type("+1")
    page.sees(r"^>>> +1\+1$")
    page.press("Escape")
    page.press("Tab", SHIFT)
    page.until("document.activeElement.closest('.console-strip')")


def test_the_output_as_text(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.type("print('a' * 500)\n")
    page.sees("a{500}")
    page.evaluate("document.querySelector('.console-menu').open = true")
    page.choose("Show as text")
    assert "a" * 500 in page.until("document.querySelector('dialog pre').textContent")


def test_settings_are_kept(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.evaluate("document.querySelector('.console-menu').open = true")
    page.choose("Settings")
    page.until("document.querySelector('#console-font-size')")
    page.evaluate(
        "const size = document.querySelector('#console-font-size');"
        "size.value = 20; size.dispatchEvent(new Event('change'));"
        "document.querySelector('.check input').click()"
    )
    page.choose("Done", "dialog")
    page.until("document.querySelector('.xterm-accessibility')")
    path = page.path
    page.visit("/console/")
    page.open(page.address + path)
    page.until(f"{CONSOLE}?.screen?.terminal.options.fontSize == 20")
    page.until("document.querySelector('.xterm-accessibility').innerText.includes('>>>')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.visit("/console/")
    page.check_axe()
    page.start()
    page.sees(r"^>>> ?$")
    page.type(r"print('\x1b[31mred \x1b[33myellow \x1b[38;2;90;90;90mgrey\x1b[0m')" + "\n")
    page.sees("^red yellow grey")
    page.check_axe()
    page.evaluate("document.querySelector('.console-menu').open = true")
    page.check_axe()
    for label in ("Keys", "Settings", "Show as text"):
        page.evaluate("document.querySelector('.console-menu').open = true")
        page.choose(label)
        page.until("document.querySelector('dialog[open]')")
        page.check_axe()
        page.evaluate("document.querySelector('dialog').close()")
    page.type("exit()\n")
    page.until("document.querySelector('.console-ended').checkVisibility()")
    page.check_axe()
    page.visit("/console/")
    page.check_axe()


def test_a_console_on_any_page_in_one_line(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    path = page.path
    page.visit("/console/")
    page.evaluate(
        "import('/static/console/element.js').then(({make_terminal}) =>"
        f" make_terminal(document.querySelector('main'), {{rows: 8, cols: 60}}, '{path}socket'))"
    )
    page.sees(r"^>>> ?$")
    assert page.evaluate(f"[{CONSOLE}.screen.terminal.rows, {CONSOLE}.screen.terminal.cols]") == [8, 60]


def start_in_page(page: Page, query: str = "?program=python") -> None:
    page.visit("/console/")
    page.evaluate(
        "import('/static/console/element.js').then(({make_terminal}) => make_terminal(document.querySelector('main'),"
        " {rows: 8, cols: 60, csrf: document.querySelector('[name=csrfmiddlewaretoken]').value},"
        f" '/console/new/{query}'))"
    )


def test_a_console_that_starts_in_one_line(page: Page) -> None:
    start_in_page(page)
    page.sees(r"^>>> ?$")
    page.evaluate(f"{CONSOLE}.screen.focus()")
    page.type("import os; os.get_terminal_size()\n")
    page.sees(r"columns=60, lines=8")
    session = page.evaluate(f"{CONSOLE}.getAttribute('session')")
    page.evaluate(f"{CONSOLE}.connection.transport.close(), {CONSOLE}.connection.doubt()")
    page.until(f"{CONSOLE}.connection.state.name == 'connected'")
    page.type("6 * 7\n")
    page.sees(r"^42$")
    assert page.evaluate(f"{CONSOLE}.welcome.session") == session


def test_it_starts_where_sockets_are_blocked(page: Page) -> None:
    page.block_sockets()
    start_in_page(page)
    page.sees(r"^>>> ?$")
    assert page.evaluate(f"{CONSOLE}.connection.way") == "events"


def test_what_cannot_start_says_why(page: Page) -> None:
    start_in_page(page, "?file=gone.py")
    page.strip_says("There is no file gone.py in your folder.")
    page.check_axe()
    page.block_sockets()
    start_in_page(page, "?file=gone.py")
    page.strip_says("There is no file gone.py in your folder.")
