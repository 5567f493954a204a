"""The site's own files: packed, kept by browsers, and the same bytes as in the checkout."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

import pytest
from django.contrib.staticfiles import finders

from ivle.assets import Release, release
from ivle.static_files import static_files


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


async def ask(name: str, method: str = "GET", /, **headers: str) -> Answer:
    said: list[dict] = []

    async def send(message: dict) -> None:
        said.append(message)

    pairs = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    await static_files({"method": method, "path": f"/static/{name}", "headers": pairs}, None, send)
    start, body = said
    return Answer(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"])


def now(name: str) -> str:
    return f"{release().name}/{name}"


async def test_a_script_is_packed_for_whoever_takes_that() -> None:
    written = (release().paths["editor/element.js"]).read_bytes()
    packed = await ask(now("editor/element.js"), accept_encoding="gzip, deflate, br")
    assert packed.status == 200
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(written) / 2
    assert gzip.decompress(packed.content) == written


@pytest.mark.parametrize("wish", ["", "identity", "gzip;q=0", "br, gzip; q=0.0", "gzipped"])
async def test_others_get_it_as_it_is_written(wish: str) -> None:
    plain = await ask(now("editor/element.js"), accept_encoding=wish)
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert plain.content == release().paths["editor/element.js"].read_bytes()


async def test_pictures_are_not_packed() -> None:
    answer = await ask(now("ivle-512.png"), accept_encoding="gzip")
    assert answer.headers["Content-Type"] == "image/png"
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


async def test_what_an_address_of_this_release_gives_is_kept_for_ever() -> None:
    answer = await ask(now("site.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("address", "keeping"), [("site.css", "max-age=60"), ("0123456789abcdef/site.css", "no-cache")]
)
async def test_another_address_gives_what_there_is_now_and_it_is_asked_for_again(address: str, keeping: str) -> None:
    answer = await ask(address)
    assert answer.status == 200
    assert keeping in answer.headers["Cache-Control"]
    assert "immutable" not in answer.headers["Cache-Control"]
    again = await ask(address, if_none_match=f'"other", {answer.headers["ETag"]}')
    assert (again.status, again.content) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert (await ask(address, if_none_match='W/"other"')).status == 200


@pytest.mark.parametrize(
    "name", ["", "no-such.js", "../manage.py", "editor", "editor/", "/etc/passwd", "0123456789abcdef/no-such.js"]
)
async def test_nothing_else_is_there(name: str) -> None:
    assert (await ask(name)).status == 404


async def test_head_has_no_content_and_nothing_is_changed_here() -> None:
    head = await ask(now("site.css"), "HEAD")
    assert head.content == b""
    assert int(head.headers["Content-Length"]) == release().paths["site.css"].stat().st_size
    refused = await ask(now("site.css"), "POST")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


async def test_they_are_closed_in_like_every_answer_but_frames_may_use_them() -> None:
    for name in (now("site.css"), "no-such.js"):
        headers = (await ask(name)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert headers["Access-Control-Allow-Origin"] == "*"  # without which a page that has no origin gets no module


async def test_with_debug_a_change_is_seen_at_once(settings, tmp_path) -> None:
    settings.DEBUG = True
    settings.STATICFILES_DIRS = [tmp_path]
    finders.get_finder.cache_clear()
    try:
        for text in ("let one;", "let other;"):
            (tmp_path / "mine.js").write_text(text)
            answer = await ask("mine.js")
            assert (answer.content.decode(), answer.headers["Cache-Control"]) == (text, "public, no-cache")
    finally:
        finders.get_finder.cache_clear()


def test_a_change_of_one_file_changes_all_addresses(tmp_path) -> None:
    paths = {name: tmp_path / name for name in ("a.js", "b.js")}
    for path in paths.values():
        path.write_text("1")
    before = Release(paths).name
    assert Release(dict(reversed(paths.items()))).name == before
    paths["b.js"].write_text("2")
    assert Release(paths).name != before


def test_the_modules_of_a_page_are_those_that_it_imports_and_no_others(tmp_path) -> None:
    texts = {
        "page.js": 'import { a } from "./a.js";\nimport "../x/b.js";\nconst later = () => import("./later.js");\n',
        "a.js": 'import{c}from"./c.js";export*from"./c.js";',
        "c.js": 'import { page } from "./page.js";\nimport { gone } from "./gone.js";\n',
        "later.js": "",
    }
    paths = {f"p/{name}": tmp_path / name for name in texts} | {"x/b.js": tmp_path / "b.js"}
    for name, text in {**texts, "b.js": ""}.items():
        (tmp_path / name).write_text(text)
    assert Release(paths).modules("p/page.js") == ("p/page.js", "p/a.js", "x/b.js", "p/c.js")
