"""What is on a page, by CSS selectors: facts for whoever compares them outside. Used by checker.py, in a jail, because
it reads what student programs have made."""

from __future__ import annotations

from typing import Any

TEXT_MAX_CHARACTERS = 100_000
ELEMENTS_MAX = 50
ELEMENT_MAX_CHARACTERS = 2_000
UNSEEN = ["script", "style", "template", "noscript", "head"]


def facts(html: str, selectors: list[str]) -> dict[str, Any]:
    """Its text, and for each selector how many elements there are and what their texts are; None for a selector that
    is none. Raises ImportError where this Python cannot read HTML."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    page = LexborHTMLParser(html)
    found: dict[str, dict[str, Any] | None] = {}
    for selector in selectors:
        try:
            elements = page.css(selector)
        except (SelectolaxError, ValueError):
            found[selector] = None
        else:
            texts = [text_of(element, ELEMENT_MAX_CHARACTERS) for element in elements[:ELEMENTS_MAX]]
            found[selector] = {"count": len(elements), "texts": texts}
    page.strip_tags(UNSEEN)
    return {"text": text_of(page.root, TEXT_MAX_CHARACTERS) if page.root else "", "found": found}


def text_of(element: Any, most: int) -> list[str]:
    """With nothing between its elements, and with spaces: no reader of HTML knows where a browser breaks lines."""
    texts = (element.text(separator=separator) for separator in ("", " "))
    return [" ".join(text.split())[:most] for text in texts]
