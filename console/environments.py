"""The JSON API of environments, /api/environments. ivle/api.py puts it up."""

from __future__ import annotations

import asyncio

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema

from accounts.authentication import BySession, ByToken

router = Router(auth=[ByToken(), BySession()], tags=["consoles"])


class EnvironmentOut(Schema):
    name: str


@router.get("", response={200: list[EnvironmentOut]})
async def list_environments(request: HttpRequest) -> list[dict[str, str]]:
    """What a console can run in, the standard one first. A program asks for one in its first lines, by the comment
    `# ivle environment: NAME`."""
    names = await asyncio.to_thread(settings.ENVIRONMENTS.names)
    return [{"name": name} for name in names]
