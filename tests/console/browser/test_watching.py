"""Several browsers on one console: one types, the others see it, and everybody sees who is there."""

from __future__ import annotations

from tests.console.browser.page import CONSOLE, Page


def test_the_same_person_in_two_browsers(page: Page, browser_of) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    other = browser_of("student")
    other.open(page.address + page.path)
    other.until(f"{CONSOLE}?.welcome")
    other.strip_says("you, elsewhere types")
    page.strip_says("Watching: you, elsewhere")
    page.type("print(6 * 7)\n")
    other.sees(r"^42$")
    other.choose("Take the keyboard")
    page.strip_says("you, elsewhere types")
    other.until(f"{CONSOLE}.connection.drives")
    other.evaluate(f"{CONSOLE}.screen.focus()")
    other.type("print(7 * 11)\n")
    page.sees(r"^77$")
    assert other.faults == []


def test_a_watcher_only_reads_until_the_owner_lets_go(page: Page, browser_of) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    watcher = browser_of("admin")
    watcher.open(page.address + page.path)
    watcher.until(f"{CONSOLE}?.welcome")
    page.strip_says("Watching: admin")
    watcher.strip_says("student types")
    watcher.evaluate(f"{CONSOLE}.screen.focus()")
    watcher.type("x")
    watcher.until("document.querySelector('.console-notice').innerText == 'Nothing was typed: you are watching.'")
    assert watcher.evaluate("[...document.querySelectorAll('[data-for=owner]')].every(one => one.disabled)")
    page.type("1 + 1\n")
    assert "x1" not in page.sees(r"^2$")
    page.choose("Let them type")
    watcher.choose("Take the keyboard")
    page.strip_says("admin types")
    watcher.until(f"{CONSOLE}.connection.drives")
    watcher.evaluate(f"{CONSOLE}.screen.focus()")
    watcher.type("2 + 3\n")
    page.sees(r"^5$")
    assert watcher.faults == []


def test_the_size_is_the_drivers(page: Page, browser_of) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    small = browser_of("student")
    small.call("Emulation.setDeviceMetricsOverride", width=500, height=400, deviceScaleFactor=1, mobile=False)
    small.open(page.address + page.path)
    small.until(f"{CONSOLE}?.welcome")
    sizes = f"[{CONSOLE}.screen.terminal.rows, {CONSOLE}.screen.terminal.cols].join()"
    wide = page.evaluate(sizes)
    small.until(f"{sizes} == {wide!r}")
    small.choose("Take the keyboard")
    page.strip_says("you, elsewhere types")
    page.until(f"{sizes} != {wide!r} && {sizes} == {small.evaluate(sizes)!r}")
