"""Where a function of a program comes back to itself. Used by syntax.py."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from guest.origins import File, Program, last_name, part_of

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)
LITERALS = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict, *COMPREHENSIONS)


@dataclass(frozen=True)
class Function:
    name: str
    body: tuple[ast.AST, ...]
    local_names: frozenset[str]


def recursions(program: Program, file: File) -> Iterator[ast.AST]:
    """Where one names itself inside, or another that leads back to it: `f()`, `self.f()`, `key=f`."""
    foreign = foreigners(program)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for function in functions(program.nodes()):
        for node in inside(function):
            named[function.name] |= mentioned(program, node, function, foreign)
    for function in functions(iter(file.nodes)):
        leading = {name for name in named[function.name] if leads_to(function.name, name, named)}
        for node in inside(function) if leading else ():
            if leading & mentioned(program, node, function, foreign):
                yield node


def functions(nodes: Iterator[ast.AST]) -> Iterator[Function]:
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield Function(name, tuple(node.body), frozenset(names_of(node.args) | assigned(node.body)))
            case ast.Assign(targets=targets, value=ast.Lambda() as function):
                for target in targets:
                    yield Function(last_name(target), (function.body,), frozenset(names_of(function.args)))


def inside(function: Function) -> list[ast.AST]:
    nodes = [node for part in function.body for node in ast.walk(part)]
    shadows = {id(name) for node in nodes for name in shadowed(node)}
    return [node for node in nodes if id(node) not in shadows]


def shadowed(scope: ast.AST) -> Iterator[ast.AST]:
    """In a comprehension or a lambda its own variables, which nothing outside sees: `[digit for digit in s]`."""
    if isinstance(scope, COMPREHENSIONS):
        own = {name for generator in scope.generators for node in ast.walk(generator.target) for name in bound(node)}
        outside: ast.AST = scope.generators[0].iter
    elif isinstance(scope, ast.Lambda):
        own, outside = names_of(scope.args), scope.args
    else:
        return
    seen_before = {id(node) for node in ast.walk(outside)}
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id in own and id(node) not in seen_before:
            yield node


def names_of(arguments: ast.arguments) -> set[str]:
    return {node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)}


def assigned(body: list[ast.stmt]) -> set[str]:
    """Variables of the function itself, which may have its own name: `total = 0` in `total`."""
    found, not_its_own = set[str](), set[str]()
    left: list[ast.AST] = list(body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Global | ast.Nonlocal):
            not_its_own.update(node.names)
        found |= bound(node)
        if not isinstance(node, SCOPES):
            left += ast.iter_child_nodes(node)
    return found - not_its_own


def bound(node: ast.AST) -> set[str]:
    """Names that get a value by it: not those of functions and classes."""
    match node:
        case ast.Name(id=str(name), ctx=ast.Store()) | ast.MatchMapping(rest=str(name)):
            return {name}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
    return set()


def foreigners(program: Program) -> set[str]:
    """Modules from elsewhere and what comes out of them, by every name, but for names that also stand for something
    else: nothing in there leads back to the program."""
    found, others = set[str](), set[str]()
    for node in program.nodes():
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    root = alias.name.partition(".")[0]
                    (others if root in program.ours else found).update((root, alias.asname or root))
            case ast.ImportFrom(module=module, names=aliases, level=level):
                root = (module or "").partition(".")[0]
                is_ours = level or root in program.ours
                (others if is_ours else found).update((root, *(alias.asname or alias.name for alias in aliases)))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                others.add(name)
            case ast.arg(arg=name):
                others.add(name)
            case ast.Attribute(ctx=ast.Store()):
                others.add(root_of(node))
            case _:
                others |= bound(node)
    return found - others


def root_of(node: ast.AST) -> str:
    """The x of `x.y.z`; "" where it is no name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def mentioned(program: Program, node: ast.AST, function: Function, foreign: set[str]) -> set[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        dotted = [name.rpartition(".") for name in program.resolve(node)]
        return {name for whole, _, name in dotted if whole.partition(".")[0] not in foreign} - function.local_names
    if isinstance(node, ast.Call) and (part := part_of(node.func)):
        whole, name = part
        if is_other(whole) or root_of(whole) in foreign:
            return set()
        if isinstance(whole, ast.Name) or name == function.name:
            return {name}
    return set()


def is_other(whole: ast.AST) -> bool:
    """What a method is called on and is none of the program's: text, a list, what a class is made from."""
    match whole:
        case ast.Call(func=ast.Name(id="super")):
            return True
    return isinstance(whole, LITERALS)


def leads_to(name: str, begin: str, named: dict[str, set[str]]) -> bool:
    seen, left = {begin}, [begin]
    while left:
        here = left.pop()
        if here == name:
            return True
        new = named.get(here, set()) - seen
        seen |= new
        left += new
    return False
