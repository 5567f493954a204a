"""The text between the boxes of a tutorial, as HTML that does nothing by itself. Called by reading.py.

Rendering comes first and the allow-list last; formulas, which are made here, take their places after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from html import escape
from typing import Any, Final

import nh3
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from files.rendering import ATTRIBUTES, TAGS
from tutorial.front_matter import Tell
from tutorial.highlighting import CLASSES, PYTHON, python_html
from tutorial.maths import BadFormula, mathml
from tutorial.page import Link
from tutorial.references import ANCHOR, Addresses, BadReference, read_reference

HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
SPANS: Final = frozenset(f"code-{name}" for name in CLASSES)
FORMULA: Final = "ivle-math"
FORMULA_PLACE: Final = re.compile(rf'<{FORMULA} n="(\d+)"></{FORMULA}>')
TAG: Final = re.compile(r"<\s*([a-zA-Z][\w-]*)")
ALLOWED: Final = {
    **{tag: set(names) for tag, names in ATTRIBUTES.items()},
    **{tag: {"id"} for tag in HEADINGS},
    "a": {"href", "title", "target"},
    "span": {"class"},
    "td": {*ATTRIBUTES["td"], "align"},
    "th": {*ATTRIBUTES["th"], "align"},
    "pre": {"tabindex"},
    FORMULA: {"n"},
}


def parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough and formulas between dollar signs."""
    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    made.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    return made


class Prose:
    """Renders the prose of one page. What is wrong with it is told, with its line; `links` are where it leads."""

    def __init__(self, addresses: Addresses, tell: Tell) -> None:
        self.addresses = addresses
        self.tell = tell
        self.links: list[Link] = []
        self.anchors: set[str] = set()
        self.formulas: list[str] = []
        self.renderer = RendererHTML(parser())
        rules: MutableMapping[str, Any] = self.renderer.rules
        rules.update(
            fence=self.render_fence,
            math_inline=self.render_formula,
            math_inline_double=self.render_formula_block,
            math_block=self.render_formula_block,
        )

    def render(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            self.prepare(token)
        html = self.renderer.render(tokens, parser().options, {})
        return FORMULA_PLACE.sub(self.formula_at, self.clean(html))

    def clean(self, html: str) -> str:
        return nh3.clean(
            html,
            tags={*TAGS, FORMULA},
            attributes=ALLOWED,
            attribute_filter=self.keep_attribute,
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
            strip_comments=True,
        )

    def keep_attribute(self, tag: str, name: str, value: str) -> str | None:
        checks = {
            "href": lambda: value.startswith(("http://", "https://", "mailto:", f"#{ANCHOR}", self.addresses.course)),
            "src": lambda: value.startswith(self.addresses.file("")),
            "id": lambda: value.startswith(ANCHOR),
            "class": lambda: value in SPANS,
            "target": lambda: value == "_blank",
            "align": lambda: value in ("left", "center", "right"),
            "tabindex": lambda: value == "0",
            "n": value.isdecimal,
        }
        return value if checks.get(name, lambda: True)() else None

    # --- Before rendering: addresses and names ---

    def prepare(self, token: Token) -> None:
        line = (token.map or [0])[0] + 1
        if token.type in ("th_open", "td_open"):
            token.attrSet("align", str(token.attrGet("style") or "").rpartition(":")[2])
        elif token.type == "html_block":
            self.check_tags(token.content, line)
        for child, at in with_lines(token, line):
            if child.type == "image":
                self.lead(child, "src", at)
                if not child.content.strip():
                    self.tell(
                        at, _("This picture has no words for whoever cannot see it: ![what it shows](picture.png)")
                    )
            elif child.type == "link_open":
                self.lead(child, "href", at)
            elif child.type == "html_inline":
                self.check_tags(child.content, at)

    def lead(self, token: Token, attribute: str, line: int) -> None:
        """Turns a name in the folder into an address."""
        reference = str(token.attrGet(attribute) or "")
        try:
            link = read_reference(reference, line)
            if link is None and attribute == "src":
                raise BadReference(
                    _("A picture is a file in the course’s folder: %(it)s is elsewhere.") % {"it": reference[:80]}
                )
        except BadReference as fault:
            self.tell(line, str(fault))
            token.attrSet(attribute, "")
            return
        if link is None:
            token.attrSet("target", "_blank")
            return
        self.links.append(link)
        token.attrSet(attribute, self.addresses.of(link))

    def name_heading(self, token: Token, text: str) -> None:
        name = slugify(text) or "section"
        free = next(one for one in numbered(name) if one not in self.anchors)
        self.anchors.add(free)
        token.attrSet("id", ANCHOR + free)

    def check_tags(self, html: str, line: int) -> None:
        for tag in dict.fromkeys(name.lower() for name in TAG.findall(html)):
            if tag in ("a", "img"):
                self.tell(line, _("Write links and pictures as Markdown: [words](page.md), ![words](picture.png)."))
            elif tag not in TAGS:
                self.tell(line, _("<%(tag)s> is not allowed in a tutorial; it is left out.") % {"tag": tag})

    # --- While rendering ---

    def render_fence(self, tokens: Sequence[Token], index: int, *ignored: Any) -> str:
        """Inside of a list or a quotation, where there are no boxes."""
        return code_html(tokens[index].info.strip().partition(" ")[0], tokens[index].content)

    def render_formula(self, tokens: Sequence[Token], index: int, *ignored: Any, is_block: bool = False) -> str:
        token = tokens[index]
        try:
            self.formulas.append(mathml(token.content.strip(), is_block=is_block))
        except BadFormula as fault:
            self.tell(token.meta.get("line") or (token.map or [0])[0] + 1, str(fault))
            return f"<code>{escape(token.content)}</code>"
        return f'<{FORMULA} n="{len(self.formulas) - 1}"></{FORMULA}>'

    def render_formula_block(self, tokens: Sequence[Token], index: int, *ignored: Any) -> str:
        return self.render_formula(tokens, index, is_block=True)

    def formula_at(self, place: re.Match[str]) -> str:
        number = int(place[1])
        return self.formulas[number] if number < len(self.formulas) else ""


def code_html(language: str, text: str) -> str:
    """A block of code that is only shown. It can be scrolled by keyboard."""
    inside = python_html(text) if language in PYTHON else escape(text)
    return f'<pre tabindex="0"><code>{inside}</code></pre>\n'


def with_lines(token: Token, line: int) -> Iterator[tuple[Token, int]]:
    """What is in a line of text, each with the line it is on; formulas are told theirs."""
    for child in token.children or ():
        child.meta.setdefault("line", line)
        yield child, line
        if child.type in ("softbreak", "hardbreak"):
            line += 1


def numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
