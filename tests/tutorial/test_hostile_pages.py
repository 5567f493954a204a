"""What a page must not do, whatever is written in it: read as a browser reads it, by its tags."""

from __future__ import annotations

import contextlib
import time
from html.parser import HTMLParser

import pytest

from files.rendering import TAGS
from tests.files.attacks.test_previews import HOSTILE_HTML
from tutorial import maths
from tutorial.maths import BadFormula, mathml
from tutorial.page import Prose
from tutorial.prose import SPANS, code_html
from tutorial.reading import read_page
from tutorial.references import Addresses

OURS = "/courses/loops/"
HARMLESS = {"title", "alt", "rel", "start", "width", "height", "colspan", "rowspan", "scope", "tabindex", "align"}
HOSTILE = [
    *HOSTILE_HTML,
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x\" onerror=\"alert(1)](a.png)",
    "[x](a.md \"x\\\" onclick=\\\"alert(1)\")",
    "<a href='/courses/loops/x/' onclick=alert(1) ping=https://evil.example/>x</a>",
    "<a href='/accounts/logout/'>x</a>",
    "<a href='/courses/other/publish/hide'>x</a>",
    "<h2 id=csrf>x</h2><h2 name=cookie>y</h2>",
    "<form id=s-x name=document><input name=cookie></form>",
    "<img name=getElementById src='/courses/loops/files/a.png'>",
    "<span class='primary'>x</span><span class='code-keyword primary'>y</span>",
    "<ivle-box data-kind=run data-path='../x'></ivle-box>",
    "<ivle-exercise src='https://evil.example/'></ivle-exercise>",
    "<ivle-math n=\"0\"></ivle-math>",
    "<p title='<ivle-math n=\"0\"></ivle-math>'>$x$</p>",
    "![<ivle-math n=\"0\"></ivle-math>](a.png) $\\text{\" onerror=alert(1) x=\"}$",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\text{</math><script>alert(1)</script>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{background:url(https://evil.example/)}{x}$",
    "$\\color{red;background:url(x)}{x}$ $\\hspace{1em\" onclick=\"alert(1)}$",
    "$\\class{primary}{x} \\cssId{csrf}{y}$",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></iframe></foreignObject></svg>",
    "<portal src=x></portal><dialog open>x</dialog><slot name=x></slot>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "```python\n'</code></pre><script>alert(1)</script>'\n```",
    "```\"><script>alert(1)</script>\nx\n```",
    "# \"><script>alert(1)</script>\n\n## <img src=x onerror=alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<https://evil.example/\"onclick=alert(1)>",
]  # fmt: skip


class Reader(HTMLParser):
    """Fails for every tag, attribute and address that is not known to do nothing."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        maths_tags = maths.TAGS | {"math", "semantics", "annotation"}
        assert tag in TAGS | maths_tags, tag
        for name, value in attrs:
            value = value or ""
            if tag in maths_tags:
                assert name in maths.ATTRIBUTES | {"display", "encoding"}, (tag, name)
                assert not set(value) & set('<>&"'), value
            elif name == "href":
                assert value.startswith((OURS, "#s-", "http://", "https://", "mailto:")), value
            elif name == "src":
                assert value.startswith(f"{OURS}files/"), value
            elif name == "class":
                assert value in SPANS, value
            elif name == "id":
                assert value.startswith("s-"), value
            elif name == "target":
                assert (tag, value) == ("a", "_blank")
            else:
                assert name in HARMLESS, name


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_does_nothing(text: str) -> None:
    for source in (f"# T\n\n{text}", f"# T\n\nBefore {text} after $y$", f"# T\n\n> {text}\n\n- {text}\n"):
        page, _ = read_page("page", source, Addresses("loops"))
        for block in page.blocks:
            html = block.html if isinstance(block, Prose) else code_html("python", getattr(block, "text", ""))
            reader = Reader()
            reader.feed(html)
            reader.close()


@pytest.mark.parametrize(
    "latex",
    [r"\text{<b>}", r"\text{&lt;b&gt;}", r"\operatorname{<b>}", r"\mbox{<b>}", "<b>", r"\begin{matrix}<b>\end{matrix}"],
)
def test_a_formula_is_no_markup(latex: str) -> None:
    try:
        made = mathml(latex, is_block=False)
    except BadFormula:
        return
    assert "<b>" not in made


@pytest.mark.parametrize(
    "latex", ["{" * 1000, "x^" * 900, r"\frac" * 380, r"\left(" * 320, "x" * 2001, r"\sqrt[" * 300]
)
def test_a_formula_takes_little_time(latex: str) -> None:
    begun = time.thread_time()
    with contextlib.suppress(BadFormula):
        mathml(latex, is_block=True)
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize("latex", [r"\newcommand{\x}{\x\x}\x", r"\def\x{\x}\x"])
def test_a_formula_that_calls_itself_ends(latex: str) -> None:
    begun = time.thread_time()
    with contextlib.suppress(BadFormula):
        mathml(latex, is_block=True)
    assert time.thread_time() - begun < 2
