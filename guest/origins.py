"""What names in a program stand for: after `import math as m` and `root = m.sqrt`, `root` is math.sqrt. For syntax.py.

All files of a program are looked at together, and a name stands for whatever it was ever given in any of them.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

MEANINGS_MAX, PASSES = 100, 5
IMPORTERS = ("__import__", "import_module")


class File:
    """What is looked for again and again, found once."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = list(ast.walk(tree))
        self.parts = [(node, *part) for node in self.nodes if (part := part_of(node))]
        self.looked_into = {id(whole) for _, whole, _ in self.parts}
        self.imports = [(node, names) for node in self.nodes if (names := imported(node))]
        self.uses: list[tuple[ast.AST, set[str]]] = []  # and what it may be called


class Program:
    def __init__(self, trees: Mapping[str, ast.Module], ours: frozenset[str] = frozenset()) -> None:
        """`ours`: what can be imported besides what is installed."""
        self.files = {name: File(tree) for name, tree in trees.items()}
        self.ours = ours
        self.modules: set[str] = set()  # that are imported as a whole
        self.stars: set[str] = set()  # of which everything is
        self.meanings: defaultdict[str, set[str]] = defaultdict(set)
        for node in self.nodes():
            self.note_import(node)
        members = [one for node in self.nodes() if isinstance(node, ast.ClassDef) for one in node.body]
        self.members = {id(one) for one in members}
        pairs = [pair for node in self.nodes() for pair in given(node)]
        self.aliases = {id(value) for _, value in pairs} - {id(getattr(one, "value", None)) for one in members}
        for _ in range(PASSES):
            for name, value in pairs:
                known = self.meanings[name]
                known |= set(sorted(self.resolve(value) - {name})[: MEANINGS_MAX - len(known)])
        for file in self.files.values():
            file.uses = list(self.uses_in(file))

    def uses_in(self, file: File) -> Iterator[tuple[ast.AST, set[str]]]:
        """An import into a class makes names that nobody follows."""
        for node in file.nodes:
            if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)) or part_of(node):
                yield node, self.resolve(node)
        for node, names in file.imports:
            if isinstance(node, ast.ImportFrom) or id(node) in self.members:
                yield node, set(names)

    def nodes(self) -> Iterator[ast.AST]:
        for file in self.files.values():
            yield from file.nodes

    def note_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.modules.add(alias.name)
                first = alias.name.partition(".")[0]
                self.meanings[alias.asname or first].add(alias.name if alias.asname else first)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    self.stars.add(node.module or "")
                else:
                    self.meanings[alias.asname or alias.name].add(f"{node.module or ''}.{alias.name}")

    def resolve(self, node: ast.AST) -> set[str]:
        """Whatever the expression may be called: {"m.sqrt", "math.sqrt"}. One of no name is "", and its parts ".x"."""
        if isinstance(node, ast.Name):
            found = {node.id, *self.meanings.get(node.id, ()), *(f"{module}.{node.id}" for module in self.stars)}
        elif part := part_of(node):
            whole, name = part
            found = {f"{one}.{name}" for one in self.resolve(whole)}
        elif isinstance(node, ast.NamedExpr):
            found = self.resolve(node.value)
        elif isinstance(node, ast.Call) and last_name(node.func) in IMPORTERS:
            found = {text_of(node.args[0])} if node.args else {""}
        else:
            return {""}
        for dotted in list(found):  # what a file of theirs has is known by its own name
            module, dot, rest = dotted.partition(".")
            if dot and module in self.ours:
                first, dot, others = rest.partition(".")
                found |= {one + dot + others for one in {first, *self.meanings.get(first, ())}}
        return found

    def is_there(self, module: str) -> bool:
        """To be imported, when nothing has been written yet."""
        first = module.partition(".")[0]
        if first in self.ours or first in sys.stdlib_module_names:
            return True
        try:
            return find_spec(first) is not None
        except (ImportError, ValueError):
            return False


def given(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Names, and the expressions whose value they get."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from paired(target, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            yield from paired(target, value)
        case ast.arguments(posonlyargs=first, args=others, defaults=defaults):
            known = [*first, *others]
            for argument, value in zip(known[len(known) - len(defaults) :], defaults, strict=True):
                yield argument.arg, value
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if default is not None:
                    yield argument.arg, default


def paired(target: ast.AST, value: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match target, value:
        case ast.Name(id=name), ast.Name() | ast.Attribute() | ast.Call() | ast.NamedExpr():
            yield name, value
        case ((ast.Tuple(elts=names) | ast.List(elts=names)), (ast.Tuple(elts=values) | ast.List(elts=values))):
            for one, other in zip(names, values):  # noqa: B905 - a star among them, and they are not as many
                yield from paired(one, other)


def part_of(node: ast.AST) -> tuple[ast.AST, str] | None:
    """Of `x.name` and getattr(x, "name"): the x and the name."""
    match node:
        case ast.Attribute(value=whole, attr=name):
            return whole, name
        case ast.Call(func=ast.Name(id="getattr"), args=[whole, ast.Constant(value=str(name)), *_]):
            return whole, name
    return None


def imported(node: ast.AST) -> list[str]:
    """Modules, also by `__import__` with its name, and what may be one."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module, *(f"{module}.{alias.name}" for alias in node.names)]
        case ast.Call(func=function, args=[first, *_]) if last_name(function) in IMPORTERS:
            return [text_of(first)]
    return []


def last_name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def text_of(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
