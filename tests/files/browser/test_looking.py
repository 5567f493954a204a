"""Looking at files beside the list, and at what they were before."""

from __future__ import annotations

import base64
import json

import pytest

from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SILENCE = (
    b"RIFF" + (36 + 800).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + b"\1\0\1\0"
    b"\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data" + (800).to_bytes(4, "little") + b"\x80" * 800
)
FILM = base64.b64decode(  # WebM of two pictures
    "GkXfoxAAADRChhAAAAEBQvcQAAABAULyEAAAAQRC8xAAAAEIQoIQAAAEd2VibUKHEAAAAQJChRAAAAECGFOAZxAAANkVSalmEAAA"
    "JirXsRAAAAMPQkBEiRAAAAhAj0AAAAAAAE2AEAAAAXhXQRAAAAF4FlSuaxAAADOuEAAALtcQAAABAXPFEAAAAQGDEAAAAQGGEAAA"
    "BVZfVlA44BAAAAywEAAAARC6EAAAARAfQ7Z1EAAAaOcQAAABAKMQAAAsgQAAgJABAJ0BKhAAEAACwEwloAJ0ugADmAD+3UR/3Gtu"
    "frx/tTYqp5OAAACjEAAALIEB9ICQAQCdASoQABAAAsBMJaACdLoAA5gA/t1Ef9xrbn68f7U2KqeTgAAA"
)
PAPER = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""
BODY = ".files-pane-body"
FRAME = "document.querySelector('.files-frame')?.contentDocument"
EVIL = (
    "<script>top.fault('script')</script><img src=x onerror=\"top.fault('handler')\">"
    "<a href=\"javascript:top.fault('link')\">x</a><iframe srcdoc=\"<script>top.fault('frame')</script>\"></iframe>"
    "<svg onload=\"top.fault('svg')\"></svg><meta http-equiv=refresh content='0;url=/logout/'>"
    "<form action=/logout/ method=post><button id=leave>x</button></form><style>body{display:none}</style>"
)


def look(page: FilesPage, name: str) -> None:
    page.go()
    page.click_name(name)
    page.until(f"document.querySelector('{BODY}').ariaBusy == 'false'")


def test_text_and_the_address(page: FilesPage, home: Folder) -> None:
    home.write("a b.py", "print('<b>not bold</b>')\n")
    home.write("c.txt", "other")
    look(page, "a b.py")
    page.reads(r"print\('<b>not bold</b>'\)", BODY)
    assert page.evaluate("location.search") == "?show=a%2520b.py"
    page.reload()
    page.reads("not bold", BODY)
    page.click_row("c.txt")  # the pane follows what is selected
    page.reads("^other$", BODY)
    page.evaluate("history.back()")
    page.until("document.querySelector('.files-pane').hidden")
    assert page.evaluate("location.search") == ""


def test_pictures_sound_and_what_cannot_be_shown(page: FilesPage, home: Folder) -> None:
    home.write("dot.png", DOT)
    script = "<script>top.fault('svg')</script>"
    home.write("dot.svg", f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{script}</svg>")
    home.write("broken.png", b"nothing of the kind")
    home.write("silence.wav", SILENCE)
    home.write("data.bin", bytes(range(256)))
    for name in ("dot.png", "dot.svg"):
        look(page, name)
        page.until(f"document.querySelector('{BODY} img')?.naturalWidth > 0")
        page.check_axe()
    look(page, "broken.png")
    page.reads("cannot show this file", BODY)
    look(page, "silence.wav")
    page.until(f"document.querySelector('{BODY} audio')?.duration > 0")
    page.check_axe()
    look(page, "data.bin")
    page.reads("Download it", BODY)


def test_a_film(page: FilesPage, home: Folder) -> None:
    home.write("film.webm", FILM)
    look(page, "film.webm")
    page.until(f"document.querySelector('{BODY} video')?.videoWidth == 16")
    page.check_axe()


def test_a_pdf(page: FilesPage, home: Folder) -> None:
    home.write("paper.pdf", PAPER)
    look(page, "paper.pdf")
    page.reads("^Open in a new tab", BODY)
    page.until(f"document.querySelector('{BODY} iframe')?.title == 'paper.pdf'")
    assert (
        page.wait_for(
            f"fetch(document.querySelector('{BODY} iframe').src).then(answer => answer.headers.get('content-type'))"
        )
        == "application/pdf"
    )
    page.shows_pdf()
    page.check_axe()


HOSTILE = (
    '  a\nb "it\'s" 100%?a=1&b#c+d',
    "<img src=x onerror=fault('name')>\u202egnp\\x",
    b"caf\xe9 \xff",
    "x" * 240,
)


@pytest.mark.parametrize("stem", HOSTILE, ids=repr)
def test_any_name_is_looked_at(page: FilesPage, home: Folder, stem: str | bytes) -> None:
    """Each kind of preview fetches the file anew by its name."""
    name = stem.encode() if isinstance(stem, str) else stem
    for ending, content in ((b".txt", b"text"), (b".md", b"# Heading"), (b".png", DOT), (b".csv", b"a,b\n1,2\n")):
        home.write(name + ending, content)
    looks = {
        ".csv": f"document.querySelectorAll('{BODY} td').length == 2",
        ".md": f"{FRAME}?.querySelector('h1')?.textContent == 'Heading'",
        ".png": f"document.querySelector('{BODY} img')?.naturalWidth == 1",
        ".txt": f"document.querySelector('{BODY} pre')?.textContent == 'text'",
    }
    page.go()
    page.until("document.querySelectorAll('.files-table tbody tr').length == 4")
    for number, (ending, is_seen) in enumerate(sorted(looks.items())):
        link = f"document.querySelectorAll('.files-table tbody tr')[{number}].querySelector('.files-link')"
        assert page.evaluate(f"{link}.textContent.endsWith('{ending}')")
        page.place_of(link)  # rows take their real height when they come into view, and a long name has many lines
        page.click_at(*page.place_of(link))
        page.until(is_seen)
        page.until(f"document.querySelector('.files-pane h2').textContent == {link}.textContent")
        assert page.evaluate("document.querySelector('.files-pane').clientWidth < innerWidth / 2")
    page.reload()
    page.until(looks[".txt"])


def test_a_table(page: FilesPage, home: Folder) -> None:
    home.write("marks.csv", 'name;mark\n"Sam, S";=1+1\n<b>x</b>;2\n')
    look(page, "marks.csv")
    page.until(f"document.querySelectorAll('{BODY} tbody tr').length == 2")
    assert page.evaluate(f"document.querySelector('{BODY} tbody').innerText.split(/\\s*\\n\\s*|\\t/)") == [
        "Sam, S",
        "=1+1",
        "<b>x</b>",
        "2",
    ]
    page.check_axe()


def notebook(markdown: str) -> str:
    html = {"output_type": "execute_result", "data": {"text/html": [EVIL + "<b id=made>made</b>"]}, "metadata": {}}
    cells = [
        {"cell_type": "markdown", "source": [markdown]},
        {"cell_type": "code", "source": "1 + 1", "execution_count": 3, "outputs": [html]},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.mark.parametrize("name", ["page.md", "page.ipynb"])
def test_pages_are_shown_and_do_nothing(page: FilesPage, home: Folder, name: str) -> None:
    text = f"# Heading\n\n![dot](dot.png)\n\n[out](https://example.org/)\n\n{EVIL}\n"
    home.write("dot.png", DOT)
    home.write(name, notebook(text) if name.endswith("ipynb") else text)
    look(page, name)
    page.until(f"{FRAME}?.querySelector('h1')?.textContent == 'Heading'")
    page.until(f"{FRAME}.querySelector('img[alt=dot]').naturalWidth == 1")
    assert page.evaluate(f"{FRAME}.querySelectorAll('script, iframe, svg, form, style, [onerror]').length") == 0
    page.until(f"{FRAME}.defaultView.getComputedStyle({FRAME}.body).paddingTop == '12px'")
    assert page.evaluate(f"{FRAME}.querySelector('base').target") == "_blank"


def test_nothing_runs_in_the_frame_even_if_it_were_not_sanitised(page: FilesPage, home: Folder) -> None:
    home.write("page.md", "# Heading\n")
    page.go()
    page.evaluate(
        "document.querySelector('ivle-files').api.preview = async () =>"
        f" ({{kind: 'markdown', html: {json.dumps(EVIL + '<p id=end>end</p>')}, truncated: false}})"
    )
    page.click_name("page.md")
    page.until(f"Boolean({FRAME}?.querySelector('#end'))")
    page.evaluate(f"{FRAME}.querySelector('a').click(); {FRAME}.querySelector('#leave').click()")
    page.until(f"{FRAME}.readyState == 'complete'")
    assert page.evaluate("location.pathname") == "/files/"
    assert page.site.ask("/files/", cookie=page.cookie)[0] == 200  # still logged in


def test_the_file_that_is_shown_is_deleted_and_comes_back(page: FilesPage, home: Folder) -> None:
    home.write("a.txt", "one")
    home.write("b.txt", "two")
    look(page, "a.txt")
    page.click_row("a.txt")
    page.press("Delete")
    page.told("Moved to trash")
    page.until("document.querySelector('.files-pane').hidden && location.search == ''")
    assert page.selected == []
    page.push("Undo")
    page.shows("a.txt", "b.txt")
    page.open(f"{page.address}/files/?show=gone.txt")  # the page takes that out of its address, perhaps at once
    page.told(r"gone\.txt is not here any more")


def test_versions(page: FilesPage, home: Folder) -> None:
    page.go()
    for text in ("one\ntwo\n", "one\n2\n"):
        save = (
            "fetch('/api/files/content?path=versioned.txt', {method: 'PUT', body: %s, headers: {'X-CSRFToken':"
            " document.querySelector('ivle-files').getAttribute('csrf')}}).then(answer => answer.ok)"
        )
        assert page.wait_for(save % json.dumps(text))
    page.go()
    page.more("versioned.txt", "Versions")
    page.until("document.querySelectorAll('.files-versions li').length == 2")
    page.until("document.querySelector('[data-tab=versions]').ariaSelected == 'true'")
    page.check_axe()
    compare = "document.querySelectorAll('.files-versions li')[1].querySelector('button')"
    page.click_at(*page.place_of(compare))
    page.until("document.querySelector('.files-difference ins')?.textContent == '+2'")
    page.reads(r"What has changed since today, \d+:\d\d:\d\d", ".files-difference h3")
    page.reads(r"^Lines 1 to 2\n", ".files-difference pre")
    assert page.evaluate("document.querySelector('.files-difference del').textContent") == "-two"
    page.check_axe()
    restore = "document.querySelectorAll('.files-versions li')[1].querySelector('button + a + button')"
    page.click_at(*page.place_of(restore))
    page.told("is back")
    assert home.read("versioned.txt") == "one\ntwo\n"
    page.until("document.querySelectorAll('.files-versions li').length >= 3")


def test_versions_of_what_is_too_large(page: FilesPage, home: Folder) -> None:
    home.write("large.txt", b"x" * (10 * 1024 * 1024 + 1))
    page.go("/files/?show=large.txt&tab=versions")
    page.reads("larger than 10 MB, so only what is in it now is kept", BODY)
    assert "From now on" not in page.evaluate(f"document.querySelector('{BODY}').innerText")


def test_two_versions_that_cannot_be_compared(page: FilesPage, home: Folder) -> None:
    page.go()
    page.evaluate(
        "Object.assign(document.querySelector('ivle-files').api, {"
        "versions: async () => ({entries: [{id: '1', saved: '2026-01-01T00:00:00Z', size_bytes: 1, why: 'save'}]}),"
        "diff: async () => ({diff: '', binary: false, truncated: false, sentence: 'These are too large.'})})"
    )
    home.write("a.txt", "a")
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.more("a.txt", "Versions")
    page.push("Compare", ".files-versions")
    page.reads("These are too large", ".files-difference")
    assert "the same" not in page.evaluate("document.querySelector('.files-difference').innerText")
