"""What a program uses, by its syntax tree: `for`, `import math`, `sum()`, `.sort()`, `recursion`. Used by checker.py,
in a jail, because a program's text may be made to keep a parser busy."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Node = ast.AST
KINDS: dict[str, tuple[type[Node], ...]] = {
    "for": (ast.For, ast.AsyncFor),
    "while": (ast.While,),
    "if": (ast.If, ast.IfExp),
    "else": (),
    "def": (ast.FunctionDef, ast.AsyncFunctionDef),
    "class": (ast.ClassDef,),
    "return": (ast.Return,),
    "lambda": (ast.Lambda,),
    "try": (ast.Try, ast.TryStar),
    "with": (ast.With, ast.AsyncWith),
    "yield": (ast.Yield, ast.YieldFrom),
    "break": (ast.Break,),
    "continue": (ast.Continue,),
    "global": (ast.Global,),
    "import": (ast.Import, ast.ImportFrom),
    "match": (ast.Match,),
    "assert": (ast.Assert,),
    "raise": (ast.Raise,),
    "del": (ast.Delete,),
    "loop": (ast.For, ast.AsyncFor, ast.While),
    "f-string": (ast.JoinedStr,),
    "list comprehension": (ast.ListComp,),
    "comprehension": (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    "slice": (ast.Slice,),
}
OPERATORS: dict[str, type[Node]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "==": ast.Eq,
    "<": ast.Lt,
    ">": ast.Gt,
    "in": ast.In,
    "and": ast.And,
    "or": ast.Or,
    "not": ast.Not,
}


def lines_of(tree: ast.Module, name: str) -> list[int]:
    """Where the program uses what is called so; [] where it does not."""
    return sorted(set(finder(name)(tree)))


def finder(name: str) -> Callable[[ast.Module], Iterator[int]]:
    words = name.split()
    if name == "else":
        return elses
    if name == "recursion":
        return recursions
    if name in OPERATORS:
        return lambda tree: operators(tree, OPERATORS[name])
    if name in KINDS:
        return lambda tree: (line(node) for node in ast.walk(tree) if isinstance(node, KINDS[name]))
    if words[0] == "import" and len(words) == 2:
        return lambda tree: imports(tree, words[1])
    if name.startswith(".") and name.endswith("()"):
        return lambda tree: calls(tree, name[1:-2], is_method=True)
    if name.endswith("()"):
        return lambda tree: calls(tree, name[:-2], is_method=False)
    return lambda tree: names(tree, name)


def line(node: Node) -> int:
    return int(getattr(node, "lineno", 1))


def elses(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.For | ast.While | ast.Try) and node.orelse:
            yield line(node)


def operators(tree: ast.Module, kind: type[Node]) -> Iterator[int]:
    for node in ast.walk(tree):
        found = [getattr(node, "op", None), *getattr(node, "ops", [])]
        if any(isinstance(one, kind) for one in found):
            yield line(node)


def imports(tree: ast.Module, module: str) -> Iterator[int]:
    """Of the module, or of anything in it; by `__import__` with its name as well."""
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [node.module or ""]
        elif isinstance(node, ast.Call) and called(node) in ("__import__", "import_module") and node.args:
            first = node.args[0]
            found = [str(first.value)] if isinstance(first, ast.Constant) else []
        if any(name == module or name.startswith(f"{module}.") for name in found):
            yield line(node)


def calls(tree: ast.Module, name: str, *, is_method: bool) -> Iterator[int]:
    """`sum()` also where it is handed on under its name: `f = sum`. A method is known by its name alone."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attribute):
                found = attribute == name if is_method else dotted(node) == name
            case ast.Name(id=used, ctx=ast.Load()):
                found = used == name and not is_method
            case ast.ImportFrom(module=module, names=imported):
                found = any(f"{module}.{one.name}" == name for one in imported)
            case _:
                found = False
        if found:
            yield line(node)


def names(tree: ast.Module, name: str) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(name=found)
                | ast.AsyncFunctionDef(name=found)
                | ast.ClassDef(name=found)
                | ast.Name(id=found)
                | ast.arg(arg=found)
            ) if found == name:
                yield line(node)


def recursions(tree: ast.Module) -> Iterator[int]:
    """A function that names itself inside: `f()` or `self.f()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and called(inner) == node.name:
                    yield line(inner)


def called(node: ast.Call) -> str:
    function = node.func
    return str(getattr(function, "id", getattr(function, "attr", "")))


def dotted(node: Node) -> str:
    """`math.sqrt` of such an expression."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
