"""What a visit to the editor costs the network: little at first, nothing but the page itself after that."""

from __future__ import annotations

import json

from tests.editor.browser.page import EDITOR, EditorPage

BUDGET_BYTES = 350_000  # the headers of some sixty answers come on top
FETCHED = """JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(one => one.name.startsWith(location.origin) && !one.name.includes("/api/"))
  .map(one => [new URL(one.name).pathname, one.transferSize, one.encodedBodySize]))"""


def visit(page: EditorPage) -> dict[str, tuple[int, int]]:
    """All that the page fetched, also when there was time: bytes on the wire, and without headers."""
    page.visit("/edit/light.py")
    page.opened("light.py")
    page.wait_for(f"{EDITOR}.runner.load().then(() => customElements.whenDefined('ivle-console')).then(() => 1)")
    return {path: (sent, body) for path, sent, body in json.loads(page.evaluate(FETCHED))}


def test_the_first_visit_is_light_and_the_second_brings_the_page_alone(page: EditorPage) -> None:
    page.site.write("student", "light.py", "print(1)\n")
    page.call("Network.clearBrowserCache")
    first = visit(page)
    assert any(path.endswith("/vendor/xterm.js") for path in first)
    assert sum(body for sent, body in first.values() if sent) <= BUDGET_BYTES
    again = visit(page)
    assert {path for path, (sent, _) in again.items() if sent} == {"/edit/light.py"}


def test_all_modules_are_asked_for_at_once(page: EditorPage) -> None:
    """None has to arrive before another one is known."""
    page.site.write("student", "light.py", "print(1)\n")
    page.call("Network.clearBrowserCache")
    fetched = visit(page)
    scripts = {path for path in fetched if path.endswith(".js")}
    named = page.evaluate(
        "JSON.stringify([...document.querySelectorAll('link[rel=modulepreload], script')]"
        ".map(one => new URL(one.href || one.src).pathname))"
    )
    assert scripts == set(json.loads(named))
