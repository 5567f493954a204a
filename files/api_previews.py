"""The JSON API of files: previews."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from accounts.authentication import BySession, ByToken
from courses import looks
from files import previews
from files.disk import in_turn
from files.homes import hold_home
from files.paths import from_text
from files.previews import Preview
from files.shapes import PROBLEMS, PathText
from files.visit import visit

router = Router(auth=[ByToken(), BySession()], tags=["files"])


class PreviewQuery(Schema):
    path: PathText
    owner: str = ""


class PreviewOut(Schema):
    """One of `html`, which has passed an allow-list and runs nothing; `text`; `rows` of cells, which are text; or `url`
    of this site for an element of the browser's own. `sentence` says what is not shown, and why."""

    kind: Literal["text", "markdown", "csv", "notebook", "image", "audio", "video", "pdf", "none"]
    html: str | None
    text: str | None
    rows: list[list[str]] | None
    url: str | None
    truncated: bool
    sentence: str | None


@router.get("/preview", response={200: PreviewOut, **PROBLEMS})
async def preview_file(request: HttpRequest, query: Query[PreviewQuery]) -> dict[str, Any]:
    """What a file looks like without being opened."""
    found = await visit(request, query.owner, looks.FILE, query.path)
    parts = from_text(query.path)

    def look() -> Preview:
        with hold_home(found.owner) as home:
            return previews.preview(home, parts, found.owner)

    return asdict(await in_turn(found.viewer.username, look))
