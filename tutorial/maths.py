"""A formula in LaTeX as MathML, which browsers show by themselves. Called by prose.py.

What the library makes is never used as text: it is a tree, and is written anew from the elements and attributes that
are known here (docs/decisions/0077-maths.md).
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element  # only the class: nothing is parsed

from django.utils.translation import gettext as _

FORMULA_MAX_CHARACTERS: Final = 2000
TAGS: Final = frozenset(
    [
        "mfrac",
        "mi",
        "mmultiscripts",
        "mn",
        "mo",
        "mover",
        "mpadded",
        "mphantom",
        "mprescripts",
        "mroot",
        "mrow",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
        "mtr",
        "munder",
        "munderover",
    ]
)
ATTRIBUTES: Final = frozenset(
    [
        "accent",
        "columnalign",
        "columnspacing",
        "depth",
        "displaystyle",
        "fence",
        "form",
        "height",
        "linethickness",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "symmetric",
        "voffset",
        "width",
    ]
)
VALUE: Final = re.compile(r"[+-]?[a-zA-Z0-9. ]{1,40}%?")


class BadFormula(ValueError):
    """Its text is a sentence."""


@lru_cache(maxsize=2048)
def mathml(latex: str, *, is_block: bool) -> str:
    """Raises BadFormula."""
    if len(latex) > FORMULA_MAX_CHARACTERS:
        raise BadFormula(_("A formula has at most %(most)d characters.") % {"most": FORMULA_MAX_CHARACTERS})
    from latex2mathml.converter import convert_to_element  # its tables take a while, and few pages have formulas

    try:
        tree = convert_to_element(latex, display="block" if is_block else "inline")
        inside = "".join(written(child) for child in tree)
    except BadFormula:
        raise
    except Exception:  # of a dozen kinds, and of Python's own for what it does not expect
        raise BadFormula(_("This formula is not understood: %(latex)s") % {"latex": latex[:80]}) from None
    display = ' display="block"' if is_block else ""
    source = f'<annotation encoding="application/x-tex">{escaped(latex)}</annotation>'
    return f"<math{display}><semantics>{inside}{source}</semantics></math>"


def written(element: Element) -> str:
    """Raises BadFormula for a command that the library passes through as it does not know it."""
    text = escaped(html.unescape(element.text or ""))
    if text.startswith("\\") and len(text) > 1:
        raise BadFormula(_("There is no command %(command)s in a formula.") % {"command": html.unescape(text)[:40]})
    inside = text + "".join(written(child) for child in element)
    if element.tag not in TAGS:
        return f"<mrow>{inside}</mrow>" if len(element) else f"<mtext>{inside}</mtext>"
    attributes = "".join(
        f' {name}="{value}"' for name, value in element.attrib.items() if name in ATTRIBUTES and VALUE.fullmatch(value)
    )
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"


def escaped(text: str) -> str:
    return html.escape(text, quote=True)
