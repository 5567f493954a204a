"""The layout of docs/architecture.md, enforced: who imports whom, how long a module is, how it may be called."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES_MAX = 400
VAGUE_NAMES = {"utils", "helpers", "common", "base", "core", "misc"}
PACKAGES = (
    "guest",
    "sandbox",
    "client",
    "accounts",
    "files",
    "console",
    "cgirunner",
    "editor",
    "courses",
    "exercises",
    "tutorial",
    "marks",
    "allowances",
    "shells",
    "operations",
    "ivle",
    "bench",
)

# Who teaches whom, and the log of what they look at.
LOOKING = {"courses.access", "courses.looks"}
# What was published, as it was read.
SHELVES = {"tutorial.shelf", "tutorial.sources", "tutorial.texts"}
# Which of our packages, and which of others', each may import. None: anything that is not ours.
OURS = {
    "guest": set(),
    "sandbox": set(),
    "client": set(),
    "accounts": {"sandbox.limits"},
    "files": {"accounts"} | LOOKING,
    "console": {"sandbox", "files", "accounts"} | LOOKING,
    "cgirunner": {"sandbox", "files", "accounts"} | LOOKING,
    "editor": {"sandbox", "files", "accounts"} | LOOKING,
    "courses": {"accounts"},
    "exercises": {"sandbox", "cgirunner.environment", "cgirunner.headers", "cgirunner.request"},
    "tutorial": {"sandbox", "files", "accounts", "courses", "exercises"},
    "marks": {"sandbox", "files", "accounts", "courses", "exercises", "tutorial.outline", "tutorial.references"}
    | SHELVES,
    "allowances": {"sandbox", "accounts", "courses"},
    "shells": {"sandbox", "accounts", "console"},
    "operations": set(PACKAGES) - {"guest", "client", "ivle", "bench"},
    "ivle": set(PACKAGES) - {"bench"},
    "bench": set(PACKAGES) - {"bench"},
}
THIRD_PARTY: dict[str, set[str] | None] = {
    "guest": set(),
    "sandbox": {"psutil"},
    "client": {"websockets"},
    "exercises": set(),
}
# IPython lives in the students' runtime; one guest adapts to it.
EXCEPTIONS = {("guest/ipython.py", "IPython"), ("guest/ipython.py", "traitlets"), ("guest/page.py", "selectolax")}


def modules(package: str) -> Iterator[Path]:
    for path in sorted((ROOT / package).rglob("*.py")):
        if "migrations" not in path.parts and "demo_files" not in path.parts and "programs" not in path.parts:
            yield path


def every_module() -> list[Path]:
    return [path for package in PACKAGES for path in modules(package)]


def imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    """Every module that is imported anywhere in the tree; `from a import b` gives a.b, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = f"{package}.{module}".removesuffix(".")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def forbidden_imports(package: str, source: str, path: str = "") -> list[str]:
    found = []
    for name in imported_names(ast.parse(source), package):
        top = name.partition(".")[0]
        if top == package or top in sys.stdlib_module_names or (path, top) in EXCEPTIONS:
            continue
        if top in PACKAGES:
            allowed = any(name == ours or name.startswith(f"{ours}.") for ours in OURS[package])
        else:
            others = THIRD_PARTY.get(package)
            allowed = others is None or top in others
        if not allowed:
            found.append(name)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_imports(package: str) -> None:
    faults = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in forbidden_imports(package, path.read_text(), str(path.relative_to(ROOT)))
    ]
    assert not faults


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("sandbox", "import django"),
        ("guest", "import psutil"),
        ("client", "import django"),
        ("client", "from console import protocol"),
        ("guest", "def late():\n    from sandbox import wire"),
        ("files", "from cgirunner import headers"),
        ("console", "import cgirunner.headers"),
        ("accounts", "from sandbox import client"),
        ("cgirunner", "from ivle import settings"),
        ("accounts", "from courses import access"),
        ("files", "from courses import editions"),
        ("courses", "from tutorial import listing"),
        ("exercises", "import django"),
        ("exercises", "from cgirunner import visit"),
        ("tutorial", "from marks import models"),
        ("allowances", "from console import opening"),
        ("console", "from allowances import models"),
        ("shells", "from files import paths"),
        ("operations", "from ivle import health"),
        ("ivle", "import bench"),
    ],
)
def test_it_notices_a_forbidden_import(package: str, source: str) -> None:
    assert forbidden_imports(package, source)


def test_it_allows_what_the_table_allows() -> None:
    assert not forbidden_imports("accounts", "from sandbox.limits import Limits\nfrom django.db import models")
    assert not forbidden_imports("sandbox", "import os\nimport psutil\nfrom . import wire\nfrom sandbox import limits")


@pytest.mark.parametrize("path", every_module(), ids=lambda path: str(path.relative_to(ROOT)))
def test_module(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MODULE_LINES_MAX, "split it: a module is one noun"
    assert path.stem not in VAGUE_NAMES, "call it by what it holds"
    if path.stem not in ("__init__", "__main__") and path.parent == ROOT / path.relative_to(ROOT).parts[0]:
        assert path.stem not in sys.stdlib_module_names, "it would hide a module of the standard library"
    if text.strip():
        assert ast.get_docstring(ast.parse(text)) or path.name == "__init__.py", "begin with what it is for"
