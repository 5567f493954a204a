"""What a program uses, by its syntax tree: `for`, `import math`, `sum()`, `.sort()`, `recursion`. Used by checker.py,
in a jail, because a program's text may be made to keep a parser busy."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator

from guest.origins import File, Program
from guest.recursion import recursions

Node = ast.AST
KINDS: dict[str, tuple[type[Node], ...]] = {
    "for": (ast.For, ast.AsyncFor),
    "while": (ast.While,),
    "if": (ast.If, ast.IfExp),
    "case": (ast.match_case,),
    "def": (ast.FunctionDef, ast.AsyncFunctionDef),
    "class": (ast.ClassDef,),
    "return": (ast.Return,),
    "lambda": (ast.Lambda,),
    "try": (ast.Try, ast.TryStar),
    "except": (ast.ExceptHandler,),
    "with": (ast.With, ast.AsyncWith),
    "yield": (ast.Yield, ast.YieldFrom),
    "await": (ast.Await,),
    "break": (ast.Break,),
    "continue": (ast.Continue,),
    "pass": (ast.Pass,),
    "global": (ast.Global,),
    "nonlocal": (ast.Nonlocal,),
    "import": (ast.Import, ast.ImportFrom),
    "from": (ast.ImportFrom,),
    "match": (ast.Match,),
    "assert": (ast.Assert,),
    "raise": (ast.Raise,),
    "del": (ast.Delete,),
    "loop": (ast.For, ast.AsyncFor, ast.While),
    "f-string": (ast.JoinedStr,),
    "list comprehension": (ast.ListComp,),
    "set comprehension": (ast.SetComp,),
    "dict comprehension": (ast.DictComp,),
    "generator expression": (ast.GeneratorExp,),
    "comprehension": (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    "slice": (ast.Slice,),
    ":=": (ast.NamedExpr,),
}
OPERATORS: dict[str, type[Node]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "@": ast.MatMult,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
    "~": ast.Invert,
    "<<": ast.LShift,
    ">>": ast.RShift,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "is": ast.Is,
    "is not": ast.IsNot,
    "in": ast.In,
    "not in": ast.NotIn,
    "and": ast.And,
    "or": ast.Or,
    "not": ast.Not,
}
CONSTANTS = {"None": None, "True": True, "False": False}
PLACES_MAX = 50
PLACED = (ast.stmt, ast.expr, ast.excepthandler, ast.pattern, ast.arg, ast.alias)  # these know their line
BRANCHING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar)


def places_of(program: Program, name: str) -> list[tuple[str, int]]:
    """In which files and lines it uses what is called so; [] where it does not."""
    find = finder(name)
    return [(place, number) for place, file in program.files.items() for number in lines(find(program, file))]


Find = Callable[[Program, File], Iterator[Node]]


def lines(nodes: Iterator[Node]) -> list[int]:
    return sorted({line(node) for node in nodes})[:PLACES_MAX]


def line(node: Node) -> int:
    """Some have none, and what they begin with has."""
    parts = (node, getattr(node, "pattern", None), getattr(node, "target", None))
    return next((int(part.lineno) for part in parts if isinstance(part, PLACED)), 1)


def finder(name: str) -> Find:
    if name in WORDS:
        return WORDS[name]
    if name in CONSTANTS:
        return lambda program, file: constants(file, CONSTANTS[name])
    if name in OPERATORS:
        return lambda program, file: operators(file, OPERATORS[name])
    if name.endswith("=") and name[:-1] in OPERATORS:
        return lambda program, file: changes(file, OPERATORS[name[:-1]])
    if name in KINDS:
        return lambda program, file: (node for node in file.nodes if isinstance(node, KINDS[name]))
    if name.startswith("import "):
        return lambda program, file: imports(file, name.removeprefix("import ").strip())
    called = name.removesuffix("()")
    if name.startswith(".") or is_special(called):
        return lambda program, file: parts(file, called.removeprefix("."))
    if name.endswith("()") or "." in name:
        return lambda program, file: uses(program, file, called)
    return lambda program, file: names(file, name)


def is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def elses(program: Program, file: File) -> Iterator[Node]:
    for node in file.nodes:
        if isinstance(node, ast.IfExp) or (isinstance(node, BRANCHING) and node.orelse and not is_elif(node)):
            yield node


def elifs(program: Program, file: File) -> Iterator[Node]:
    return (node.orelse[0] for node in file.nodes if isinstance(node, ast.If) and is_elif(node))


def is_elif(node: ast.AST) -> bool:
    """What follows is no `else` with an `if` in it: that would be further to the right."""
    match node:
        case ast.If(orelse=[ast.If() as other]):
            return other.col_offset == node.col_offset
    return False


def finallys(program: Program, file: File) -> Iterator[Node]:
    return (node for node in file.nodes if isinstance(node, ast.Try | ast.TryStar) and node.finalbody)


def asyncs(program: Program, file: File) -> Iterator[Node]:
    for node in file.nodes:
        is_loop = isinstance(node, ast.comprehension) and node.is_async
        if is_loop or isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith):
            yield node


def constants(file: File, value: object) -> Iterator[Node]:
    return (node for node in file.nodes if isinstance(node, ast.Constant) and node.value is value)


def operators(file: File, kind: type[Node]) -> Iterator[Node]:
    for node in file.nodes:
        found = [getattr(node, "op", None), *getattr(node, "ops", [])]
        if any(isinstance(one, kind) for one in found):
            yield node


def changes(file: File, kind: type[Node]) -> Iterator[Node]:
    return (node for node in file.nodes if isinstance(node, ast.AugAssign) and isinstance(node.op, kind))


def imports(file: File, module: str) -> Iterator[Node]:
    """Of the module, or of anything in it."""
    for node, names in file.imports:
        if any(name == module or name.startswith(f"{module}.") for name in names):
            yield node


def strangers(program: Program, file: File) -> Iterator[Node]:
    """Imports of what is not there yet, when the program begins."""
    yield from (node for node, names in file.imports if not all(map(program.is_there, names)))
    yield from (node for node in file.nodes if isinstance(node, ast.ImportFrom) and node.level)


def uses(program: Program, file: File, name: str) -> Iterator[Node]:
    """Of a function, called or handed on under whatever name; or of its module, handed on as a whole."""
    module = name.rpartition(".")[0]
    whole = module if module in program.modules else None
    for node, found in file.uses:
        if (whole in found and is_handed_on(program, file, node)) or any(is_called(one, name) for one in found):
            yield node


def is_handed_on(program: Program, file: File, node: Node) -> bool:
    """Also as a part of a class; and neither looked into nor given a name that is known."""
    is_plain = id(node) in file.looked_into or id(node) in program.aliases
    return isinstance(node, ast.expr | ast.Import) and not is_plain


def is_called(dotted: str, name: str) -> bool:
    """Modules that come with Python have others in them: `os.sys.modules` is sys.modules."""
    if not dotted.endswith(name):
        return False
    if "." not in name:
        return dotted in (name, f"builtins.{name}")
    root = dotted.partition(".")[0]
    return dotted == name or (dotted.endswith(f".{name}") and root in sys.stdlib_module_names)


def parts(file: File, name: str) -> Iterator[Node]:
    """`x.name` of whatever x, and the bare name where Python knows it by itself, as __builtins__."""
    yield from (node for node, _, part in file.parts if part == name)
    for node in file.nodes:
        is_part = isinstance(node, ast.MatchClass) and name in node.kwd_attrs
        if is_part or (isinstance(node, ast.Name) and node.id == name and is_special(name)):
            yield node


def computed(program: Program, file: File) -> Iterator[Node]:
    """getattr, but for those with a name that can be read."""
    plain = {id(node.func) for node, *_ in file.parts if isinstance(node, ast.Call)}
    return (node for node in uses(program, file, "getattr") if id(node) not in plain)


def names(file: File, name: str) -> Iterator[Node]:
    for node in file.nodes:
        match node:
            case (
                ast.FunctionDef(name=found)
                | ast.AsyncFunctionDef(name=found)
                | ast.ClassDef(name=found)
                | ast.Name(id=found)
                | ast.arg(arg=found)
            ) if found == name:
                yield node


WORDS: dict[str, Find] = {
    "else": elses,
    "elif": elifs,
    "finally": finallys,
    "async": asyncs,
    "recursion": recursions,
    "getattr() of a computed name": computed,
    "import of a file that was not handed in": strangers,
}
