"""The little of Python 2 that beginners' programs have, as Python 3. Used by ivle_xml.py; a person reads the result."""

from __future__ import annotations

import re

PRINT = re.compile(r"^(?P<before>\s*(?:[^#\"'\n]*:\s+)?)print(?:[ \t]+(?P<what>[^(\n].*?|\(.*?))?(?P<comma>,?)[ \t]*$")
NAMES = {"raw_input": "input", "xrange": "range", "unicode": "str", "long": "int", "file": "open"}
NAME = re.compile(rf"(?<![\w.])(?P<name>{'|'.join(NAMES)})(?=\()")
EXCEPT = re.compile(r"^(?P<before>\s*except\s+[\w.]+|\s*except\s+\([^)]*\))\s*,\s*(?P<name>\w+)\s*:")
RAISE = re.compile(r"^(?P<before>\s*raise\s+[\w.]+)\s*,\s*(?P<what>.+)$")


def as_python3(code: str) -> str:
    """The code itself where it is Python 3 already."""
    if is_python3(code) and not NAME.search(code):
        return code
    lines = [as_line(line, prints=not is_python3(code)) for line in code.split("\n")]
    changed = "\n".join(lines)
    return changed if is_python3(changed) else code


def is_python3(code: str) -> bool:
    try:
        compile(code, "<exercise>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def as_line(line: str, *, prints: bool) -> str:
    line = NAME.sub(lambda found: NAMES[found["name"]], line)
    line = EXCEPT.sub(r"\g<before> as \g<name>:", line)
    line = RAISE.sub(r"\g<before>(\g<what>)", line)
    found = PRINT.match(line) if prints else None
    if found is None:
        return line
    what = (found["what"] or "").strip()
    end = ', end=" "' if found["comma"] else ""
    return f"{found['before']}print({what}{end})"
