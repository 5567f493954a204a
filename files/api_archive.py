"""The JSON API of files: several things as one zip."""

from __future__ import annotations

import os
from typing import Annotated

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from ninja import Field, Query, Router, Schema

from accounts.authentication import BySession, ByToken
from courses import looks
from files import archive
from files.content import disposition
from files.disk import in_turn
from files.homes import hold_home
from files.paths import from_text
from files.shapes import PATHS_MAX, PROBLEMS, Parts, PathText, Problem
from files.visit import visit

router = Router(auth=[ByToken(), BySession()], tags=["files"])


class ZipQuery(Schema):
    path: Annotated[list[PathText], Field(min_length=1, max_length=PATHS_MAX)]
    owner: str = ""


@router.get("/zip", response={200: None, 413: Problem, **PROBLEMS})
async def download_zip(request: HttpRequest, query: Query[ZipQuery]) -> HttpResponseBase:
    """Files and folders with all in them, in the order of `path`, which may be there several times."""
    found = await visit(request, query.owner, looks.ZIP, *query.path)
    paths = [from_text(path) for path in dict.fromkeys(query.path)]

    def begin() -> archive.Archive:
        with hold_home(found.owner) as home:
            archive.check(home, paths)
            return archive.Archive(os.dup(home), paths)

    headers = {
        "Content-Disposition": disposition(name_of_zip(paths, found.owner), is_download=True),
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(
        await in_turn(found.viewer.username, begin), content_type="application/zip", headers=headers
    )


def name_of_zip(paths: list[Parts], owner: str) -> bytes:
    return (paths[0][-1] if len(paths) == 1 and paths[0] else owner.encode()) + b".zip"
