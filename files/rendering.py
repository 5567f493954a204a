"""Markdown and others' HTML as HTML that does nothing: an allow-list of tags and addresses. For previews and notebooks.

Rendering comes first and the allow-list last, so that nothing depends on what the renderer lets through.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

import nh3
from markdown_it import MarkdownIt

from files.paths import BadPath, as_text, check

CONTENT_URL: Final = "/api/files/content?"
PICTURE_DATA: Final = ("data:image/png;base64,", "data:image/jpeg;base64,")
LINKS: Final = ("http://", "https://", "mailto:", "#")
TAGS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr b blockquote br caption code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4
        h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead
        tr u ul var
        """,
    )
)
ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
ImageUrl = Callable[[str], str]
# The renderer is Python: of all that want it only one has a processor at a time, and the event loop gets its turns.
_one_at_a_time = threading.Lock()


def clean(html: str) -> str:
    """What is left of any HTML: no script, style, form, frame or event handler; addresses only lead somewhere."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=keep_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )


def keep_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.startswith((CONTENT_URL, *PICTURE_DATA)) else None
    if name == "href":
        return value if value.lower().startswith(LINKS) else None
    return value


def markdown(text: str, image_url: ImageUrl) -> str:
    """CommonMark with tables. `image_url` gives the address of a picture that is named relative to the text."""
    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    with _one_at_a_time:
        tokens = renderer.parse(text)
        for token in tokens:
            for child in token.children or ():
                if child.type == "image":
                    child.attrSet("src", image_url(str(child.attrGet("src"))))
        return clean(renderer.renderer.render(tokens, renderer.options, {}))


def pictures_beside(parts: tuple[bytes, ...], owner: str) -> ImageUrl:
    """Finds pictures named in the file at that path: those of the same home; all others get no address."""

    def image_url(reference: str) -> str:
        try:
            split = urlsplit(reference)
            names = [unquote_to_bytes(name) for name in split.path.split("/")]
        except ValueError:
            return ""
        if split.scheme or split.netloc or not split.path or not names[0]:
            return ""
        folder = list(parts[:-1])
        for name in names:
            if name == b"..":
                if not folder:
                    return ""
                folder.pop()
            elif name != b".":
                folder.append(name)
        try:
            return content_url(check(folder), owner)
        except BadPath:
            return ""

    return image_url


def content_url(parts: tuple[bytes, ...], owner: str) -> str:
    return f"{CONTENT_URL}path={quote(as_text(parts), safe='/')}&owner={quote(owner)}"
