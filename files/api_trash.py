"""The JSON API of files: the trash."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest
from ninja import Router, Status

from accounts.authentication import BySession, ByToken
from files import quota, trash
from files.batch import Batch
from files.disk import in_turn
from files.faults import Refused
from files.homes import hold_home
from files.paths import as_text
from files.shapes import PROBLEMS, RestoredOut, TrashOut, discarded_out, failed_out
from files.visit import own_visit

DAY_SECONDS: Final = 24 * 3600
router = Router(auth=[ByToken(), BySession()], tags=["files"])


@router.get("", response={200: TrashOut, **PROBLEMS})
async def list_trash(request: HttpRequest) -> dict[str, Any]:
    """What you deleted in the last 30 days, the latest first."""
    found = await own_visit(request)
    await in_turn(found.owner, trash.expire, found.owner)
    entries = await in_turn(found.owner, trash.discarded, found.owner)
    return {"entries": [discarded_out(one) for one in entries], "days": trash.KEPT_SECONDS // DAY_SECONDS}


@router.post("/{item_id}/restore", response={200: RestoredOut, **PROBLEMS})
async def restore(request: HttpRequest, item_id: str) -> dict[str, Any]:
    """Back to where it was, or beside that under a new name where something else is there by now. `item_id` is of one
    thing, or what `delete` gave, which restores all of that."""
    found = await own_visit(request)

    def act() -> Batch:
        with hold_home(found.owner) as home:
            return trash.restore(found.owner, home, item_id)

    batch = await in_turn(found.owner, act)
    if not batch.done:
        raise Refused(batch.failed[0].sentence)
    done = [as_text(parts) for parts in batch.done]
    return {"path": done[0], "done": done, "failed": [failed_out(one) for one in batch.failed]}


@router.delete("/{item_id}", response={204: None, **PROBLEMS})
async def destroy(request: HttpRequest, item_id: str) -> Status[None]:
    """Deletes it for good."""
    found = await own_visit(request)
    await in_turn(found.owner, trash.destroy, found.owner, item_id)
    quota.forget(found.owner)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.delete("", response={204: None, **PROBLEMS})
async def empty(request: HttpRequest) -> Status[None]:
    """Deletes all that is in the trash for good."""
    found = await own_visit(request)
    await in_turn(found.owner, trash.empty, found.owner)
    quota.forget(found.owner)
    return Status(HTTPStatus.NO_CONTENT, None)
