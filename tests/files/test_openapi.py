"""What /api/openapi.json says of files."""

from __future__ import annotations

import pytest

OPERATIONS = [
    ("get", "/list"),
    ("get", "/content"),
    ("put", "/content"),
    ("post", "/publish"),
    ("post", "/folder"),
    ("post", "/rename"),
    ("post", "/move"),
    ("post", "/delete"),
    ("get", "/trash"),
    ("delete", "/trash"),
    ("post", "/trash/{item_id}/restore"),
    ("delete", "/trash/{item_id}"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_each_is_described(client, db, method, path) -> None:
    operation = client.get("/api/openapi.json").json()["paths"][f"/api/files{path}"][method]
    assert operation["description"]
    assert {"400", "403", "404", "409", "507"} <= operation["responses"].keys()


def test_a_save_takes_bytes(client, db) -> None:
    operation = client.get("/api/openapi.json").json()["paths"]["/api/files/content"]["put"]
    assert list(operation["requestBody"]["content"]) == ["application/octet-stream"]
    assert {"200", "201", "412", "413"} <= operation["responses"].keys()
