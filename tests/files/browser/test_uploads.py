"""Bringing files here: chosen, dropped, as a zip, over a connection that breaks, and into a full quota."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage

STATES = "[...document.querySelectorAll('.files-uploads li')].map(row => row.dataset.state).join()"


@pytest.fixture
def computer(tmp_path: Path) -> Folder:
    """The person's own."""
    return Folder(tmp_path)


def a_zip(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def choose(page: FilesPage, computer: Folder, *names: str) -> None:
    """With the window that Upload opens."""
    page.call("DOM.enable")
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="ivle-files input[type=file]")["nodeId"]
    page.call("DOM.setFileInputFiles", nodeId=node, files=[str(computer.path / name) for name in names])


def drop(page: FilesPage, element: str, computer: Folder, *names: str) -> None:
    x, y = page.place_of(element)
    data = {"items": [], "files": [str(computer.path / name) for name in names], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        if kind == "drop":
            page.reads("Drop to upload into", ".files-drop")
        page.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)


def offline(page: FilesPage, is_it: bool) -> None:
    page.call("Network.enable")
    page.call("Network.emulateNetworkConditions", offline=is_it, latency=0, downloadThroughput=-1, uploadThroughput=-1)


def test_choose_files(page: FilesPage, home: Folder, computer: Folder) -> None:
    content = bytes(range(256)) * 4096 * 3
    computer.write("big.bin", content)
    computer.write("it's ü.txt", "text")
    computer.write("empty.txt", "")
    page.go()
    choose(page, computer, "big.bin", "it's ü.txt", "empty.txt")
    page.until(f"{STATES} == 'done,done,done'")
    page.shows("big.bin", "empty.txt", "it's ü.txt")
    page.reads("3 files uploaded", ".files-uploads")
    assert (home.path / "big.bin").read_bytes() == content
    assert home.read("it's ü.txt") == "text"
    assert home.read("empty.txt") == ""
    page.check_axe()


def test_drop_files_and_folders(page: FilesPage, home: Folder, computer: Folder) -> None:
    home.make("work")
    computer.write("a.py", "a")
    computer.write("data/deep er/b.txt", "b")
    computer.write("data/c.txt", "c")
    page.go()
    drop(page, page.row("work"), computer, "a.py", "data")
    page.until(f"{STATES} == 'done,done,done'")
    assert home.read("work/a.py") == "a"
    assert home.read("work/data/deep er/b.txt") == "b"
    assert home.read("work/data/c.txt") == "c"


def test_unzip_is_ticked(page: FilesPage, home: Folder, computer: Folder) -> None:
    (computer.path / "task.zip").write_bytes(a_zip(task__a_py="a", task__b_py="b"))
    page.go()
    choose(page, computer, "task.zip")
    page.reads(r"Unzip task\.zip", "dialog")
    page.check_axe()
    page.push("Upload", "dialog")
    page.reads("2 files unzipped", ".files-uploads")
    page.shows("task")
    assert home.names("task") == {b"a_py", b"b_py"}


def test_a_zip_that_stays_one(page: FilesPage, home: Folder, computer: Folder) -> None:
    (computer.path / "task.zip").write_bytes(a_zip(task__a_py="a"))
    page.go()
    choose(page, computer, "task.zip")
    page.evaluate("document.querySelector('dialog input').click()")
    page.push("Upload", "dialog")
    page.shows("task.zip")
    page.until(f"{STATES} == 'done'")
    choose(page, computer, "task.zip")
    page.push("Cancel", "dialog")
    page.until("!document.querySelector('dialog')")
    assert home.names() == {b"task.zip"}


def test_what_is_there_is_replaced_only_when_asked(page: FilesPage, home: Folder, computer: Folder) -> None:
    home.write("a.txt", "old")
    computer.write("a.txt", "new")
    page.go()
    choose(page, computer, "a.txt")
    page.reads("There is a a.txt here already", ".files-uploads")
    page.check_axe()
    page.push("Keep the old one", ".files-uploads")
    page.until(f"{STATES} == 'cancelled'")
    assert home.read("a.txt") == "old"
    choose(page, computer, "a.txt")
    page.until(f"{STATES} == 'cancelled,exists'")
    page.push("Replace it", ".files-uploads")
    page.until(f"{STATES} == 'cancelled,done'")
    assert home.read("a.txt") == "new"


def test_a_connection_that_breaks(page: FilesPage, home: Folder, computer: Folder) -> None:
    content = bytes(range(256)) * 4096 * 8
    computer.write("big.bin", content)
    page.go()
    page.evaluate(
        "globalThis.parts = []; const upload = document.querySelector('ivle-files').api;"
        "const send = upload.sendPart; upload.sendPart = async (id, offset, ...rest) => {"
        " parts.push(offset); if (parts.length == 2) { await new Promise(go => { globalThis.go = go; }); }"
        " return send.call(upload, id, offset, ...rest); };"
        "globalThis.asked = 0; const ask = upload.upload;"
        "upload.upload = (...words) => ask.apply(upload, words).finally(() => { asked += 1; });"
        "const later = setTimeout;"
        "setTimeout = (call, wait, ...rest) => later(call, wait < 1000 ? wait : 1e9, ...rest);"
    )
    choose(page, computer, "big.bin")
    page.until("Boolean(globalThis.go)")
    offline(page, True)
    page.evaluate("go()")
    page.reads("The connection is lost at", ".files-uploads")
    page.reads("goes on by itself", ".files-uploads")
    page.push("Try now", ".files-uploads")
    page.until("asked == 1")
    page.reads("The connection is lost at", ".files-uploads")
    offline(page, False)
    page.until(f"{STATES} == 'done'")
    assert (home.path / "big.bin").read_bytes() == content
    assert page.evaluate("parts.filter(offset => offset == 0).length") == 1


def test_cancel(page: FilesPage, home: Folder, computer: Folder) -> None:
    computer.write("big.bin", b"x" * 3_000_000)
    page.go()
    page.evaluate("document.querySelector('ivle-files').api.sendPart = () => new Promise(() => {})")
    choose(page, computer, "big.bin")
    page.reads(r"0 bytes of 2\.9 MB", ".files-uploads")
    page.push("Cancel", ".files-uploads")
    page.until(f"{STATES} == 'cancelled'")
    page.push("✕", ".files-uploads")
    page.until("document.querySelector('.files-uploads').hidden")
    assert home.names() == set()


def test_no_room_is_said_before_anything_is_sent(page: FilesPage, home: Folder, computer: Folder) -> None:
    with (computer.path / "huge.bin").open("wb") as file:
        file.truncate(2 << 30)
    page.go()
    choose(page, computer, "huge.bin")
    page.until(f"{STATES} == 'failed'")
    page.reads("This needs 2 GB, and your folder can have 1 GB in all", ".files-uploads .aside")
    assert home.names() == set()
