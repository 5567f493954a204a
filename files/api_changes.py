"""The JSON API of files: make, rename, move, copy, delete."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from channels.db import database_sync_to_async
from django.http import HttpRequest
from ninja import Router, Status

from accounts.authentication import BySession, ByToken
from accounts.models import Person
from files import copying, folders, news, publishing, quota, trash, versions
from files.batch import Batch, each
from files.disk import in_turn
from files.homes import hold_home
from files.paths import as_text, from_text
from files.shapes import (
    PROBLEMS,
    BatchOut,
    DeletedOut,
    MoveIn,
    Parts,
    PathIn,
    PathOut,
    PathsIn,
    RenameIn,
    each_path,
    new_name,
    new_path,
)
from files.visit import own_visit

router = Router(auth=[ByToken(), BySession()], tags=["files"])


@router.post("/folder", response={201: PathOut, **PROBLEMS})
async def make_folder(request: HttpRequest, wish: PathIn) -> Status[dict[str, str]]:
    """A new folder, in one that is there."""
    found = await own_visit(request)
    parts = new_path(wish.path)

    def act() -> None:
        with hold_home(found.owner) as home:
            folders.make_folder(home, parts, quota.room_for(found.owner))

    await asyncio.to_thread(act)
    return Status(HTTPStatus.CREATED, {"path": as_text(parts)})


@router.post("/rename", response={200: PathOut, **PROBLEMS})
async def rename(request: HttpRequest, wish: RenameIn) -> dict[str, str]:
    """Never over something else. What is published of a folder stays so under its new name."""
    found = await own_visit(request)
    parts, name = from_text(wish.path), new_name(wish.name)

    def act() -> Parts:
        with hold_home(found.owner) as home:
            renamed = folders.rename(home, parts, name)
        versions.follow(found.owner, parts, renamed)
        return renamed

    renamed = await asyncio.to_thread(act)
    await follow(found.viewer, [(parts, renamed)])
    return {"path": as_text(renamed)}


@router.post("/move", response={200: BatchOut, **PROBLEMS})
async def move(request: HttpRequest, wish: MoveIn) -> dict[str, Any]:
    """Moves or copies several things into one folder; each whole or not at all."""
    found = await own_visit(request)
    to = from_text(wish.to)
    moved: list[tuple[Parts, Parts]] = []

    def act(paths: list[Parts]) -> Batch:
        with hold_home(found.owner) as home:
            room = quota.room_for(found.owner)

            def copy_one(parts: Parts) -> Parts:
                return copying.copy(home, parts, to, room)

            def move_one(parts: Parts) -> Parts:
                moved.append((parts, folders.move(home, parts, to)))
                versions.follow(found.owner, *moved[-1])
                return moved[-1][1]

            return each(paths, copy_one if wish.copy_them else move_one)

    answer = await in_turn(found.owner, each_path, wish.paths, act)
    await follow(found.viewer, moved)
    return answer


async def follow(person: Person, moved: list[tuple[Parts, Parts]]) -> None:
    def act() -> None:
        for parts, to in moved:
            publishing.follow(person, parts, to)
            news.moved.send(Person, person=person, parts=parts, to=to)

    await database_sync_to_async(act)()


@router.post("/delete", response={200: DeletedOut, **PROBLEMS})
async def delete(request: HttpRequest, wish: PathsIn) -> dict[str, Any]:
    """Into the trash, where it stays for 30 days. Works however full the disk or the quota is."""
    found = await own_visit(request)
    deleted: list[tuple[str, Batch]] = []

    def act(paths: list[Parts]) -> Batch:
        with hold_home(found.owner) as home:
            for parts in paths:
                if parts:
                    versions.keep(found.owner, parts, home, "delete")
            deleted.append(trash.delete(found.owner, home, paths))
            return deleted[-1][1]

    answer = await in_turn(found.owner, each_path, wish.paths, act)
    [(bin_id, batch)] = deleted
    await forget(found.viewer, batch.done)
    await in_turn(found.owner, trash.expire, found.owner)
    return {"trash": bin_id or None, **answer}


async def forget(person: Person, deleted: tuple[Parts, ...]) -> None:
    def act() -> None:
        for parts in deleted:
            publishing.forget(person, parts)
            news.deleted.send(Person, person=person, parts=parts)

    await database_sync_to_async(act)()
