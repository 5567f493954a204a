"""A tutorial's Markdown as a page: prose, code, boxes, exercises. The syntax is in docs/tutorials.md. Pure."""

from __future__ import annotations

import itertools
import re
import threading
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from markdown_it.token import Token

from tutorial.fences import BadFence, Fence, read_fence
from tutorial.front_matter import split_front_matter
from tutorial.page import PAGE_NAME, Block, Box, ExerciseBox, Expected, Fault, Kind, Listing, Page
from tutorial.page import Prose as ProseBlock
from tutorial.prose import Prose, parser
from tutorial.references import Addresses

PAGE_MAX_BYTES: Final = 128 * 1024
BOXES_MAX: Final = 60
KINDS: Final[tuple[Kind, ...]] = ("run", "repl", "file", "web")
LANGUAGES: Final = {"py": "python", "html": "html", "css": "css", "js": "javascript", "json": "json", "md": "markdown"}
# The parser is Python: of all that want it only one has a processor at a time, and the event loop gets its turns.
one_at_a_time = threading.Lock()


def read_page(name: str, text: str, addresses: Addresses) -> tuple[Page, tuple[Fault, ...]]:
    """The page as far as it can be understood, and what is wrong with it. `name` is the file's, without .md."""
    reader = Reader(name, addresses)
    with one_at_a_time:
        page = reader.read(text)
    return page, tuple(sorted(set(reader.faults)))


class Reader:
    """Reads one page."""

    def __init__(self, name: str, addresses: Addresses) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.prose = Prose(addresses, self.tell)
        self.blocks: list[Block] = []
        self.setups: dict[str, str] = {}
        self.used_setups: dict[int, str] = {}  # by the number of the block
        self.title = ""

    def tell(self, line: int, reason: str) -> None:
        self.faults.append(Fault(f"{self.name}.md", line, reason))

    def read(self, text: str) -> Page:
        if not PAGE_NAME.fullmatch(self.name):
            self.tell(0, _("A tutorial’s file name is its address: a-z, 0-9 and -, then .md."))
        if len(text.encode("utf-8", "replace")) > PAGE_MAX_BYTES:
            self.tell(0, _("A tutorial has at most %(most)d kB. Make two of it.") % {"most": PAGE_MAX_BYTES // 1024})
            text = text[: PAGE_MAX_BYTES // 4]
        dates, text = split_front_matter(text.replace("\r\n", "\n").replace("\r", "\n"), self.tell)
        tokens = self.without_title(parser().parse(text))
        waiting: list[Token] = []
        for token in tokens:
            if token.type == "fence" and token.level == 0:
                self.flush(waiting)
                self.take(token)
            else:
                if token.type == "fence":
                    self.check_inner(token)
                waiting.append(token)
        self.flush(waiting)
        self.give_setups()
        self.check_boxes()
        self.check_anchors()
        return Page(self.name, self.title or self.name, dates, tuple(self.blocks), tuple(self.prose.links))

    def without_title(self, tokens: list[Token]) -> list[Token]:
        """Names the headings, and takes the first away: the page shows it by itself."""
        for heading, inline in itertools.pairwise(tokens):
            if heading.type == "heading_open":
                text = plain(inline)
                if not self.title:
                    self.title = text
                self.prose.name_heading(heading, text)
        if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1" and self.title:
            return tokens[3:]
        self.tell(line_of(tokens[0]) if tokens else 1, _("A tutorial begins with its title: # Title"))
        return tokens

    def flush(self, waiting: list[Token]) -> None:
        if waiting:
            self.blocks.append(ProseBlock(self.prose.render(waiting)))
            waiting.clear()

    # --- Blocks of code ---

    def check_inner(self, token: Token) -> None:
        words = token.info.split()
        if len(words) > 1 or words[:1] == ["exercise"]:
            self.tell(
                line_of(token),
                _("A box stands by itself, not in a list or a quotation. Begin its lines at the margin."),
            )

    def take(self, token: Token) -> None:
        line = line_of(token)
        try:
            fence = read_fence(token.info)
        except BadFence as fault:
            self.tell(line, str(fault))
            self.blocks.append(Listing(token.info.partition(" ")[0][:40], token.content, line))
            return
        kind = next((kind for kind in KINDS if kind in fence.switches or kind in fence.values), None)
        if fence.language == "exercise":
            self.take_exercise(fence, line)
        elif fence.language in ("output", "input"):
            self.take_expected(fence, token.content, line)
        elif kind:
            self.take_box(kind, fence, token.content, line)
        elif "setup" in fence.values:
            self.take_setup(fence.values["setup"], token.content, line)
        else:
            self.blocks.append(Listing(fence.language, token.content, line))

    def take_exercise(self, fence: Fence, line: int) -> None:
        if any(isinstance(block, ExerciseBox) and block.name == fence.name for block in self.blocks):
            self.tell(line, _("The exercise %(name)s is on this page already.") % {"name": fence.name})
            return
        self.blocks.append(ExerciseBox(fence.name, line))

    def take_expected(self, fence: Fence, text: str, line: int) -> None:
        before = self.blocks[-1] if self.blocks else None
        if not isinstance(before, Box | Listing) or (isinstance(before, Box) and before.kind != "run"):
            self.tell(line, _("What is printed or typed stands directly below the code that does it."))
            return
        known = before.expected
        if fence.language == "input":
            if known:
                self.tell(line, _("What is typed comes before the output, and once."))
                return
            expected = Expected(None, text, is_shown=False)
        else:
            if known and known.output is not None:
                self.tell(line, _("This code has its output already."))
                return
            expected = Expected(text, known.typed if known else "", is_shown="hidden" not in fence.switches)
        self.blocks[-1] = replace(before, expected=expected)

    def take_box(self, kind: Kind, fence: Fence, text: str, line: int) -> None:
        count = sum(isinstance(block, Box) for block in self.blocks) + 1
        file = fence.values.get("file") or fence.values.get("web") or ""
        name = fence.name or (slug_of(file) if file else f"box-{count}")
        language = LANGUAGES.get(file.rpartition(".")[2], "text") if file else "python"
        if kind != "file":
            text = text.removesuffix("\n")  # which would show as an empty line
        if "setup" in fence.values:
            self.used_setups[len(self.blocks)] = fence.values["setup"]
        self.blocks.append(Box(kind, name, file or f"{name}.py", language, text, line))

    def take_setup(self, name: str, text: str, line: int) -> None:
        if name in self.setups:
            self.tell(line, _("There is set-up code called %(name)s already.") % {"name": name})
            return
        try:
            compile(text, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as fault:
            inner = getattr(fault, "lineno", None) or 0
            self.tell(
                line + inner, _("This set-up code is not Python: %(why)s.") % {"why": getattr(fault, "msg", fault)}
            )
        self.setups[name] = text

    # --- What is known at the end ---

    def give_setups(self) -> None:
        for number, name in self.used_setups.items():
            box = self.blocks[number]
            if isinstance(box, Box) and name in self.setups:
                self.blocks[number] = replace(box, setup=self.setups[name])
            elif isinstance(box, Box):
                self.tell(box.line, _("There is no set-up code called %(name)s on this page.") % {"name": name})
        for name in self.setups.keys() - set(self.used_setups.values()):
            self.tell(0, _("No box uses the set-up code %(name)s.") % {"name": name})

    def check_boxes(self) -> None:
        boxes = [block for block in self.blocks if isinstance(block, Box)]
        if len(boxes) > BOXES_MAX:
            self.tell(
                boxes[BOXES_MAX].line, _("A page has at most %(most)d boxes. Make two of it.") % {"most": BOXES_MAX}
            )
        names: dict[str, int] = {}
        files: dict[str, int] = {}
        for box in boxes:
            if box.name in names:
                self.tell(
                    box.line,
                    _("The box in line %(line)d is called %(name)s already.")
                    % {"line": names[box.name], "name": box.name},
                )
            elif box.file in files:
                self.tell(
                    box.line,
                    _("The box in line %(line)d has the file %(file)s already.")
                    % {"line": files[box.file], "file": box.file},
                )
            names.setdefault(box.name, box.line)
            files.setdefault(box.file, box.line)

    def check_anchors(self) -> None:
        for link in self.prose.links:
            if link.kind == "anchor" and link.target not in self.prose.anchors:
                self.tell(
                    link.line,
                    _("There is no heading on this page that #%(name)s leads to.") % {"name": link.target[:60]},
                )


def line_of(token: Token) -> int:
    return (token.map or [0])[0] + 1


def plain(inline: Token) -> str:
    """The words of a heading."""
    words = "".join(child.content if child.type != "softbreak" else " " for child in inline.children or ())
    return " ".join(words.split())


def slug_of(file: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", file.lower()).strip("-_")[:40] or "file"
